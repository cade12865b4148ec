"""Lineage: from any number back to the files, rows, checks and models it was made of; counts only, never a person.

Two frames tell it, so that a release may carry them and a reader needs no warehouse: `sources` says what each indicator
reads, `files` which files of the months were in force. `trace` puts them together for one cell.
"""

import re
from functools import cache
from itertools import chain, product

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.contracts.indicators import Indicator, Version, registry
from minzheng.contracts.paths import SQL
from minzheng.contracts.quality_rules import rules
from minzheng.contracts.regions import county, townships
from minzheng.months import months_between

ACCUMULATING = ("death_list", "asset_hit", "elder_assess")
"""Ledgers read from all files up to the month (_G15); reference datasets are read from all files (_G11, _G12, _G18)."""

SOURCES = {
    "indicator_id": pl.String,
    "dataset": pl.String,
    "title_zh": pl.String,
    "window": pl.String,  # month, year_to_date or all: which months' files are read
    "required": pl.Boolean,  # without it the cell is missing
    "models": pl.String,  # comma-separated, below sql/
    "rules": pl.String,  # the checks that judge the dataset, comma-separated
}
FILES = {
    "dataset": pl.String,
    "month": pl.String,
    "township_code": pl.String,
    "intake_no": pl.Int64,
    "name": pl.String,
    "sha256": pl.String,
    "received_on": pl.Date,
    "rows_accepted": pl.Int64,
    "rows_quarantined": pl.Int64,
    "failed_rules": pl.String,  # checks of the dataset that found something there, rule:count, comma-separated
}


@cache
def models_of(code: str) -> tuple[str, ...]:
    """The SQL models that count an indicator, as paths below `sql/`, then the lead rules behind it."""
    indicator = registry()[code]
    models = [
        *sorted((SQL / "indicator/case").glob("*.sql")),
        *sorted((SQL / "indicator/fact").glob("*.sql")),
    ]
    own = [
        path.relative_to(SQL).as_posix()
        for path in models
        if _names(path.read_text(encoding="utf-8"), code)
    ]
    if indicator.items:
        own.append("indicator/fact/comprehensive_return.sql")
    codes = set(
        re.findall(r"\b[A-Z]{2}\d\d\b", f"{indicator.numerator} {indicator.denominator or ''}")
    )
    codes.update(chain.from_iterable(part.codes for part in indicator.breakdowns.values()))
    own += [
        f"lead/{c.lower()}.sql"
        for c in sorted(codes)
        if (SQL / "lead" / f"{c.lower()}.sql").is_file()
    ]
    return tuple(dict.fromkeys(own))


def _names(text: str, code: str) -> bool:
    """Whether a model names an indicator, whole or put together as 'dibao_' || kind || '_persons'."""
    if f"'{code}'" in text:
        return True
    joined = re.findall(r"'(\w+_)' \|\| \w+(?: \|\| '(\w+)')? as indicator_id", text)
    return any(re.fullmatch(rf"{start}[a-z]+{end}", code) for start, end in joined)


def sources() -> pl.DataFrame:
    """What every indicator reads, one row an indicator and dataset (`SOURCES`)."""
    judged = _rules_by_dataset()
    rows = []
    for code, indicator in registry().items():
        models = ",".join(models_of(code))
        rows += [
            (code, name, dataset(name).title.zh, window, required, models, judged.get(name, ""))
            for name, (window, required) in _read_by(indicator).items()
        ]
    return pl.DataFrame(rows, schema=SOURCES, orient="row").sort("indicator_id", "dataset")


def _read_by(indicator: Indicator) -> dict[str, tuple[str, bool]]:
    """The datasets an indicator reads, with the window and whether it cannot do without."""
    read: dict[str, tuple[str, bool]] = {}
    for part in indicator.inputs:
        everything = dataset(part.dataset).kind == "reference" or part.dataset in ACCUMULATING
        flow = part.dataset == "comprehensive_return" and any(
            item.kind == "flow" for item in indicator.items
        )
        window = (
            "all"
            if everything
            else "year_to_date"
            if flow or part.window == "year_to_date"
            else "month"
        )
        read[part.dataset] = (window, part.window != "read")
    if indicator.parameters:
        read.setdefault("policy_param", ("all", True))
    for need in indicator.columns:
        read.setdefault(need.dataset, ("month", False))
    return read


def _rules_by_dataset() -> dict[str, str]:

    found: dict[str, set[str]] = {}
    for rule in rules().values():
        for name in rule.datasets:
            found.setdefault(name, set()).add(rule.id)
    return {name: ",".join(sorted(ids)) for name, ids in found.items()}


