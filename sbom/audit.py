"""Looks up known holes of what users install; red when one is found, and red when it could not look everything up.

pip-audit ends well also when it could ask nobody about a package: a green light that nobody switched on. Here its report
must name every locked package as looked up, else one line says that the audit was not done.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", re.MULTILINE)


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def audited(lock: Path, service: str) -> tuple[set[str], list[str]]:
    """Packages of the lock that nobody could be asked about, and the holes found in the others."""
    tool = [
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
    ]
    asked = [
        *tool,
        "--format",
        "json",
        "--vulnerability-service",
        service,
        "--timeout",
        "10",
        "-r",
        str(lock),
    ]
    made = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        told = json.loads(made.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        told = []
    known = {canonical(one["name"]) for one in told if "vulns" in one}
    holes = []
    for one in told:
        holes += [
            f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}"
            for hole in one.get("vulns", [])
        ]
    wanted = {canonical(name) for name, _ in PIN.findall(lock.read_text(encoding="utf-8"))}
    return wanted - known, holes


def main() -> int:
    """0 when every package was looked up and none has a known hole, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi")
    asked = parser.parse_args()
    unknown, holes = audited(asked.lock, asked.service)
    for hole in holes:
        print(hole)
    if unknown:
        some = ", ".join(sorted(unknown)[:3])
        print(
            f"audit: NOT DONE: {len(unknown)} packages could not be looked up ({some}{', ...' if len(unknown) > 3 else ''});"
            " their holes are unknown, not absent",
            file=sys.stderr,
        )
    elif not holes:
        print("audit: every package was looked up, no known hole")
    return 1 if unknown or holes else 0


if __name__ == "__main__":
    sys.exit(main())
