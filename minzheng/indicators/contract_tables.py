"""What the registry and the contracts say, as temporary tables that the models of `sql/indicator/` join.

Each table is told by plain functions from indicators to rows; `describe` writes them all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

import duckdb

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.indicators import DIMENSIONS, Indicator, Version
from minzheng.contracts.regions import county, county_of, home_area, region_names, regions
from minzheng.indicators.reading import Reading
from minzheng.indicators.unresolved import effect_rows, list_rows
from minzheng.leads.cases import pending_states
from minzheng.warehouse.connection import temporary_table


def describe(
    connection: duckdb.DuckDBPyConnection, known: Sequence[Indicator], reading: Reading
) -> None:
    """Write what is `known` of indicators, places, extracts and open findings, under a reading, as temporary tables.

    An indicator of an optional extract is known from the first month of which one came.
    """
    since = _introduced(connection)
    known = [each for each in known if since.keys() >= each.optional]
    _describe_reading(connection, reading)
    _describe_contracts(connection, _added_townships(connection))
    _describe_cells(connection, known)
    _describe_needs(connection, known)
    sentences = (_definitions_of(each, reading.versions.get(each.code), since) for each in known)
    columns = "indicator_id version valid_from valid_to sentence"
    _texts(connection, "definition", columns, list(chain.from_iterable(sentences)))
    _describe_unresolved(connection)


def _describe_reading(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Parameters that are set instead of read, and which population is preferred."""
    temporary_table(
        connection,
        "parameter_set",
        {"param_code": "varchar", "value": "double"},
        list(reading.settings.items()),
    )
    preferred = [(source, number) for number, source in enumerate(reading.population_sources, 1)]
    columns = {"population_source": "varchar", "preference": "integer"}
    temporary_table(connection, "population_preference", columns, preferred)


