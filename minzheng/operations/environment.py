"""What the home runs on: program, machine, folders, key, fonts, mail; and what about it wants a hand."""

import datetime as dt
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.custody.keys import default_key_file
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.settings import settings
from minzheng.publish.glyphs import drawable
from minzheng.publish.report.pictures import chinese_face
from minzheng.warehouse.connection import half_of_the_machine

LIBRARIES = ("dagster", "duckdb", "polars")
LITTLE_ROOM = 2 << 30
"""Bytes free below which a month of a county may not find room to work."""
TIBETAN_LETTER = "ཀ"


@dataclass(frozen=True)
class Fact:
    """One thing about the environment: its name in both languages, what it is, and advice where it wants a hand."""

    zh: str
    en: str
    value: str
    advice: str = ""

    def line(self) -> str:
        """The line for a person."""
        return f"{self.zh} {self.en}：{self.value}{'；注意：' + self.advice if self.advice else ''}"


def environment(home: Home) -> Iterator[Fact]:
    """Each thing that the home's work rests on, as it is now; nothing is written and nobody is connected to."""
    libraries = "、".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = ".".join(map(str, sys.version_info[:3]))
    yield Fact("程序", "program", f"minzheng {version('minzheng')}，Python {python}，{libraries}")
    bound = settings(home).warehouse
    yield Fact(
        "处理器和内存",
        "processor, memory",
        f"{bound.threads or os.cpu_count()}核，数据仓库最多占用{bound.memory or half_of_the_machine()}",
    )
    yield _room("数据目录", "home", home.path)
    yield _room("临时目录", "temporary files", Path(tempfile.gettempdir()))
    yield _key(default_key_file().expanduser())
    yield Fact("北京时间", "clock", f"{dt.datetime.now(SHANGHAI):%Y-%m-%d %H:%M}")
    yield _font(
        "中文字体", "Chinese font", chinese_face, "fonts-noto-cjk", "不生成 report.pdf 及其图片"
    )
    yield _font("藏文字体", "Tibetan font", _tibetan, "fonts-noto-core", "藏文姓名印作编码")
    mail = settings(home).mail
    yield Fact("邮件", "mail", f"{mail.host}:{mail.port}" if mail else "未设置，不发邮件")


def _room(zh: str, en: str, folder: Path) -> Fact:
    free = shutil.disk_usage(folder).free
    advice = "剩余空间不足，先腾出空间" if free < LITTLE_ROOM else ""
    return Fact(zh, en, f"{folder}，剩余{free / (1 << 30):.1f} GB", advice)


def _key(path: Path) -> Fact:
    if not path.is_file():
        advice = "从保险柜的备份放回，或用 MINZHENG_KEY_FILE 指明"
        return Fact("密钥", "key", f"{path}，不存在", advice)
    others = path.stat().st_mode & 0o077
    advice = f"本用户以外的人可读，运行 chmod 600 {path}" if others else ""
    return Fact("密钥", "key", str(path), advice)


def _font(zh: str, en: str, face: Callable[[], str | None], package: str, without: str) -> Fact:
    found = face()
    advice = "" if found else f"{without}，请安装 Debian 软件包 {package}"
    return Fact(zh, en, found or "未找到", advice)


def _tibetan() -> str | None:
    _, lacking = drawable(TIBETAN_LETTER)
    return None if lacking else "有"
