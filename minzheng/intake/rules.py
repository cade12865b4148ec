"""The rules that quarantine a row (_G03), and the flags that go with an accepted one. Set-based; no value leaves but masked."""

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.contracts.return_items import return_items
from minzheng.id_number import id_number_parts
from minzheng.intake.exposed import holds_number
from minzheng.intake.grid import Kind
from minzheng.intake.places import (
    bare_village,
    county,
    place_name,
    township_names,
    village_codes,
    village_names,
)
from minzheng.intake.types import Masks
from minzheng.intake.words import RUNNING, SCIENTIFIC
from minzheng.months import month_end, month_start

Fault = tuple[str, str, pl.Series]  # column, code, mask
ACTIVE = ["在保", "新增", "恢复"]


def person_rules(
    contract: Dataset, frame: pl.DataFrame, text: pl.Series, kind: pl.Series | None, month: str
):
    """K01, K02, K04, the documents of others, on rolls K06. Returns faults, flags and the columns id_no, sex, age and birth date.

    Sex and age come from the id number, never from what was typed (_G07): who has no such number has neither, and counts in
    totals alone.
    """
    parts = id_number_parts(text)
    reason = parts["reason"]
    lost = _false(text) if kind is None else (kind == Kind.NUMBER)
    if not lost.any():
        lost = text.str.to_uppercase().str.contains(SCIENTIFIC).fill_null(False)
    late = (parts["birth_date"] > month_end(month)).fill_null(False)
    faults: list[Fault] = [("person_id_no", "id_precision_lost", lost)]
    for code in ("id_placeholder", "id_length", "id_format", "id_checksum", "id_birth_invalid"):
        mask = (reason == code).fill_null(False) & ~lost
        faults.append(
            ("person_id_no", code, mask | (late & ~lost) if code == "id_birth_invalid" else mask)
        )
    flags: Masks = [("id_15_converted", parts["converted"])]
    flags.append(
        (
            "id_type",
            ((reason == "id_type") | (parts["id_type"] != "mainland")).fill_null(False)
            & text.is_not_null(),
        )
    )
    missing = text.is_null()
    if contract.column("person_id_no").required:
        nameless = missing & (
            _column(frame, "person_name").is_null() | _column(frame, "birth_date").is_null()
        )
        faults.append(("person_id_no", "blank_required", nameless))
    if "person_name" in frame.columns:
        flags.append(("id_missing", missing & frame["person_name"].is_not_null()))
    formed = parts["sex"].is_not_null() & parts["valid"]
    birth = parts["birth_date"]
    if "birth_date" in frame.columns:
        faults.append(
            (
                "birth_date",
                "id_birth_mismatch",
                formed & (frame["birth_date"] != birth).fill_null(False),
            )
        )
    if contract.kind == "roll":
        elsewhere = (parts["id_type"] == "mainland") & (
            parts["id_no"].str.slice(0, 6) != county()[0]
        )
        flags.append(("id_issued_elsewhere", (formed & elsewhere).fill_null(False)))
    sex = parts["sex"]
    if "sex" in frame.columns:
        flags.append(("id_sex_mismatch", formed & (frame["sex"] != sex).fill_null(False)))
    return (
        faults,
        flags,
        {"id_no": parts["id_no"], "sex": sex, "age": age_at(birth, month), "missing": missing},
    )


def age_at(birth: pl.Series, month: str) -> pl.Series:
    """Completed years at the month's last day; born on 29 February, the birthday is 1 March in common years (_G07)."""
    end = month_end(month)
    before = (
        birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day().cast(pl.Int32)
    ) > end.month * 100 + end.day
    return (end.year - birth.dt.year() - before.cast(pl.Int32)).cast(pl.Int32)


