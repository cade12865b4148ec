"""Which version of the program wrote a home last: an older one must not write into what a newer one made."""

import re
from importlib.metadata import version

from minzheng.custody.home import Home
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError


def refuse_newer(home: Home) -> None:
    """`MinzhengError`, before anything is written, when a newer version wrote this home."""
    known, own = _known(home), version("minzheng")
    if _parts(known) > _parts(own):
        raise MinzhengError(
            f"{home.path} was written by minzheng {known}, this is {own}: install {known} or newer, "
            "or restore a backup from before the upgrade into a new folder",
            f"{home.path} 由 minzheng {known} 写过，本程序是 {own}：请安装 {known} 或更新的版本，"
            "或把升级前的备份恢复到新目录",
        )


def claim(home: Home) -> None:
    """Say in the home that this version writes it."""
    own = version("minzheng")
    if _known(home) != own:
        write_synced(home.version, own.encode())


def _known(home: Home) -> str:
    return home.version.read_text(encoding="ascii").strip() if home.version.is_file() else ""


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))
