"""Lists what a user installs with its licence, from the metadata of the installed packages, as docs/licences.md.

`python sbom/licences.py` writes the page; `--check` fails when the page is not what would be written.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
HEAD = """# Licences of what is installed

Every package of `requirements.lock` with the licence its metadata names. Written by `make licences`; a test keeps it true.
minzheng runs these packages and passes none of them on changed.

| package | version | licence |
|---|---|---|
"""


def locked(path: Path = ROOT / "requirements.lock") -> dict[str, str]:
    """Name and version of each package in a lock file."""
    return dict(
        re.findall(
            r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    )


def licence(package: Distribution) -> str:
    """The licence by SPDX expression, else by classifier, else the first line of the licence field."""
    told = package.metadata
    if told.get("License-Expression"):
        return told["License-Expression"]
    classifiers = [
        one.rsplit(" :: ", 1)[-1]
        for one in told.get_all("Classifier") or []
        if one.startswith("License ::")
    ]
    named = [one for one in classifiers if one != "OSI Approved"]
    field = (told.get("License") or "").strip().split("\n")[0]
    return ", ".join(sorted(named)) or field[:60] or "not stated"


def page() -> str:
    """The page as it should be; packages for other systems, which are not installed here, say so."""
    lines = []
    for name, version in sorted(locked().items(), key=lambda pair: pair[0].lower()):
        try:
            lines.append(f"| {name} | {version} | {licence(distribution(name))} |")
        except PackageNotFoundError:
            lines.append(f"| {name} | {version} | not installed on this system |")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or check it."""
    wanted = page()
    if "--check" in sys.argv:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted
        print(
            "docs/licences.md is true" if same else "docs/licences.md is stale: run make licences"
        )
        return 0 if same else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
