"""From bytes to judged rows: what the reading child does with one file. Pure: no disk, no network, no keys."""

import hashlib
from dataclasses import dataclass, field

import polars as pl

from minzheng.contracts import Dataset
from minzheng.intake.delimited import read_text
from minzheng.intake.gate import Source, open_file
from minzheng.intake.places import place_name, township_names, townships
from minzheng.intake.rules import (
    Fault,
    dataset_rules,
    duplicate_rules,
    mask,
    person_rules,
    place_rules,
)
from minzheng.intake.scope import decide_month, decide_townships
from minzheng.intake.settings import Refused, settings
from minzheng.intake.table import Table, take_apart
from minzheng.intake.types import Masks, read_month, typed
from minzheng.intake.workbook import read_xls, read_xlsx

QUARANTINE = {"sheet": pl.String, "row_no": pl.Int32, "township_code": pl.String, "column_name": pl.String}
QUARANTINE |= {"rule_id": pl.String, "masked_value": pl.String}


@dataclass
class Reading:
    """What was read of one source. `refused` holds the reasons when it was refused whole; then there are no rows."""

    member: str = ""
    dataset: str | None = None
    month: str | None = None
    scope: str | None = None
    townships: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    accepted: int = 0
    quarantined: int = 0
    not_data: int = 0
    amount: str | None = None
    by_township: dict[str, list] = field(default_factory=dict)
    content: str | None = None
    rows: pl.DataFrame | None = None
    quarantine: pl.DataFrame | None = None

    def facts(self) -> dict:
        """Everything but the frames, for JSON."""
        skipped = {"rows", "quarantine"}
        return {key: value for key, value in asdict_shallow(self).items() if key not in skipped}


def asdict_shallow(reading: Reading) -> dict:
    """The fields of a reading without copying its frames."""
    return {name: getattr(reading, name) for name in reading.__dataclass_fields__}


def read_file(name: str, content: bytes, folder: str | None) -> list[Reading]:
    """Read every source of a file. `folder` is the month its landing folder names, if any."""
    try:
        sources = open_file(name, content)
    except Refused as refused:
        return [Reading(refused=refused.codes)]
    return [_read_source(source, source.name or name, folder) for source in sources]


def _read_source(source: Source, name: str, folder: str | None) -> Reading:
    reading = Reading(member=source.name, flags=list(source.flags))
    try:
        tables = _tables(source, reading)
        _judge(reading, tables, name, folder)
    except Refused as refused:
        reading.refused, reading.rows, reading.quarantine = refused.codes, None, None
        reading.accepted = reading.quarantined = reading.not_data = 0
    return reading


def _tables(source: Source, reading: Reading) -> list[Table]:
    """The tables of all visible sheets, of one dataset."""
    if source.kind == "csv":
        grids = [read_text(source.content)]
    else:
        grids = read_xlsx(source.content) if source.kind == "xlsx" else read_xls(source.content)
    tables = []
    for grid in grids:
        if not grid.visible:
            reading.flags += ["hidden_sheet"] if any(cell != "" for row in grid.rows for cell in row) else []
            continue
        table = take_apart(grid)
        if table is not None:
            tables.append(table)
    if not tables:
        raise Refused("header_unrecognised")
    if len({table.header.dataset.dataset for table in tables}) > 1:
        raise Refused("multiple_datasets")
    return tables


def _judge(reading: Reading, tables: list[Table], name: str, folder: str | None) -> None:
    contract = tables[0].header.dataset
    reading.dataset = contract.dataset
    titles = [line for table in tables for line in table.before]
    if any("万元" in line and "单位" in line for line in titles):
        raise Refused("unit_mismatch")
    reading.month = decide_month(_row_months(contract, tables), titles, folder, name)
    frames, faults, flags = [], [], []
    for table in tables:
        frame, table_faults, table_flags = _typed_rows(contract, table, reading.month)
        frames.append(frame)
        faults.append(table_faults)
        flags.append(table_flags)
        reading.flags += table.flags
    named = {
        code
        for frame in frames
        if "township_code" in frame.columns
        for code in frame["township_code"].drop_nulls().unique()
    }
    named &= {*townships(), "632224"}
    reading.scope, reading.townships = decide_townships(contract, titles, named)
    absent = [column.name for column in contract.columns if not column.required]
    reading.absent = [name for name in absent if not any(name in table.text for table in tables)]
    parts = [
        _finish(reading, contract, table, frame, table_faults, table_flags)
        for table, frame, table_faults, table_flags in zip(tables, frames, faults, flags, strict=True)
    ]
    rows = pl.concat([part[0] for part in parts], how="diagonal")
    quarantine = [part[1] for part in parts]
    rows, copies = _split_duplicates(contract, rows, tables)
    reading.quarantine = pl.concat([*quarantine, copies])
    reading.rows = rows
    _count(reading, contract, tables)
    reading.content = _content_digest(reading)


