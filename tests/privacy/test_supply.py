"""What is installed: locked by hash without addresses, listed with licences, audited or said not to be."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]


def pins(lock: Path) -> dict[str, str]:
    """Package to version, as locked."""
    return dict(
        re.findall(
            r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE
        )
    )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash_and_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(
        r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^-e |@ file:",
        text,
        re.MULTILINE,
    )
    blocks = re.split(
        r"\n(?=\S)",
        "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")),
    )
    packages = [block for block in blocks if block.strip()]
    assert len(packages) > 50
    for block in packages:
        assert re.match(r"[A-Za-z0-9_.\[\]-]+==\S+", block.strip()), block
        assert "--hash=sha256:" in block, block.split("==")[0]


def test_the_tests_lock_agrees_with_the_users_lock():
    users, tests = map(pins, LOCKS)
    assert {name: tests.get(name) for name in users} == users


def test_make_installs_by_hash_only():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "$(PIP) install" in line]
    assert installs
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line, line


def test_the_list_of_licences_is_true():
    made = subprocess.run(
        [sys.executable, ROOT / "sbom/licences.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout


def test_the_bill_of_materials_names_every_locked_package_with_its_hash(tmp_path):
    tool = Path(sys.executable).with_name("cyclonedx-py")
    if not tool.exists():
        pytest.skip("cyclonedx-bom is not installed: make sbom installs it")
    out = tmp_path / "bom.json"
    command = [tool, "requirements", "--output-reproducible", "-o", out, LOCKS[0]]
    subprocess.run(command, check=True, capture_output=True)
    listed = {one["name"].lower(): one for one in json.loads(out.read_text())["components"]}
    locked = pins(LOCKS[0])
    assert {name.lower() for name in locked} == set(listed)
    assert all(listed[name.lower()]["version"] == version for name, version in locked.items())
    assert all("hashes" in str(one) for one in listed.values())


def test_an_audit_that_cannot_look_is_red():
    """With a real unreachable index nothing can be looked up: one clear line, and not 0."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^audit:.*\n\t@\$\(BIN\)/python sbom/audit.py$", text, re.MULTILINE)
    pytest.importorskip("pip_audit", reason="pip-audit is not installed: make test installs it")
    nowhere = os.environ | {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    made = subprocess.run(
        [sys.executable, ROOT / "sbom/audit.py"],
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stdout) == (1, "")
    (line,) = made.stderr.splitlines()
    assert line.startswith(
        f"audit: NOT DONE: {len(pins(LOCKS[0]))} packages could not be looked up (alembic, "
    )


@pytest.mark.parametrize(
    ("told", "status", "said"),
    [
        ([{"name": "Click", "version": "8", "vulns": []}], 0, "every package was looked up"),
        ([{"name": "click", "version": "8", "vulns": [{"id": "CVE-1", "fix_versions": ["9"]}]}], 1, "CVE-1, mended in 9"),
        ([{"name": "click", "skip_reason": "not found"}], 1, "NOT DONE: 1 packages could not be looked up (click)"),
        ([], 1, "NOT DONE"),
        (None, 1, "NOT DONE"),
    ],
    ids=["nothing found", "a hole", "skipped", "not named", "no report"],
)  # fmt: skip
def test_an_audit_is_green_only_when_every_package_was_looked_up(
    tmp_path, monkeypatch, capsys, told, status, said
):
    from sbom import audit

    lock = tmp_path / "one.lock"
    lock.write_text("click==8 \\\n    --hash=sha256:0\n")
    report = "" if told is None else json.dumps({"dependencies": told})
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, report, "")
    )
    monkeypatch.setattr(sys, "argv", ["audit", "--lock", str(lock)])
    assert audit.main() == status
    shown = capsys.readouterr()
    assert said in shown.out + shown.err
