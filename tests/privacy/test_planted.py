"""Planted persons: months run with a failure at every stage at debug level, then every byte written is searched."""

import base64
import contextlib
import csv
import gzip
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
import zlib
from pathlib import Path

import duckdb
import polars as pl
import pyarrow
import pytest

from minzheng.id_number import check_id_number
from minzheng.intake.delimited import decode
from simulation import simulate
from tests.deploy.servers import free_port, ready
from tests.intake.roster import csv_bytes, id_number, people, table, xlsx_bytes, zip_bytes
from tests.privacy.traces import dresses, traces, unwrapped

ROOT = Path(__file__).resolve().parents[2]
NAME, REMARK = (
    "暗中记号",
    "隐秘的话",
)  # of two characters chance alone would make some of the bytes of a large file


def run_with_failures(tmp_path: Path, month: str, said: str, *whole: str) -> Path:
    """Run the faulty process in `tmp_path`; returns the folder under which everything it wrote lies."""
    out = tmp_path / "out"
    for folder in ("home", "tmp", "user"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "said.txt").write_text(said, encoding="utf-8")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DAGSTER", "MINZHENG"))
    }
    environment |= {
        "MINZHENG_KEY_FILE": str(tmp_path / "keys" / "key.json"),
        "TMPDIR": str(out / "tmp"),
    }
    environment |= {
        "HOME": str(out / "user"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    arguments = [
        str(out / "home"),
        str(tmp_path / "landing"),
        month,
        str(tmp_path / "said.txt"),
        *whole,
    ]
    program = [sys.executable, str(ROOT / "tests/privacy/faulty_run.py"), *arguments]
    with (out / "stdout").open("ab") as stdout, (out / "stderr").open("ab") as stderr:
        ended = subprocess.run(
            program, env=environment, cwd=out, stdout=stdout, stderr=stderr, umask=0, check=False
        )
    assert ended.returncode == 0, (out / "stderr").read_text()[-2000:]
    return out


def test_no_byte_outside_tells_of_a_person_when_every_stage_fails(tmp_path):
    rows = [row | {"姓名": NAME + row["姓名"], "备注": REMARK + "低保"} for row in people()]
    landing = tmp_path / "landing" / "2024-03"
    landing.mkdir(parents=True)
    headers = list(rows[0])
    broken = [
        rows[3] | {"身份证号": rows[3]["身份证号"][:-1] + "Y"},
        rows[4] | {"出生日期": "不详" + NAME},
    ]
    landing.joinpath("低保.csv").write_bytes(csv_bytes([*rows, *broken], headers=headers))
    landing.joinpath("坏.csv").write_bytes(csv_bytes(rows).replace(b"\r\n", b'"\r\n', 3))
    landing.joinpath("坏.xlsx").write_bytes(xlsx_bytes(table(rows))[:-400])
    said = json.dumps(rows[0], ensure_ascii=False)

    out = run_with_failures(tmp_path, "2024-03", said)

    stderr = (out / "stderr").read_text()
    assert stderr.count("\nminzheng: internal error ConversionException") == 3, (
        "each fault must have come through"
    )
    words = {
        NAME,
        REMARK,
        *(row[key] for row in rows for key in ("身份证号", "银行账号", "户编号", "出生日期")),
    }
    assert traces(out, words) == []
    assert [path for path in (out / "home").rglob("*") if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("word", [NAME, id_number("19560304", 901)])
def test_the_search_finds_each_way_of_writing_a_word(tmp_path, word):
    for way, told in dresses(word).items():
        for number, form in enumerate(
            one for one in told if len(one) >= 6
        ):  # shorter ones are found decoded, below
            (tmp_path / f"{way} {number}").write_bytes(b"x\0" + form + b"\0y")
            (tmp_path / f"{way} {number} upper").write_bytes(
                form.upper() if way in ("hex", "url") else form
            )
    another = id_number("19560304", 902)
    (tmp_path / "nothing").write_bytes(f"另一个人 {another} &#26263; %E6%9A%97".encode())
    found = {line.split(":")[0] for line in traces(tmp_path, {word})}
    assert {path.name for path in tmp_path.iterdir()} - found == {"nothing"}


def test_the_search_finds_what_is_hidden(tmp_path):
    """The search itself: each way of packing is undone."""
    text = f"编号 x{NAME}y".encode()
    hidden = {
        "workbook": xlsx_bytes([[NAME]]),
        "archive in an archive": zip_bytes({"a.zip": zip_bytes({"b.txt": text})}),
        "gzip": gzip.compress(text),
        "zlib": zlib.compress(text),
        "zstd": pyarrow.compress(text, codec="zstd", asbytes=True),
        "pdf": b"%PDF-1.7\nstream\n" + zlib.compress(text) + b"\nendstream",
        "mail": base64.encodebytes(b"z" * 50 + text),
        "gzip in base64": b"x " + base64.b64encode(gzip.compress(text)),
    }
    codes = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
    said = f"编号的后面是{NAME}而不是别的"
    hidden |= {
        f"base64 {code} {n}": base64.b64encode(b"z" * n + said.encode(code))
        for n in range(3)
        for code in codes
    }
    for name, content in hidden.items():
        (tmp_path / name).write_bytes(content)
    with duckdb.connect(str(tmp_path / "duckdb")) as connection:
        connection.execute("create table t as select $name as n from range(5000)", {"name": NAME})
    with contextlib.closing(sqlite3.connect(tmp_path / "sqlite")) as connection:
        connection.execute("create table t (x)")
        connection.executemany(
            "insert into t values (?)", [("一" * n + NAME,) for n in range(1330, 1400)]
        )
        connection.commit()
    pl.DataFrame({"x": [NAME]}).write_parquet(tmp_path / "parquet")
    (tmp_path / f"{NAME}.txt").write_bytes(b"")
    found = {line.split(":")[0] for line in traces(tmp_path, {NAME})}
    assert found == {*hidden, "duckdb", "sqlite", "parquet", f"{NAME}.txt"}
    number = id_number("19560304", 901)
    (tmp_path / "h").write_bytes(f"x{number}".encode("utf-16"))
    assert traces(tmp_path, {"nowhere"}, {number, "999900000000000000"}) == ["h: number"]


def marked(content: bytes) -> bytes:
    """A simulated file whose people all bear the mark, and whose remarks are filled."""
    if content.startswith(b"PK"):
        import zipfile

        sink = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for name in old.namelist():
                part = old.read(name)
                new.writestr(
                    name,
                    _marked_text(part.decode()).encode() if name.endswith("Strings.xml") else part,
                )
        return sink.getvalue()
    text, _ = decode(content)
    rows = list(csv.reader(io.StringIO(_marked_text(text))))
    place = next((row.index("备注") for row in rows if "备注" in row), None)
    for row in rows:
        if (
            place is not None
            and len(row) > place
            and re.fullmatch(r"[1-8]\d{16}[\dX]", row[place - 1] if place else "")
        ):
            row[place] = REMARK
    sink = io.StringIO()
    csv.writer(sink).writerows(rows)
    return sink.getvalue().encode("utf-8-sig")


def _marked_text(text: str) -> str:
    """Every person's name marked; the one organisation called so keeps its name, for it is no person."""
    return re.sub(r"(?:虚构|示例)(?!评估所)(?=[\u4e00-\u9fff])", NAME, text)


@pytest.mark.nightly
def test_no_byte_outside_tells_of_anyone_in_any_dataset_after_a_whole_month(tmp_path):
    simulate(tmp_path / "plain", "2024-03", "2024-03", 11, "county", "usual")
    landing, numbers = tmp_path / "landing", set()
    for path in sorted((tmp_path / "plain").rglob("*")):
        if path.is_file() and "truth" not in path.parts:
            target = landing / path.relative_to(tmp_path / "plain")
            target.parent.mkdir(parents=True, exist_ok=True)
            content = marked(path.read_bytes())
            target.write_bytes(content)
            if not content.startswith(b"PK"):
                numbers |= set(
                    re.findall(
                        r"(?<!\d)(?:\d{17}[\dX]|9{4}\d{15})(?!\d)", content.decode("utf-8-sig")
                    )
                )
    numbers = {
        number for number in numbers if len(set(number)) > 1
    }  # 000000000000000000 is nobody's
    assert len(numbers) > 1000
    valid = pl.Series(sorted(numbers)).filter(check_id_number(pl.Series(sorted(numbers)))["valid"])[
        0
    ]
    out = run_with_failures(tmp_path, "2024-03", f"{NAME} {valid}", "whole")
    look_around(out, tmp_path / "keys" / "key.json")
    stderr = (out / "stderr").read_text()
    assert (out / "home/published/2024-03/r1/bureau/manifest.json").is_file(), stderr[-3000:]
    assert (out / "home/outbox/f.xlsx").is_file(), stderr[-3000:]
    assert len(list((out / "backups").iterdir())) == 1
    assert_no_pseudonym(out)
    run_with_failures(tmp_path, "2024-03", f"{NAME} {valid}", "rotate")
    assert len(list((tmp_path / "keys").glob("*retired*"))) == 1
    assert traces(out, {NAME, REMARK}, numbers) == []
    assert not list(out.rglob("core*"))
    inside = [
        path
        for path in (out / "home").rglob("*")
        if "published" not in path.parts and not path.is_symlink()
    ]
    assert [path.relative_to(out) for path in inside if path.stat().st_mode & 0o077] == []


ASKED = """{ assetNodes { assetMaterializations(limit: 100) { metadataEntries { label description ...on TextMetadataEntry { text }
 ...on MarkdownMetadataEntry { mdStr } ...on JsonMetadataEntry { jsonString } } } }
 runsOrError { ...on Runs { results { runId tags { key value } eventConnection { events { __typename ...on MessageEvent { message }
 ...on ErrorEvent { error { message stack } } } } } } } }"""


def look_around(out: Path, key: Path) -> None:
    """Open the control room at debug level and keep all it shows of assets and runs."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "pipelines.webserver",
        "-m",
        "pipelines.definitions",
        "-d",
        str(ROOT),
    ]
    command += [
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "--dagster-log-level",
        "debug",
        "--uvicorn-log-level",
        "debug",
    ]
    named = {
        "MINZHENG_HOME": out / "home",
        "DAGSTER_HOME": out / "home/dagster",
        "MINZHENG_KEY_FILE": key,
    }
    environment = (
        os.environ | {"PYTHONPATH": str(ROOT)} | {name: str(path) for name, path in named.items()}
    )
    with (out / "ui.log").open("wb") as log:
        web = subprocess.Popen(
            command, env=environment, cwd=out, stdout=log, stderr=log, start_new_session=True
        )
        try:
            ready(port, web)
            body = json.dumps({"query": ASKED}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body)
            request.add_header("Content-Type", "application/json")
            with urllib.request.urlopen(request, timeout=300) as answer:
                shown = answer.read()
        finally:
            os.killpg(web.pid, signal.SIGTERM)
            web.wait()
    assert "程序内部错误(ConversionException" in json.dumps(
        json.loads(shown), ensure_ascii=False
    ), shown[:500]
    (out / "ui.json").write_bytes(shown)


def assert_no_pseudonym(out: Path) -> None:
    """No person, household or account key of the warehouse is in a file of a draft or release."""
    with duckdb.connect(str(out / "home/warehouse/minzheng.duckdb"), read_only=True) as connection:
        query = (
            "select person_key from raw.dibao_roll union select household_key from raw.dibao_roll"
        )
        keys = {key.encode() for (key,) in connection.execute(query).fetchall() if key}
    assert keys
    for zone in ("drafts", "published", "outbox"):
        for path in (out / "home" / zone).rglob("*"):
            parts = unwrapped(path.read_bytes(), path) if path.is_file() else ()
            assert not any(keys & set(re.findall(rb"[0-9a-f]{32}", part)) for part in parts), path


def test_no_pseudonym_leaves_in_a_release(tmp_path):
    """The columns that are published are those of the contract, and none of them is a key of anybody."""
    from minzheng.disclosure.frames import SCHEMAS

    for name, schema in SCHEMAS.items():
        told = (
            {"evidence"} if name == "tasks" else set()
        )  # a document's number there, words about a person elsewhere
        assert not [
            c for c in schema if c.endswith("_key") or c in {"case_id", "evidence"} - told
        ], name