def place_rules(
    contract: Dataset, frame: pl.DataFrame, month: str
) -> tuple[list[Fault], Masks, pl.Series]:
    """K05 and the township's name against the code. Returns faults, flags and the township codes."""
    code = frame["region_code"]
    unknown = code.is_not_null() & ~code.is_in(list(village_codes(month)))
    township = code.str.slice(0, 9)
    faults: list[Fault] = [("region_code", "area_unknown", unknown)]
    flags: Masks = []
    if "township_name" in frame.columns:
        spelled = frame["township_name"]
        names = {
            word: township_names().get(place_name(word), "")
            for word in spelled.drop_nulls().unique().to_list()
        }
        named = spelled.replace_strict(names, default=None, return_dtype=pl.String)
        faults.append(
            (
                "township_name",
                "area_code_name_conflict",
                (named != township).fill_null(False) & ~unknown,
            )
        )
    if "village_name" in frame.columns:
        pairs = pl.DataFrame([code, frame["village_name"]]).unique().drop_nulls().rows()
        wrong = [
            f"{code}\x1f{name}"
            for code, name in pairs
            if not code.endswith("000") and (code, bare_village(name)) not in village_names()
        ]
        if wrong:
            joined = code + pl.Series(["\x1f"]) + frame["village_name"]
            flags.append(("village_name_unknown", joined.is_in(wrong).fill_null(False)))
    if "household_no" in frame.columns and _several_places(frame):
        spread = frame.select(
            (pl.col("region_code").n_unique() > 1).over("household_no")
        ).to_series()
        long = frame["household_no"].is_not_null() & ~frame["household_no"].str.contains(
            RUNNING
        ).fill_null(False)
        flags.append(("household_in_villages", spread & long))
    return faults, flags, township.set(unknown, None)


def _several_places(frame: pl.DataFrame) -> bool:
    """Whether some household number stands beside more than one place."""
    pairs = frame.select("household_no", "region_code").unique()
    return pairs.height > pairs["household_no"].n_unique()


def dataset_rules(contract: Dataset, frame: pl.DataFrame, month: str) -> list[Fault]:
    """The rules of _G03 that belong to one dataset: order of dates, F01, F09, what became of a voucher, items of the return."""
    name = contract.dataset
    if name == "temp_aid":
        granted = frame["granted_on"]
        wrong = (
            (granted < frame["applied_on"])
            | (granted < month_start(month))
            | (granted > month_end(month))
        )
        return [("granted_on", "date_order", wrong.fill_null(False))]
    if name == "care_facility":
        wrong = frame["nursing_bed_count"] > frame["bed_count"]
        return [("nursing_bed_count", "beds_exceeded", wrong.fill_null(False))]
    if name == "community_care":
        wrong = frame["special_elder_visited"] > frame["special_elder_listed"]
        return [("special_elder_visited", "visits_exceeded", wrong.fill_null(False))]
    if name == "care_voucher":
        wrong = frame["issued_amount"] != frame["used_amount"] + frame["expired_amount"]
        return [("issued_amount", "voucher_sum", wrong.fill_null(False))]
    if name == "comprehensive_return":
        return _return_rules(frame)
    return []


def _return_rules(frame: pl.DataFrame) -> list[Fault]:
    known = {item.code: item.unit for item in return_items()}
    units = frame["item_code"].replace_strict(known, default=None, return_dtype=pl.String)
    listed = {*township_names().values(), county()[0]}
    return [
        ("item_code", "code_unknown", frame["item_code"].is_not_null() & units.is_null()),
        ("unit", "code_unknown", (units != frame["unit"]).fill_null(False)),
        (
            "township_code",
            "area_unknown",
            frame["township_code"].is_not_null() & ~frame["township_code"].is_in(list(listed)),
        ),
    ]


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    return (
        frame[name]
        if name in frame.columns
        else pl.Series(name, [None] * frame.height, dtype=pl.String)
    )


def _false(like: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, len(like))


def mask(value: str | None, personal: bool) -> str | None:
    """A value as a notice may show it: short figures and dates as they are, a number's ends, else the first character."""
    if value is None:
        return None
    if len(value) >= 15:
        return f"{value[:6]}********{value[-4:]}" if value[:6].isdigit() else f"{value[0]}***"
    short = len(value) <= 12 and all(
        character in "0123456789.,-/年月日元%: " for character in value
    )
    if short and not personal and not holds_number(value):
        return value
    return f"{value[0]}***"