def _row_months(contract: Dataset, tables: list[Table]) -> set[str]:
    """The months that the rows give; rows whose month cannot be read are quarantined later."""
    name = "index_month" if contract.dataset == "cpi_series" else "statistical_month"
    column = contract.column(name)
    if column is None:
        return set()
    months = [read_month(column, table.text[name], table.kind.get(name)).value for table in tables]
    return {month for series in months for month in series.drop_nulls().unique().to_list()}


def _typed_rows(contract: Dataset, table: Table, month: str) -> tuple[pl.DataFrame, list[Fault], Masks]:
    """Every row of a table typed, with the faults and flags found on the way."""
    faults: list[Fault] = []
    flags: Masks = []
    series = [pl.repeat(table.sheet, table.height, dtype=pl.String, eager=True).alias("sheet"), table.row_no]
    also: dict[str, pl.Series] = {}
    birth_text = None
    for column in contract.columns:
        if column.name not in table.text:
            continue
        text, kind = table.text[column.name], table.kind.get(column.name)
        blank = column.name in ("person_id_no", "month_value") or (column.name == "remark")
        result = typed(column, text, kind, blank_allowed=blank)
        if column.name == "birth_date":
            birth_text = result
        series.append(result.value.alias(column.name))
        faults += [(column.name, code, mask_) for code, mask_ in result.faults]
        flags += result.flags
        also |= {f"{column.name}.{key}": value for key, value in result.also.items()}
    frame = pl.DataFrame(series)
    frame = _extras(contract, frame, also)
    if contract.column("person_id_no"):
        if birth_text is not None and "text" in birth_text.also:
            frame, faults, flags = _birth_from_id(frame, faults, flags, birth_text.also["text"])
        required = contract.column("person_id_no").required
        found, marks, columns = person_rules(
            frame, table.text["person_id_no"], table.kind.get("person_id_no"), month, required
        )
        faults += found
        flags += marks
        frame = frame.with_columns(value.alias(name) for name, value in columns.items())
    if contract.column("region_code") and contract.has_township:
        found, marks, township = place_rules(contract, frame)
        faults += found
        flags += marks
        frame = frame.with_columns(township.alias("township_code"))
    faults += dataset_rules(contract, frame, month)
    return frame, faults, flags


def _extras(contract: Dataset, frame: pl.DataFrame, also: dict[str, pl.Series]) -> pl.DataFrame:
    """Columns that a value decides beside itself: marks, the tier of a scheme, the reason inside a status."""
    added = []
    for name in ("month_value", "year_to_date_value"):
        if f"{name}.mark" in also:
            added.append(also[f"{name}.mark"].alias(f"{name}_mark"))
        elif contract.column(name):
            added.append(pl.lit("blank").alias(f"{name}_mark"))
    if contract.dataset == "dibao_roll":
        tier = also.get("scheme.tier")
        added.append(pl.lit(None, dtype=pl.String).alias("scheme_tier") if tier is None else tier.alias("scheme_tier"))
    if "status.reason" in also and contract.column("stop_reason"):
        given = (
            frame["stop_reason"]
            if "stop_reason" in frame.columns
            else pl.Series([None] * frame.height, dtype=pl.String)
        )
        added.append(given.fill_null(also["status.reason"]).alias("stop_reason"))
    return frame.with_columns(added) if added else frame


def _birth_from_id(frame: pl.DataFrame, faults: list[Fault], flags: Masks, text: pl.Series):
    """An ambiguous birth date is read as the id number says, when that is one of its readings."""
    from minzheng.id_number import id_number_parts
    from minzheng.intake.types import odd_date

    parts = id_number_parts(frame["person_id_no"])
    kept: list[Fault] = []
    for column, code, mask_ in faults:
        if (column, code) != ("birth_date", "date_ambiguous"):
            kept.append((column, code, mask_))
            continue
        days = [
            day if ambiguous and valid and day in odd_date(word) else None
            for word, day, valid, ambiguous in zip(text, parts["birth_date"], parts["valid"], mask_, strict=True)
        ]
        decided = pl.Series(days, dtype=pl.Date)
        frame = frame.with_columns(frame["birth_date"].fill_null(decided))
        flags = [*flags, ("birth_from_id", decided.is_not_null())]
        kept.append((column, code, mask_ & decided.is_null()))
    return frame, kept, flags


