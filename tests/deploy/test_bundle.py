"""The wheel works outside the checkout; the offline bundle installs without a network, and not at all when a byte differs."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.bundle import build
from minzheng.contracts.paths import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build.build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def signed(monkeypatch, tmp_path):
    """A releaser's key of the test's own."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))


def outside(wheel, tmp_path, code, **more):
    """Run code on the unpacked wheel, in an empty directory, where the checkout is not on the path."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    work = tmp_path / "elsewhere"
    work.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(tmp_path), **more}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_wheel_reads_its_own_contracts_and_models_and_takes_a_file_in(wheel, tmp_path):
    code = """
import sys, pathlib
import minzheng.contracts.paths as paths
assert 'shipped' in str(paths.CONTRACTS), paths.CONTRACTS
from simulation import simulate
simulate(pathlib.Path('home/landing'), '2024-03', '2024-03', 7)
from minzheng.cli import main
for words in (['template', '--all', '--to', '表样'], ['intake'], ['status', '--month', '2024-03']):
    sys.argv = ['minzheng', *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, (words, end.code)
"""
    told = outside(wheel, tmp_path, code, MINZHENG_KEY_FILE=str(tmp_path / "key.json"))
    assert told.returncode == 0, told.stderr[-2000:]
    assert len(list((tmp_path / "elsewhere" / "表样").glob("*.xlsx"))) == 23
    assert "2024年3月：应报83份，已报83份" in told.stdout


def test_the_wheel_holds_every_contract_model_and_page_template(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "contracts", "sql", "minzheng", "assets", "quality"], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()  # fmt: skip
    shipped = [
        f"minzheng/shipped/{name}" if name.startswith(("contracts/", "sql/")) else name
        for name in tracked
    ]
    assert [name for name in shipped if name not in names] == []


@pytest.fixture
def bundle(wheel, tmp_path, signed):
    """A bundle without the libraries' wheels: enough to see what the installer refuses."""
    folder = tmp_path / "bundle"
    build.assemble(folder, wheel)
    return folder


def install(folder, target, **more):
    return subprocess.run(
        ["sh", str(folder / "install.sh"), str(target)],
        env={**os.environ, **more}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["requirements.txt", "install.sh", "CHANGELOG.md", "wheels"])
def test_a_bundle_with_a_changed_byte_is_refused_before_anything_is_installed(
    bundle, tmp_path, name
):
    path = next((bundle / name).iterdir()) if name == "wheels" else bundle / name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    told = install(bundle, tmp_path / "there")
    assert told.returncode == 1, told
    assert "安装包有损坏或被改动" in told.stderr
    assert not (tmp_path / "there").exists()


def test_a_bundle_with_a_file_nobody_listed_is_refused(bundle, tmp_path):
    (bundle / "wheels" / "evil-1.0-py3-none-any.whl").write_bytes(b"x")
    assert "未列入清单" in install(bundle, tmp_path / "there").stderr


def test_a_bundle_signed_by_another_is_refused(bundle, tmp_path):
    other = tmp_path / "other.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", other],
        check=True,
        capture_output=True,
    )
    public = tmp_path / "other.pub"
    subprocess.run(
        ["openssl", "pkey", "-in", other, "-pubout", "-out", public],
        check=True,
        capture_output=True,
    )
    told = install(bundle, tmp_path / "there", MINZHENG_RELEASE_KEY=str(public))
    assert "签名与" in told.stderr
    assert not (tmp_path / "there").exists()


def test_a_folder_that_is_there_is_not_touched(bundle, tmp_path):
    (tmp_path / "there").mkdir()
    told = install(bundle, tmp_path / "there")
    assert (told.returncode, "已存在" in told.stderr) == (1, True)
    assert list((tmp_path / "there").iterdir()) == []


def test_a_bundle_without_the_libraries_leaves_nothing_behind(bundle, tmp_path):
    told = install(bundle, tmp_path / "there", PYTHON=sys.executable)
    assert "没有适用于" in told.stderr
    assert not (tmp_path / "there").exists()


@pytest.mark.nightly
@pytest.mark.parametrize("python", build.PYTHONS)
def test_the_bundle_installs_and_runs_the_demo_where_there_is_no_network(
    wheel, tmp_path, signed, python
):
    if (
        not shutil.which(python)
        or subprocess.run([python, "-c", ""], capture_output=True).returncode
    ):
        pytest.skip(f"{python} is not at hand; its lock is the same (requirements.lock)")
    folder = tmp_path / "bundle"
    build.gather_wheels(folder / "wheels", [python])
    build.assemble(folder, wheel)
    shutil.copy(Path(__file__).with_name("demo_offline.sh"), tmp_path)
    told = subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", str(tmp_path / "demo_offline.sh"), str(folder), str(tmp_path)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHON": python},
        capture_output=True, text=True, timeout=1800, cwd=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    assert "index.html" in told.stdout