def files(connection: duckdb.DuckDBPyConnection, first: str, last: str) -> pl.DataFrame:
    """The files in force for the months `first`..`last`, one row a dataset, month and place (`FILES`)."""
    rows = connection.sql(
        """
        select coverage.dataset, coverage.month, coverage.township_code, coverage.intake_no, file.name, file.sha256,
            cast(file.received_at as date) as received_on, coverage.rows_accepted, coverage.rows_quarantined
        from register.coverage
        join raw.file on file.intake_no = coverage.intake_no
        where coverage.month between $first and $last
        order by coverage.dataset, coverage.month, coverage.township_code
        """,
        params={"first": first, "last": last},
    ).pl()
    told = rows.join(
        _findings(connection, first, last), on=["dataset", "month", "township_code"], how="left"
    )
    return told.select(*FILES).cast(FILES).sort("dataset", "month", "township_code")


def _findings(connection: duckdb.DuckDBPyConnection, first: str, last: str) -> pl.DataFrame:
    """Rows found by the checks, by dataset, month and township: rule:count, comma-separated."""
    return connection.sql(
        """
        with counted as (
            select dataset, month, township_code, rule_id, count(*) as found
            from quality.finding
            where month between $first and $last and dataset is not null
            group by all
        )
        select dataset, month, township_code, string_agg(rule_id || ':' || found, ',' order by rule_id) as failed_rules
        from counted
        group by dataset, month, township_code
        """,
        params={"first": first, "last": last},
    ).pl()


def lineage(connection: duckdb.DuckDBPyConnection, code: str, area: str, month: str) -> dict:
    """`trace` of a cell from the warehouse, with all counts."""
    return trace(sources(), files(connection, "0000-00", month), code, area, month)


def trace(read: pl.DataFrame, held: pl.DataFrame, code: str, area: str, month: str) -> dict:
    """What the number of an indicator, area and month was made of.

    `read` and `held` as `sources` and `files` give them. Returns indicator_id, ref_area, time_period, definition (version,
    sentence), models, and datasets: a list of dataset, title_zh, window, required, rules, files (list of the rows of
    `FILES`), rows (their sum) and missing (months and places without a file, where one is required).
    """
    indicator = registry()[code]
    version = indicator.version_in(month) or indicator.versions[0]
    places = _places(held, area)
    datasets = []
    for row in read.filter(pl.col("indicator_id") == code).iter_rows(named=True):
        months = _months(row["window"], month, held)
        own = held.filter(
            pl.col("dataset") == row["dataset"],
            pl.col("month").is_in(months),
            pl.col("township_code").is_in(places),
        )
        counts = own["rows_accepted"]
        known = None if counts.null_count() else int(counts.sum())
        facts = {name: row[name] for name in ("dataset", "title_zh", "window", "required")}
        missing = _missing(row, own, months, area) if row["required"] else []
        rules = row["rules"].split(",") if row["rules"] else []
        datasets.append(
            {**facts, "rules": rules, "files": own.to_dicts(), "rows": known, "missing": missing}
        )
    return {
        "indicator_id": code,
        "ref_area": area,
        "time_period": month,
        "definition": _version_facts(version),
        "models": list(models_of(code)),
        "datasets": datasets,
    }


def _version_facts(version: Version) -> dict:
    return {
        "version": version.version,
        "valid_from": version.valid_from,
        "zh": version.sentence.zh,
        "en": version.sentence.en,
    }


def _places(held: pl.DataFrame, area: str) -> list[str]:
    """The places whose files reach an area: the township's own and the county's; all of them for the county."""
    return held["township_code"].unique().to_list() if area == county() else [area[:9], county()]


def _months(window: str, month: str, held: pl.DataFrame) -> list[str]:
    if window == "all":
        return [one for one in held["month"].unique().to_list() if one <= month]
    return months_between(f"{month[:4]}-01", month) if window == "year_to_date" else [month]


def _missing(row: dict, own: pl.DataFrame, months: list[str], area: str) -> list[str]:
    """Months, and for the county townships, of which no file is in force."""

    if row["window"] == "all":
        return [] if own.height else ["*"]
    covered = set(own.select("month", "township_code").iter_rows())
    wanted = list(townships()) if area == county() else [area[:9]]
    if not dataset(row["dataset"]).has_township:
        wanted = [county()]
    return [
        f"{month} {place}"
        for month, place in product(months, wanted)
        if (month, place) not in covered and (month, county()) not in covered
    ]