def _finish(reading, contract: Dataset, table: Table, frame: pl.DataFrame, faults: list[Fault], flags: Masks):
    """Mark the rows that the faults so far quarantine (`bad`) or whose cells cannot be trusted (`broken`); flags become text."""
    faults = [fault for fault in faults if fault[2].any()]
    for code in ("column_count", "field_too_long"):
        broken = (table.structure == code).fill_null(False)
        if broken.any():
            faults = [(column, rule, mask_ & ~broken) for column, rule, mask_ in faults] + [("row", code, broken)]
    if "township_code" in frame.columns and contract.has_township:
        outside = frame["township_code"].is_not_null() & ~frame["township_code"].is_in(reading.townships)
        bad = _any([fault[2] for fault in faults], frame.height)
        if (outside & ~bad).any():
            faults.append(("region_code", "area_outside_scope", outside & ~bad))
    _refuse_lost_ids(table, faults)
    bad = _any([fault[2] for fault in faults], frame.height)
    told = [(code, mask_) for code, mask_ in flags if mask_.any()]
    texts = [pl.when(mask_).then(pl.lit(code)) for code, mask_ in told]
    joined = pl.concat_str(texts, separator=",", ignore_nulls=True) if texts else pl.lit("")
    frame = frame.with_columns(joined.replace("", None).cast(pl.String).alias("flags"))
    frame = frame.with_columns(bad.alias("bad"), table.structure.is_not_null().alias("broken"))
    return frame, _quarantine_rows(reading, contract, table, frame, faults)


def _refuse_lost_ids(table: Table, faults: list[Fault]) -> None:
    """Id numbers that Excel kept as numbers: when they are half of the file or more, nobody should trust the file."""
    lost = sum(mask_.sum() for _, code, mask_ in faults if code == "id_precision_lost")
    if lost and lost * 2 >= table.height:
        raise Refused("id_precision_lost")


def _any(masks: list[pl.Series], height: int) -> pl.Series:
    if not masks:
        return pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    return (
        pl.DataFrame([mask_.alias(str(index)) for index, mask_ in enumerate(masks)])
        .select(pl.any_horizontal(pl.all()))
        .to_series()
    )


def _quarantine_rows(
    reading: Reading, contract: Dataset, table: Table, frame: pl.DataFrame, faults: list[Fault]
) -> pl.DataFrame:
    """One row per quarantined row, column and rule, with the value masked."""
    parts = [pl.DataFrame(schema=QUARANTINE)]
    township = _owner_of_rows(reading, frame, table)
    for column, code, mask_ in faults:
        where = mask_.arg_true()
        if not len(where):
            continue
        values = table.text[column].gather(where).to_list() if column in table.text else [None] * len(where)
        contracted = contract.column(column)
        personal = contracted is not None and contracted.pii in ("direct", "quasi")
        parts.append(
            pl.DataFrame(
                {
                    "sheet": [table.sheet] * len(where),
                    "row_no": table.row_no.gather(where),
                    "township_code": township.gather(where),
                    "column_name": [column if column in table.text else None] * len(where),
                    "rule_id": [code] * len(where),
                    "masked_value": [mask(value, personal) for value in values],
                },
                schema=QUARANTINE,
            )
        )
    return pl.concat(parts)


def _owner_of_rows(reading: Reading, frame: pl.DataFrame, table: Table) -> pl.Series:
    """The township that must mend each row: of its code, else of its name, else the one the file is of."""
    owner = pl.Series([None] * frame.height, dtype=pl.String)
    if "township_code" in frame.columns:
        owner = owner.fill_null(frame["township_code"])
    if "region_code" in table.text:
        code = table.text["region_code"].str.slice(0, 9)
        owner = owner.fill_null(code.set(~code.is_in(list(townships())).fill_null(False), None))
    if "township_name" in table.text:
        spelled = table.text["township_name"]
        names = {word: township_names().get(place_name(word)) for word in spelled.drop_nulls().unique().to_list()}
        owner = owner.fill_null(spelled.replace_strict(names, default=None, return_dtype=pl.String))
    return owner.fill_null(reading.townships[0]) if len(reading.townships) == 1 else owner