def _added_townships(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Townships of the home's area that region files tell of and no list has: code, level, the newest name, else the code."""
    rows = connection.execute(
        """select left(region_code, 9) as code,
                  coalesce(arg_max(region_name, (month, intake_no)) filter (where region_level = '乡镇'), code)
           from register.region
           where region_level in ('乡镇', '村社') and starts_with(region_code, $area) group by 1 order by 1""",
        {"area": county()},
    ).fetchall()
    return [(code, "township", name) for code, name in rows if code not in region_names()]


def _describe_contracts(
    connection: duckdb.DuckDBPyConnection, added: list[tuple[str, str, str]]
) -> None:
    """Places, titles of datasets, and which of them come every month."""
    here = [region for region in regions() if region.code.startswith(county())]
    places = [(r.code, r.level, r.name) for r in here if r.level != "village"] + added
    rows = [(*place, county_of(place[0])) for place in places]
    _texts(connection, "area", "ref_area level name county_code", rows)
    villages = [(r.code, r.parent) for r in here if r.level == "village"]
    _texts(connection, "price_index", "place", [(home_area().price_index,)])
    _texts(connection, "contract_village", "ref_area township_code", villages)
    _texts(
        connection,
        "dataset_title",
        "dataset title",
        [(name, dataset(name).title.zh) for name in dataset_names()],
    )
    monthly = [
        (n,)
        for n in dataset_names()
        if dataset(n).kind in ("roll", "ledger", "facility", "aggregate")
        and not dataset(n).optional
    ]
    _texts(connection, "monthly_extract", "dataset", monthly)


def _describe_cells(connection: duckdb.DuckDBPyConnection, known: Sequence[Indicator]) -> None:
    """Which indicators there are and which cells each has."""
    categories = _for_each(
        known,
        lambda e: e.breakdowns["category"].codes.items() if "category" in e.breakdowns else (),
    )
    _texts(connection, "category_name", "indicator_id code name", categories)
    columns = {
        "indicator_id": "varchar", "multiplier": "double", "decimals": "integer", "unit_measure": "varchar",
        "has_denominator": "boolean", "empty": "varchar", "effect": "varchar", "unavailable": "varchar",
    }  # fmt: skip
    temporary_table(connection, "indicator", columns, [_facts_of(each) for each in known])
    names = ("indicator_id", "level", *DIMENSIONS, "needs_dataset", "needs_column")
    columns = dict.fromkeys(names, "varchar") | {"if_unknown": "boolean"}
    temporary_table(connection, "cell", columns, list(chain.from_iterable(map(_cells_of, known))))


def _for_each(
    known: Sequence[Indicator], parts: Callable[[Indicator], Iterable[tuple]]
) -> list[tuple]:
    """A row a part of each indicator, its code first."""
    rows = []
    for each in known:
        rows += [(each.code, *part) for part in parts(each)]
    return rows


def _describe_needs(connection: duckdb.DuckDBPyConnection, known: Sequence[Indicator]) -> None:
    """What each indicator cannot do without: columns, files, parameters, items; and whose open rows could move it."""
    columns = _for_each(
        known, lambda e: ((one.dataset, one.column, _window(e, one.dataset)) for one in e.columns)
    )
    _texts(connection, "required_column", "indicator_id dataset column_name reading", columns)
    files = _for_each(
        known, lambda e: ((one.dataset, one.window) for one in e.inputs if one.window != "read")
    )
    _texts(connection, "requirement", "indicator_id dataset reading", files)
    parameters = _for_each(known, lambda e: ((one,) for one in e.parameters))
    _texts(connection, "required_parameter", "indicator_id param_code", parameters)
    items = _for_each(
        known, lambda e: ((one.code, one.part, one.kind, one.reporter) for one in e.items)
    )
    _texts(connection, "item", "indicator_id item_code part kind reported_by", items)
    columns = {
        "indicator_id": "varchar",
        "dataset": "varchar",
        "reading": "varchar",
        "effect": "varchar",
    }
    opened = _for_each(known, _open_inputs_of)
    columns |= {"by_content": "boolean", "retold": "boolean"}
    temporary_table(connection, "open_input", columns, opened)


def _describe_unresolved(connection: duckdb.DuckDBPyConnection) -> None:
    """What an unresolved finding could change, and which states of a case are open."""
    columns = {
        "rule_id": "varchar",
        "effect": "varchar",
        "target": "varchar",
        "one_stays": "boolean",
    }
    temporary_table(connection, "finding_effect", columns, effect_rows())
    columns = {"list": "varchar", "part": "varchar", "indicator_id": "varchar", "shared": "boolean"}
    temporary_table(connection, "list_count", columns, list_rows())
    pending = [(name,) for name in pending_states()]
    temporary_table(connection, "open_state", {"state": "varchar"}, pending)


def _texts(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[tuple]
) -> None:
    """A temporary table of texts."""
    temporary_table(connection, name, dict.fromkeys(columns.split(), "varchar"), rows)


def _window(each: Indicator, name: str) -> str:
    """The months of whose files an indicator needs a column: the year so far, or the month alone."""
    yearly = any(part.dataset == name and part.window == "year_to_date" for part in each.inputs)
    return "year_to_date" if yearly else "month"


def _introduced(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each optional extract that ever came, with the first month it came for."""
    rows = connection.execute(
        "select dataset, min(month) from register.coverage group by dataset"
    ).fetchall()
    return {name: month for name, month in rows if dataset(name).optional}


def _definitions_of(
    each: Indicator, asked: Version | None, since: Mapping[str, str]
) -> list[tuple]:
    """Version, first month, month it ends and sentence of each definition; the first also holds for all earlier months.

    `since`: the months from which optional extracts came; there is no earlier one for what is counted from them.
    """
    begins = max((since[name] for name in each.optional), default="0000-00")
    if asked:
        return [(each.code, asked.version, begins, "9999-12", asked.sentence.zh)]
    first = each.versions[0]
    return [
        (
            each.code,
            v.version,
            begins if v is first else max(v.valid_from, begins),
            v.valid_to or "9999-12",
            v.sentence.zh,
        )
        for v in each.versions
    ]


def _open_inputs_of(each: Indicator) -> list[tuple]:
    """Datasets whose open rows could move the value, the months read, and what such a row does."""
    rows = []
    for part in each.open_rows:
        reading = (part.window, part.effect, part.by_content, part.retold)
        rows += [(name, *reading) for name in part.datasets]
    return rows


def _facts_of(each: Indicator) -> tuple:
    effect = each.open_rows[0].effect if each.open_rows else None
    unavailable = each.unavailable.zh if each.unavailable else None
    decided = each.denominator is not None
    return (
        each.code,
        each.multiplier,
        each.decimals,
        each.unit,
        decided,
        each.empty,
        effect,
        unavailable,
    )


def _cells_of(each: Indicator) -> list[tuple]:
    """Cells by level: counties and townships have all, villages the total only (_G06); optional columns as needed.

    A prefecture has a county's.
    Last, whether the cell is there only where a word came that its list does not know.
    """
    rows = []
    for level in each.levels:
        for cell in each.cells():
            broken = next((name for name in DIMENSIONS if cell[name] != "_T"), None)
            if broken and (
                level == "village"
                or level == "township"
                and cell[broken] in each.breakdowns[broken].county_only
            ):
                continue
            need = each.breakdowns[broken].needs if broken else None
            place = (need.dataset, need.column) if need else (None, None)
            unknown = bool(broken) and cell[broken] in each.breakdowns[broken].unknown
            rows.append((each.code, level, *(cell[name] for name in DIMENSIONS), *place, unknown))
    return rows
