"""Which files an office makes of a month's records, in which form, and when they arrive; and the writing of them."""

import datetime as dt
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import counties, county, region_names, townships
from minzheng.months import add_months
from simulation import forms, identity

SHANGHAI = ZoneInfo("Asia/Shanghai")
TOWNSHIP_FILES = (
    "dibao_roll",
    "elder_roll",
    "lowinc_register",
    "community_care",
    "comprehensive_return",
)
NO_MONTH = ("death_list", "asset_hit", "policy_param", "population", "region")
COUNTY_SCOPE = (*NO_MONTH, "cpi_series")


@dataclass
class Filing:
    """One file: where it goes, its rows, how it looks and when it comes. `content` replaces the bytes (planted faults)."""

    path: str
    rows: pl.DataFrame
    style: forms.Style
    townships: tuple[str, ...]
    scope: str
    received: dt.datetime
    refused: bool = False
    content: bytes | None = None
    reason: str | None = None
    places: dict[int, int] = field(default_factory=dict)


def draw(*parts: object) -> int:
    """A number from 0 to 9999 that depends on the parts only."""
    return (
        int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "big")
        % 10_000
    )


def _style(name: str, month: str, place: str, cells: int, seed: int, scale: str) -> forms.Style:
    """The look of a file by chance, with some fixed so that every form occurs each month."""
    chance = draw(seed, name, month, place)
    workbook = (
        scale == "county"
        and cells < 6_000
        and (chance % 10 < 5 or name in ("care_facility", "tekun_roll", "temp_aid"))
    )
    form = "zip" if name == "monitored_household" else "xlsx" if workbook else "csv"
    encoding = None if workbook else ("utf-8", "utf-8-sig", "gb18030")[chance // 10 % 3]
    encoding = {"pwd_card": "utf-8", "payment_ledger": "utf-8-sig", "application": "gb18030"}.get(
        name, encoding
    )
    if name in ("application", "pwd_card"):
        form = "csv"
    titled = name not in ("pwd_card", "application", "cpi_series") or chance % 3 == 0
    return forms.Style(
        dataset=name, month=month, place=place, form=form, encoding=encoding or "utf-8", title=titled,
        unit_row=name not in COUNTY_SCOPE, footer=form == "xlsx", totals=form == "xlsx" or chance % 5 == 0,
        month_style=chance % 3, date_style=chance // 3 % 3, synonyms=chance // 7 % 2 == 0, broken_headers=chance // 11 % 2 == 0,
        reordered=chance // 13 % 4 == 0 and name not in NO_MONTH, two_row_header=name == "pwd_roll" and form == "xlsx",
        absent=frozenset({"remark"} if chance % 6 == 0 and dataset(name).column("remark") else ()),
    )  # fmt: skip


def receipt(seed: int, name: str, month: str, place: str, *, late: bool = False) -> dt.datetime:
    """Most files come between the 2nd and the 14th of the next month in office hours; late ones from the 16th to the 26th."""
    chance = draw(seed, "receipt", name, month, place)
    late = late or chance % 100 < 4
    after = add_months(month, 1)
    day = 16 + chance % 11 if late else 2 + chance % 13
    return dt.datetime(
        int(after[:4]),
        int(after[5:7]),
        day,
        9 + chance % 8,
        chance % 60,
        chance % 59,
        tzinfo=SHANGHAI,
    )


def _file_name(name: str, month: str, place: str, form: str, seed: int) -> str:
    title, number = dataset(name).title.zh, draw(seed, "name", name, month, place)
    title = title.split("(")[0].split("(")[0]
    words = (
        f"{title}_{place}_{month}",
        f"{place}{title}{int(month[:4])}.{int(month[5:7])}",
        f"{month.replace('-', '')}{title}-{place}",
    )[number % 3]
    return f"{month}/{words}.{form}"


def plan(name: str, month: str, frame: pl.DataFrame, seed: int, scale: str) -> list[Filing]:
    """The files of one dataset and month: of each county those that it sends; of prices one that speaks for all."""
    if name == "cpi_series":
        whole = region_names()[county()]
        style = _style(name, month, whole, len(frame) * len(frame.columns), seed, scale)
        path = _file_name(name, month, whole, style.form, seed)
        came = receipt(seed, name, month, whole)
        return [Filing(path, frame, style, tuple(counties()), "county", came)]
    own = (_plan(name, month, rows, seed, scale, code) for code, rows in _of_counties(name, frame))
    return list(chain.from_iterable(own))


def _of_counties(name: str, frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each county with its rows; who died or was checked is told by any of them, and of several each has standards of its own."""
    for place, code in enumerate(counties()):
        if name in ("death_list", "asset_hit"):
            yield code, frame.filter(pl.col("uid") % len(counties()) == place)
        elif name == "policy_param":
            own = pl.col("param_code").str.starts_with("dibao_std_")
            more = pl.when(own).then(pl.col("value") + 12 * place).otherwise("value")
            yield code, frame.with_columns(value=more)
        elif name == "region":
            row = pl.col("region_code")
            above = [code[:length] for length in (2, 4)]
            yield code, frame.filter(row.str.starts_with(code) | row.is_in(above))
        else:
            column = (
                "township_code" if name in ("population", "comprehensive_return") else "township"
            )
            yield code, frame.filter(pl.col(column).str.starts_with(code).fill_null(place == 0))


def _plan(
    name: str, month: str, frame: pl.DataFrame, seed: int, scale: str, whose: str
) -> list[Filing]:
    """The files of one dataset and month of a county: one for it, or one a township (and the bureau's own return)."""
    names = {code: town for code, town in townships().items() if code.startswith(whose)}
    towns = tuple(sorted(names))
    present = set(frame["township"].drop_nulls())
    split = (
        name in TOWNSHIP_FILES
        or scale != "county"
        or (name == "payment_ledger" and draw(seed, month, "split") % 2 == 0)
    )
    split = split and name not in COUNTY_SCOPE and present >= set(towns)
    parts = (
        [(code, names[code], frame.filter(pl.col("township") == code)) for code in towns]
        if split
        else []
    )
    if not split:
        parts = [("", "", frame)]
    elif name == "comprehensive_return":
        parts.append((whose, "民政局", frame.filter(~pl.col("township").is_in(towns))))
    found = []
    for code, place, rows in parts:
        style = _style(
            name,
            month,
            counties()[whose] + place,
            len(rows) * len(rows.columns),
            seed,
            scale,
        )
        if split and not style.title:
            style = replace(style, title=True)
        alone = (
            tuple(present) if len(present) == 1 else towns
        )  # one township's rows are its own (_G02)
        covered = (code,) if split else (whose,) if name in COUNTY_SCOPE else alone
        scope = "township" if split and code != whose else "county"
        found.append(
            Filing(
                _file_name(name, month, style.place, style.form, seed),
                rows,
                style,
                covered,
                scope,
                receipt(seed, name, month, style.place),
            )
        )
    return found


def _old_numbers(rows: pl.DataFrame, filing: Filing) -> pl.DataFrame:
    """In the list of supported persons a few born before 1960 still stand with their 15-digit number."""
    if filing.style.dataset != "tekun_roll":
        return rows
    number = pl.col("person_id_no")
    old = (
        number.str.slice(6, 2).eq("19")
        & number.str.slice(8, 2).cast(pl.Int64, strict=False).lt(60)
        & number.str.slice(16, 1).is_in(["4", "7"])
    )
    short = number.map_elements(identity.old_number, return_dtype=pl.String)
    return rows.with_columns(
        pl.when(old & (number.str.len_chars() == 18))
        .then(short)
        .otherwise(number)
        .alias("person_id_no")
    )


def text_rows(filing: Filing, overrides: dict[int, dict[str, str | None]]) -> pl.DataFrame:
    """The file's rows as text in its order of columns; `overrides` puts a clerk's mistakes in by uid and column."""
    rows = _old_numbers(forms.render(filing.rows, filing.style), filing)
    marked = {uid: overrides[uid] for uid in rows["uid"] if uid in overrides}
    for column in set().union(*marked.values()).intersection(rows.columns):
        new = [
            marked.get(uid, {}).get(column, old)
            for uid, old in zip(rows["uid"], rows[column], strict=True)
        ]
        rows = rows.with_columns(pl.Series(column, new, dtype=pl.String))
    filing.places = dict(
        zip(
            rows["uid"],
            range(forms.data_start(filing.style), forms.data_start(filing.style) + len(rows)),
            strict=True,
        )
    )
    return rows.select(forms.order(filing.style, rows.columns[1:]))


def zip_bytes(name: str, content: bytes, when: dt.datetime) -> bytes:
    """An archive with one file, its time fixed by the receipt."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, when.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write(to: Path, filing: Filing, overrides: dict[int, dict[str, str | None]]) -> None:
    """Write the file and set its time to the receipt."""
    path = to / filing.path
    path.parent.mkdir(parents=True, exist_ok=True)
    content = filing.content
    if content is None:
        rows = text_rows(filing, overrides)
        content = (
            forms.xlsx_bytes(rows, filing.style)
            if filing.style.form == "xlsx"
            else forms.csv_bytes(rows, filing.style)
        )
        if filing.style.form == "zip":
            content = zip_bytes(Path(filing.path).stem + ".csv", content, filing.received)
    path.write_bytes(content)
    stamp = int(filing.received.timestamp())
    os.utime(path, (stamp, stamp))
