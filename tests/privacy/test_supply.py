"""What is installed: locked by hash without addresses, listed with licences, audited or said not to be."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash_and_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^-e |@ file:", text, re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    packages = [block for block in blocks if block.strip()]
    assert len(packages) > 50
    for block in packages:
        assert re.match(r"[A-Za-z0-9_.\[\]-]+==\S+", block.strip()), block
        assert "--hash=sha256:" in block, block.split("==")[0]


def test_the_tests_lock_agrees_with_the_users_lock():
    pins = [dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS]
    assert {name: pins[1].get(name) for name in pins[0]} == pins[0]


def test_make_installs_by_hash_only():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "$(PIP) install" in line]
    assert installs
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line, line


def test_the_list_of_licences_is_true():
    made = subprocess.run(
        [sys.executable, ROOT / "sbom/licences.py", "--check"], capture_output=True, text=True, check=False
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
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", LOCKS[0].read_text(), re.MULTILINE))
    assert {name.lower() for name in pins} == set(listed)
    assert all(listed[name.lower()]["version"] == version for name, version in pins.items())
    assert all("hashes" in str(one) for one in listed.values())


def test_an_audit_that_cannot_look_is_red(tmp_path):
    """Without a network nothing can be looked up: the audit must fail, not pass."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"pip-audit --strict --require-hashes", text)
    assert not re.search(r"pip-audit[^\n]*\|\|", text)
    tool = Path(sys.executable).with_name("pip-audit")
    if not tool.exists() or subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs pip-audit and unshare -rn")
    one = tmp_path / "one.txt"
    one.write_text(re.search(r"^click==.*?(?=^\S|\Z)", LOCKS[0].read_text(), re.MULTILINE | re.DOTALL)[0])
    command = [
        "unshare",
        "-rn",
        tool,
        "--strict",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "-r",
        one,
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
