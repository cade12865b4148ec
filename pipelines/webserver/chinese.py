"""The frame of the UI in Chinese: a table of words and a script that puts them in place of Dagster's, in the reader's browser.

Texts and titles, and on a narrow screen a style; nothing of Dagster's files is changed. `English` at the foot of the window
brings Dagster's own words back.
"""

import json
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from minzheng.contracts.datasets import Strict, dataset, dataset_names, read_yaml
from minzheng.contracts.indicators import registry
from minzheng.contracts.search_words import search_text

HERE = Path(__file__).parent
NAMED, STYLE = "/words.js", "/frame.css"


class Words(Strict):
    """`words.zh.yaml`: whole texts, texts with a part that varies, and the steps of a run."""

    words: dict[str, str]
    patterns: dict[str, str]
    steps: dict[str, str]


@cache
def words() -> Words:
    """The table, once."""
    return Words.model_validate(read_yaml(HERE / "words.zh.yaml"))


def search_words() -> dict[str, tuple[str, str]]:
    """The last part of an asset's key to the Chinese name the search shows, and the words it is found by."""
    tables = {name: dataset(name).title.zh for name in dataset_names()}
    indicators = {code: one.names.zh for code, one in registry().items()}
    return {code: (name, search_text(code, name)) for code, name in (tables | indicators).items()}


@cache
def script() -> str:
    """The script with its tables."""
    table = json.dumps(words().model_dump() | {"found": search_words()}, ensure_ascii=False)
    return (HERE / "words.js").read_text(encoding="utf-8").replace("TABLE", table, 1)


def routes(prefix: str) -> list[Route]:
    """The script and the style for the browser."""
    always = {"Cache-Control": "no-cache"}

    def words_js(_: Request) -> Response:
        return Response(script(), media_type="text/javascript", headers=always)

    def frame_css(_: Request) -> Response:
        return FileResponse(HERE / "frame.css", headers=always)

    return [Route(f"{prefix}{NAMED}", words_js), Route(f"{prefix}{STYLE}", frame_css)]


def in_chinese(page: str, prefix: str) -> str:
    """Dagster's page with the script before its own and the style after; `LookupError` where the page has no place for it."""
    nonce = re.search(r'nonce="(\w+)"', page)
    if nonce is None or page.count("<head>") != 1:
        raise LookupError("the page of this Dagster has no place for the Chinese words")
    style = f'<link rel="stylesheet" href="{prefix}{STYLE}">'
    own = f'<head><script nonce="{nonce[1]}" src="{prefix}{NAMED}"></script>'
    return (
        page.replace("<head>", own)
        .replace("</head>", f"{style}</head>")
        .replace('<html lang="en">', '<html lang="zh-CN">')
    )
