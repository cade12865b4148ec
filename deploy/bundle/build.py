"""Make a release: the wheel, and a bundle that installs where there is no network (`make release`).

The bundle is a folder packed as one tar: the wheels of the lock for each Python at hand, the lock with every hash, the
installer, the changelog, and SHA256SUMS over all of it, signed with the releaser's key (`signing.pem` beside the key file).
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from minzheng.contracts.paths import ROOT
from minzheng.publish.release.manifest import signing_key

HERE = Path(__file__).resolve().parent
PYTHONS = ("python3.11", "python3.13")
"""Those of Debian 12 and 13."""


def build_wheel(to: Path) -> Path:
    """The project's wheel, built from a copy so that the checkout stays clean."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        ignored = shutil.ignore_patterns(
            ".*", "home", "build", "dist", "*.egg-info", "tests", "docs"
        )
        shutil.copytree(ROOT, source, ignore=ignored, symlinks=True)
        _pip(
            sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", to, source
        )
    return next(to.glob(f"minzheng-{version('minzheng')}-*.whl"))


def gather_wheels(to: Path, pythons: Sequence[str]) -> None:
    """The wheels of the lock for each interpreter; what no index offers as a wheel is an error."""
    for python in pythons:
        _pip(
            python, "download", "--no-deps", "--require-hashes", "--only-binary=:all:",
            "--dest", to, "--requirement", ROOT / "requirements.lock",
        )  # fmt: skip


def _pip(python: str, *arguments: object) -> None:
    command = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, arguments)]
    subprocess.run(command, check=True)


def assemble(folder: Path, wheel: Path) -> None:
    """Put lock, installer and changelog beside the wheels in `folder/wheels`, list and sign every file."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    shutil.copy(wheel, wheels)
    shutil.copy(HERE / "install.sh", folder)
    shutil.copy(ROOT / "CHANGELOG.md", folder)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    own = f"minzheng=={version('minzheng')} --hash=sha256:{_sha256(wheel)}\n"
    (folder / "requirements.txt").write_text(lock + own, encoding="utf-8")
    sign(folder)


def sign(folder: Path) -> None:
    """Write SHA256SUMS over every file of the folder, and its Ed25519 signature."""
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("SHA256SUMS")
    )
    sums = "".join(f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    (folder / "SHA256SUMS.sig").write_bytes(signing_key().sign(sums.encode()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, to: Path) -> Path:
    """The folder as one tar; the wheels are compressed already."""
    path = to / f"{folder.name}.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, arcname=folder.name)
    return path


def main() -> None:
    """`python -m deploy.bundle.build --to dist [--python python3.11 ...]`."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--to", type=Path, default=ROOT / "dist")
    options.add_argument("--python", action="append", help="an interpreter to gather wheels for")
    given = options.parse_args()
    pythons = given.python or [name for name in PYTHONS if shutil.which(name)] or [sys.executable]
    wheel = build_wheel(given.to)
    folder = given.to / f"minzheng-{version('minzheng')}-offline"
    shutil.rmtree(folder, ignore_errors=True)
    gather_wheels(folder / "wheels", pythons)
    assemble(folder, wheel)
    public = (
        signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (given.to / "release.pub").write_bytes(public)
    print(wheel, pack(folder, given.to), f"for {', '.join(pythons)}", sep="\n")


if __name__ == "__main__":
    main()