def _split_duplicates(contract: Dataset, rows: pl.DataFrame, tables: list[Table]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The accepted rows, after copies and conflicting keys are taken out too (K07), and why those were.

    A row that broke another rule still stands for its key: which of two is right, nobody knows. A broken row has none.
    """
    accepted = rows.filter(~rows["bad"]).drop("bad", "broken")
    rows = rows.filter(~rows["broken"])
    given = {name for table in tables for name in table.text}
    columns = ["id_no" if name == "person_id_no" else name for name in rows.columns if name in given]
    found = duplicate_rules(contract, rows.drop("bad", "broken"), columns)
    faults = [(column, code, mask_ & ~rows["bad"]) for column, code, mask_ in found]
    township = (
        rows["township_code"] if "township_code" in rows.columns else pl.Series([None] * rows.height, dtype=pl.String)
    )
    parts = [pl.DataFrame(schema=QUARANTINE)]
    for column, code, mask_ in faults:
        where = mask_.arg_true()
        if len(where):
            found = rows.select("sheet", "row_no", township.alias("township_code"))[where]
            name = column if column in given else None
            parts.append(
                found.with_columns(
                    pl.lit(name, dtype=pl.String).alias("column_name"),
                    pl.lit(code).alias("rule_id"),
                    pl.lit(None, dtype=pl.String).alias("masked_value"),
                ).select(*QUARANTINE)
            )
    copies = pl.concat(parts)
    return accepted.join(
        copies.select("sheet", "row_no"), on=["sheet", "row_no"], how="anti", maintain_order="left"
    ), copies


def _count(reading: Reading, contract: Dataset, tables: list[Table]) -> None:
    """Rows in = accepted + quarantined, checked; sums, reasons and control totals."""
    rows, quarantine = reading.rows, reading.quarantine
    reading.accepted = rows.height
    reading.quarantined = quarantine.select("sheet", "row_no").n_unique() if quarantine.height else 0
    reading.not_data = sum(table.not_data for table in tables)
    total = sum(table.height for table in tables)
    if reading.accepted + reading.quarantined != total:
        raise AssertionError(f"{total} rows in, {reading.accepted} accepted and {reading.quarantined} quarantined")
    reading.reasons = quarantine["rule_id"].unique(maintain_order=True).to_list()
    told = {code for text in rows["flags"].drop_nulls().unique() for code in text.split(",")}
    if not total:
        told.add("no_rows")
    elif not rows.height:
        raise Refused("nothing_usable", *reading.reasons)
    reading.flags = sorted(set(reading.flags) | told | _control_totals(contract, rows, quarantine, tables))
    names = [name for name in settings().amounts.get(contract.dataset, []) if name in rows.columns]
    amount = pl.sum_horizontal(names) if names else pl.lit(None)
    if names:
        reading.amount = str(rows.select(amount.sum()).item() or "0.00")
    if contract.has_township:
        counts = rows.group_by("township_code").agg(
            pl.len().alias("rows"),
            amount.cast(pl.Float64).sum().alias("sum"),
            amount.cast(pl.Float64).median().alias("median"),
        )
        reading.by_township = {code: [count, total, median] for code, count, total, median in counts.rows()}


def _content_digest(reading: Reading) -> str:
    """What tells two readings apart whatever the bytes: the rows as typed, without their order and place."""
    digest = hashlib.sha256(f"{reading.dataset}/{reading.month}/{','.join(reading.townships)}".encode())
    for frame in (reading.rows, reading.quarantine):
        kept = frame.select(sorted(set(frame.columns) - {"sheet", "row_no", "flags"}))
        digest.update(kept.hash_rows().sort().to_numpy().tobytes())
    return digest.hexdigest()[:32]


def _control_totals(contract: Dataset, rows: pl.DataFrame, quarantine: pl.DataFrame, tables: list[Table]) -> set[str]:
    """Whether the last total row of each table equals the sum of its money, accepted and quarantined rows together."""
    checked, differs = False, False
    for table in tables:
        names = [column.name for column in contract.columns if column.type == "yuan" and column.name in table.text]
        for name in names if table.totals else []:
            wanted = table.totals[-1].get(name)
            if not wanted:
                continue
            column = contract.column(name)
            given = typed(column, pl.Series([wanted]), None).value.item()
            values = typed(column, table.text[name], table.kind.get(name)).value
            if given is not None:
                checked, differs = True, differs or values.sum() != given
    return {"control_total_differs"} if differs else {"control_total"} if checked else set()
