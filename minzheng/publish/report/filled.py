"""What an office writes by hand into a month's report: `report/<month>.toml` in the home. Unknown keys are refused.

A key that is not there is an open place; an empty text is left out on purpose. A draft with open places can be read, but not
approved.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from minzheng.contracts.datasets import Strict
from minzheng.contracts.handwritten import read_toml
from minzheng.contracts.regions import county
from minzheng.contracts.report import report_plan
from minzheng.custody.home import Home
from minzheng.custody.settings import settings
from minzheng.custody.vault import write_synced
from minzheng.publish.report.ministry_form import SIGNERS


class Filled(Strict):
    """What is filled in. `red_head` 版头 and `imprint` 版记 are off where the office's own system prints them."""

    red_head: bool = False
    document_number: str | None = None
    issuer: str | None = None
    contact: str | None = None
    telephone: str | None = None
    reasons: dict[str, str] = {}
    next_steps: dict[str, str] | None = None
    paragraphs: list[str] = []
    imprint: bool = False
    copies_to: str | None = None
    unit_head: str = ""
    statistics_head: str = ""
    compiler: str = ""
    changes: str = ""

    @property
    def signers(self) -> dict[str, str]:
        """Who stands in the foot of the Ministry's forms, by the words there."""
        return dict(
            zip(SIGNERS, (self.unit_head, self.statistics_head, self.compiler), strict=True)
        )


@dataclass(frozen=True)
class Place:
    """A place that an office fills in, and how it is asked for."""

    key: str
    zh: str
    why: str


def filled_file(home: Home, month: str) -> Path:
    """Where it is written."""
    return home.report / f"{month}.toml"


def filled(home: Home, month: str) -> Filled:
    """What is filled in for the month; the contact of the settings stands where the month names none."""
    found = read_toml(filled_file(home, month), Filled)
    own = settings(home).contacts.get(county())
    known = {"contact": own.name, "telephone": own.phone} if own else {}
    return found.model_copy(
        update={key: text for key, text in known.items() if text and getattr(found, key) is None}
    )


def open_places(what: Filled) -> list[Place]:
    """The places that nobody has filled in, in the order of the report."""
    return [place for place in _places(what) if getattr(what, place.key) is None]


def _places(what: Filled) -> Iterator[Place]:
    if what.red_head:
        yield Place("document_number", "发文字号", "如：刚民〔2024〕12号")
        yield Place("issuer", "签发人", "上行文须注明签发人姓名")
    yield Place("next_steps", "下一步工作", "按股室填写，一行一个：股室：内容")
    yield Place("contact", "联系人", "经办人姓名")
    yield Place("telephone", "联系电话", "")
    if what.imprint:
        yield Place("copies_to", "抄送机关", "没有抄送的留空")


def write_filled(home: Home, month: str, answers: dict[str, object]) -> Path:
    """Add answers to the month's file, keeping what is there; the result is read back before it takes its place."""
    path = filled_file(home, month)
    known = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    whole = {**known, **answers}
    Filled.model_validate(whole)
    tables = {key: value for key, value in whole.items() if isinstance(value, dict)}
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in whole.items()
        if key not in tables
    ]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        lines += [
            f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in table.items()
        ]
    path.parent.mkdir(exist_ok=True)
    write_synced(path, ("\n".join(lines) + "\n").encode())
    return path


def by_section(text: str) -> dict[str, str]:
    """`股室：内容` line by line; lines without a section are the office's own."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        section, mark, content = line.partition("：")
        key, said = (section, content) if mark else (report_plan().office, line)
        found[key] = found.get(key, "") + said
    return found
