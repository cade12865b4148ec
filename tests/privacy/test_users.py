"""Another user of the same machine: every file of a home, of the keys and of a backup is out of their reach."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from minzheng.custody.home import Home
from tests.intake.roster import csv_bytes, people

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
TRY = """
cd /
for path in "$@"; do
    if [ -d "$path" ]; then ls "$path" >/dev/null 2>&1 && echo "listed $path"; else cat "$path" >/dev/null 2>&1 && echo "read $path"; fi
    touch "$path" 2>/dev/null && echo "touched $path"
done
exit 0
"""
needs_root = pytest.mark.skipif(
    os.getuid() != 0 and not os.environ.get("CI"), reason="only root can become another user"
)


def reached_by_another(paths: list[Path]) -> list[str]:
    """What the user nobody can list, read or write of the paths."""
    other = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "sh",
        "-c",
        TRY,
        "try",
    ]
    made = subprocess.run([*other, *map(str, paths)], capture_output=True, text=True, check=True)
    return made.stdout.splitlines()


@pytest.fixture
def open_folder():
    """A folder that everybody may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="users-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@needs_root
@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_another_user_reaches_nothing_whatever_the_umask(open_folder, mask):
    home = Home(open_folder / "home")
    (open_folder / "landing").mkdir()
    (open_folder / "landing" / "低保.csv").write_bytes(csv_bytes(people()))
    names = {
        "MINZHENG_HOME": home.path,
        "MINZHENG_KEY_FILE": open_folder / "keys" / "key.json",
        "PYTHONPATH": ROOT,
    }
    environment = os.environ | {name: str(value) for name, value in names.items()}
    for arguments in (
        ["intake", "--landing", str(open_folder / "landing")],
        ["backup", "--to", str(open_folder / "b")],
    ):
        program = [sys.executable, "-c", "from minzheng.cli import main; main()", *arguments]
        made = subprocess.run(
            program, env=environment, umask=mask, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
    made = [
        path
        for top in ("home", "keys", "b")
        for path in [open_folder / top, *(open_folder / top).rglob("*")]
    ]
    assert len([path for path in made if path.is_file()]) > 10
    assert reached_by_another(made) == []
    assert reached_by_another([open_folder]) == [f"listed {open_folder}"], (
        "the other user can look at all"
    )
