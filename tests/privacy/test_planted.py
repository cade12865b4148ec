"""Planted persons: months run with a failure at every stage at debug level, then every byte written is searched."""

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from minzheng.intake.delimited import decode
from minzheng.simulate import simulate
from tests.intake.roster import csv_bytes, people, table, xlsx_bytes
from tests.privacy.traces import traces, unwrapped

ROOT = Path(__file__).resolve().parents[2]
NAME, REMARK = "暗记", "密语"


def run_with_failures(tmp_path: Path, month: str, said: str, *whole: str) -> Path:
    """Run the faulty process in `tmp_path`; returns the folder under which everything it wrote lies."""
    out = tmp_path / "out"
    for folder in ("home", "tmp", "user"):
        (out / folder).mkdir(parents=True)
    (tmp_path / "said.txt").write_text(said, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DAGSTER", "MINZHENG"))}
    environment |= {"MINZHENG_KEY_FILE": str(tmp_path / "keys" / "key.json"), "TMPDIR": str(out / "tmp")}
    environment |= {"HOME": str(out / "user"), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    arguments = [str(out / "home"), str(tmp_path / "landing"), month, str(tmp_path / "said.txt"), *whole]
    program = [sys.executable, str(ROOT / "tests/privacy/faulty_run.py"), *arguments]
    with (out / "stdout").open("wb") as stdout, (out / "stderr").open("wb") as stderr:
        ended = subprocess.run(program, env=environment, cwd=out, stdout=stdout, stderr=stderr, umask=0, check=False)
    assert ended.returncode == 0, (out / "stderr").read_text()[-2000:]
    return out


def test_no_byte_outside_tells_of_a_person_when_every_stage_fails(tmp_path):
    rows = [row | {"姓名": NAME + row["姓名"], "备注": REMARK + "低保"} for row in people()]
    landing = tmp_path / "landing" / "2024-03"
    landing.mkdir(parents=True)
    headers = list(rows[0])
    broken = [rows[3] | {"身份证号": rows[3]["身份证号"][:-1] + "Y"}, rows[4] | {"出生日期": "不详" + NAME}]
    landing.joinpath("低保.csv").write_bytes(csv_bytes([*rows, *broken], headers=headers))
    landing.joinpath("坏.csv").write_bytes(csv_bytes(rows).replace(b"\r\n", b'"\r\n', 3))
    landing.joinpath("坏.xlsx").write_bytes(xlsx_bytes(table(rows))[:-400])
    said = json.dumps(rows[0], ensure_ascii=False)

    out = run_with_failures(tmp_path, "2024-03", said)

    stderr = (out / "stderr").read_text()
    assert stderr.count("\nminzheng: internal error ConversionException") == 3, "each fault must have come through"
    words = {NAME, REMARK, *(row[key] for row in rows for key in ("身份证号", "银行账号", "户编号", "出生日期"))}
    assert traces(out, words) == []
    assert [path for path in (out / "home").rglob("*") if path.stat().st_mode & 0o077] == []


def test_the_search_finds_what_is_hidden(tmp_path):
    """The search itself: each way of hiding is found."""
    hidden = {
        "a": f"x{NAME}y".encode("utf-16-le"),
        "b": f"x{NAME}y".encode("gb18030"),
        "c": json.dumps(NAME).encode(),
        "d": xlsx_bytes([[NAME]]),
        "e": gzip.compress(NAME.encode()),
    }
    import base64

    hidden |= {f"f{n}": base64.b64encode(b"z" * n + f"姓名{NAME}某".encode()) for n in range(3)}
    for name, content in hidden.items():
        (tmp_path / name).write_bytes(content)
    with duckdb.connect(str(tmp_path / "g")) as connection:
        connection.execute("create table t as select $name as n from range(5000)", {"name": NAME})
    (tmp_path / f"{NAME}.txt").write_bytes(b"")
    found = {line.split(":")[0] for line in traces(tmp_path, {NAME})}
    assert found == {*hidden, "g", f"{NAME}.txt"}
    (tmp_path / "h").write_bytes("x632224195603049019".encode("utf-16"))
    assert traces(tmp_path, {"nowhere"}, {"632224195603049019", "999900000000000000"}) == ["h: number"]


def marked(content: bytes) -> bytes:
    """A simulated file whose people all bear the mark, and whose remarks are filled."""
    if content.startswith(b"PK"):
        import zipfile

        sink = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, _marked_text(part.decode()).encode() if name.endswith("Strings.xml") else part)
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
    return re.sub(r"(?:虚构|示例)(?=[\u4e00-\u9fff])", NAME, text)


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
                numbers |= set(re.findall(r"(?<!\d)(?:\d{17}[\dX]|9{4}\d{15})(?!\d)", content.decode("utf-8-sig")))
    assert len(numbers) > 1000
    out = run_with_failures(tmp_path, "2024-03", f"{NAME} {min(numbers)}", "whole")
    assert (out / "home/published/2024-03/r1/manifest.json").is_file(), (out / "stderr").read_text()[-3000:]
    assert traces(out, {NAME, REMARK}, numbers) == []
    assert_no_pseudonym(out)
    assert not any(path.lstat().st_mode & 0o077 for path in (out / "home").rglob("*") if "published" not in path.parts)


def assert_no_pseudonym(out: Path) -> None:
    """No person, household or account key of the warehouse is in a file of a draft or release."""
    with duckdb.connect(str(out / "home/warehouse/minzheng.duckdb"), read_only=True) as connection:
        query = "select person_key from register.dibao_roll union select household_key from register.dibao_roll"
        keys = {key.encode() for (key,) in connection.execute(query).fetchall() if key}
    assert keys
    for zone in ("drafts", "published", "outbox"):
        for path in (out / "home" / zone).rglob("*"):
            parts = unwrapped(path.read_bytes(), path) if path.is_file() else ()
            assert not any(keys & set(re.findall(rb"[0-9a-f]{32}", part)) for part in parts), path


def test_no_pseudonym_leaves_in_a_release(tmp_path):
    """The columns that are published are those of the contract, and none of them is a key of anybody."""
    from minzheng.publish.frames import SCHEMAS

    for name, schema in SCHEMAS.items():
        assert not [column for column in schema if column.endswith("_key") or column in ("case_id", "evidence")], name
