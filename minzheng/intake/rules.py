"""The rules that quarantine a row (_G03), and the flags that go with an accepted one. Set-based; no value leaves but masked."""

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.contracts.regions import counties
from minzheng.contracts.return_items import return_items
from minzheng.id_number import id_number_parts
from minzheng.intake.exposed import holds_number
from minzheng.intake.grid import Kind
from minzheng.intake.places import (
    bare_village,
    ended,
    place_name,
    township_names,
    village_codes,
    village_names,
)
from minzheng.intake.typed import (
    blank,
    by_word,
    certain,
    different,
    different_pairs,
    holding,
    is_long,
    none_of,
    not_read,
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
    lost = none_of(text) if kind is None else (kind == Kind.NUMBER)
    odd = reason.null_count() < len(reason)
    if odd and not lost.any():
        lost = certain(text.str.to_uppercase().str.contains(SCIENTIFIC))
    late = certain(parts["birth_date"] > month_end(month))
    faults: list[Fault] = [("person_id_no", "id_precision_lost", lost)]
    for code in ("id_placeholder", "id_length", "id_format", "id_checksum", "id_birth_invalid"):
        mask = certain(reason == code) & ~lost if odd else none_of(text)
        faults.append(
            ("person_id_no", code, mask | (late & ~lost) if code == "id_birth_invalid" else mask)
        )
    missing = blank(text)
    flags: Masks = [("id_15_converted", parts["converted"])]
    flags.append(
        ("id_type", certain((reason == "id_type") | (parts["id_type"] != "mainland")) & ~missing)
    )
    if contract.column("person_id_no").required:
        nameless = missing & (
            blank(_column(frame, "person_name")) | blank(_column(frame, "birth_date"))
        )
        faults.append(("person_id_no", "blank_required", nameless))
    if "person_name" in frame.columns:
        flags.append(("id_missing", missing & ~blank(frame["person_name"])))
    formed = parts["valid"] & ~blank(parts["sex"])
    birth = parts["birth_date"]
    if "birth_date" in frame.columns:
        faults.append(
            (
                "birth_date",
                "id_birth_mismatch",
                formed & certain(frame["birth_date"] != birth),
            )
        )
    if contract.kind == "roll":
        elsewhere = (parts["id_type"] == "mainland") & ~parts["region"].is_in([*counties()])
        flags.append(("id_issued_elsewhere", certain(formed & elsewhere)))
    sex = parts["sex"]
    if "sex" in frame.columns:
        flags.append(("id_sex_mismatch", formed & certain(frame["sex"] != sex)))
    return (
        faults,
        flags,
        {"id_no": parts["id_no"], "sex": sex, "age": age_at(birth, month), "missing": missing},
    )


def age_at(birth: pl.Series, month: str) -> pl.Series:
    """Completed years at the month's last day; born on 29 February, the birthday is 1 March in common years (_G07)."""
    end = month_end(month)
    year, month_no = birth.dt.year(), birth.dt.month().cast(pl.Int32)
    before = month_no * 100 + birth.dt.day().cast(pl.Int32) > end.month * 100 + end.day
    return (end.year - year - before.cast(pl.Int32)).cast(pl.Int32)


def place_rules(
    contract: Dataset, frame: pl.DataFrame, month: str
) -> tuple[list[Fault], Masks, pl.Series]:
    """K05 and the township's name against the code. Returns faults, flags and the township codes."""
    code, known = frame["region_code"], village_codes(month)
    unknown = holding(code, lambda one: one not in known)
    township = code.str.slice(0, 9)
    faults: list[Fault] = [("region_code", "area_unknown", unknown)]
    flags: Masks = []
    if "township_name" in frame.columns:
        named = by_word(
            frame["township_name"], lambda word: township_names().get(place_name(word), "")
        )
        conflict = certain(named != township) & ~unknown
        faults.append(("township_name", "area_code_name_conflict", conflict))
    if "village_name" in frame.columns:
        pairs = different_pairs(code, frame["village_name"])
        wrong = {pair for pair in pairs if None not in pair and _is_strange(*pair)}
        if wrong:
            strange = [pair in wrong for pair in frame["region_code", "village_name"].iter_rows()]
            flags.append(("village_name_unknown", pl.Series(strange)))
    if "household_no" in frame.columns and _several_places(frame):
        spread = frame.select(
            (pl.col("region_code").n_unique() > 1).over("household_no")
        ).to_series()
        running = certain(frame["household_no"].str.contains(RUNNING))
        long = ~blank(frame["household_no"]) & ~running
        flags.append(("household_in_villages", spread & long))
    return faults, flags, township.set(unknown, None)


def _is_strange(code: str, name: str) -> bool:
    """Whether a village's code carries a name that is not known for it."""
    return not code.endswith("000") and (code, bare_village(name)) not in village_names()


def _several_places(frame: pl.DataFrame) -> bool:
    """Whether some household number stands beside more than one place."""
    numbers = frame["household_no"]
    if is_long(numbers):
        return frame["household_no", "region_code"].n_unique() > numbers.n_unique()
    return len(different_pairs(numbers, frame["region_code"])) > len(different(numbers))


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
        return _return_rules(frame, month)
    return []


def _return_rules(frame: pl.DataFrame, month: str) -> list[Fault]:
    known = {item.code: item.unit for item in return_items()}
    units = by_word(frame["item_code"], known.get)
    listed = {*township_names().values(), *counties()} - ended(month)
    strange = holding(frame["township_code"], lambda code: code not in listed)
    return [
        ("item_code", "code_unknown", not_read(frame["item_code"], units)),
        ("unit", "code_unknown", certain(units != frame["unit"])),
        ("township_code", "area_unknown", strange),
    ]


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    return (
        frame[name]
        if name in frame.columns
        else pl.Series(name, [None] * frame.height, dtype=pl.String)
    )


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
