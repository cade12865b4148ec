"""Rules become outcomes and findings: each rule's SQL runs once over the months in work, and only counts and row places stay.

A rule's model gives one row per thing it looked at, with `broken` true, false or NULL (cannot be judged: an input is blank,
a standard is missing). One aggregation keeps a row for each broken thing and collapses all others to counts.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, product

import duckdb

from minzheng.contracts.quality_rules import Rule, rules
from minzheng.contracts.return_items import return_items
from minzheng.errors import MinzhengError
from minzheng.leads.cases import outcome_codes
from minzheng.leads.rules import rules as lead_rules
from minzheng.warehouse.connection import model, temporary_table, transaction
from minzheng.warehouse.places import describe_places

BASIS = (
    "in_force_standard", "dibao_standard", "active_person", "low_income_now", "known_death",
    "covered", "resident", "person_flow",
)  # fmt: skip
# Lists that grow over time or change seldom: what is there is used, and its absence alone blocks no rule (_C3).
ALWAYS_THERE = ("policy_param", "death_list", "population", "region", "elder_assess")


def build_basis(
    connection: duckdb.DuckDBPyConnection, chosen: Iterable[Rule] | None = None
) -> None:
    """Make the temporary tables that rules share: places, standards in force, active persons, deaths, flows, items, lead levels.

    With `chosen`, only those that these rules read.
    """
    describe_places(connection)
    read = None if chosen is None else " ".join(model(rule.model) for rule in chosen if rule.model)
    needed = []
    for name in reversed(BASIS):
        if read is None or name in ("covered", *re.findall(r"\w+", read)):
            needed.append(name)
            read = read if read is None else f"{read} {model(f'quality/basis/{name}')}"
    for name in reversed(needed):
        run(connection, f"create or replace temp table {name} as {model(f'quality/basis/{name}')}")
    for name, (columns, rows) in _lists().items():
        if read is None or name in read:
            temporary_table(connection, name, columns, rows)


def _lists() -> dict[str, tuple[dict[str, str], list[tuple]]]:
    """What the registry and the lead desk say, as small tables: name to columns and rows."""
    items, outcomes = [item[:3] for item in return_items()], outcome_codes().items()
    return {
        "return_item": (dict.fromkeys(("item_code", "unit", "kind"), "varchar"), items),
        "lead_level": (
            {"rule_id": "varchar", "level": "varchar"},
            [(one.rule_id, one.level) for one in lead_rules()],
        ),
        "lead_outcome": (
            {"code": "varchar", "closes": "boolean"},
            [(code, one.closes) for code, one in outcomes],
        ),
    }


def run(connection: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> None:
    """Execute `query` with those of the parameters it names."""
    connection.execute(
        query, {name: parameters[name] for name in set(re.findall(r"\$([a-z_]+)", query))}
    )


def describe_rules(connection: duckdb.DuckDBPyConnection, chosen: Iterable[Rule]) -> None:
    """Put the chosen rules and their datasets into temporary tables, for the SQL that judges coverage."""
    chosen = list(chosen)
    columns = dict.fromkeys(("rule_id", "suite", "severity", "area", "place"), "varchar")
    scopes = [
        (rule.id, rule.suite, rule.outcome_severity, rule.area, rule.where) for rule in chosen
    ]
    temporary_table(connection, "rule_scope", columns, scopes)
    columns = {"rule_id": "varchar", "dataset": "varchar", "position": "integer", "own": "boolean"}
    datasets = chain.from_iterable(map(_datasets, chosen))
    temporary_table(connection, "rule_dataset", columns, datasets)
    errors = (rule for rule in chosen if rule.severity == "error")
    put_aside = chain.from_iterable(product([rule.id], rule.codes) for rule in errors)
    temporary_table(connection, "rule_code", {"rule_id": "varchar", "code": "varchar"}, put_aside)


def _datasets(rule: Rule) -> Iterator[tuple[str, str, int, bool]]:
    """The rows of `rule_dataset` for a rule."""
    at_intake = rule.where == "intake"
    for position, name in enumerate(rule.datasets):
        if at_intake or name not in ALWAYS_THERE:
            own = position == 0 or name in rule.absent_from
            yield rule.id, name, -1 if at_intake else position, own


def judge(connection: duckdb.DuckDBPyConnection, chosen: Iterable[Rule]) -> None:
    """Fill the temporary table `tally`: one row per broken thing, and counts per rule, month and township."""
    connection.execute(
        "create or replace temp table tally (rule_id varchar, month varchar, township_code varchar, dataset varchar,"
        " person_key varchar, intake_no bigint, sheet varchar, row_no integer,"
        " checked bigint, failed bigint, seen bigint)"
    )
    chosen = list(chosen)
    for rule in chosen:
        for query, more in _queries(rule):
            thresholds = {threshold.name: threshold.value for threshold in rule.thresholds}
            try:
                run(
                    connection,
                    model("quality/tally").replace("rule_rows", query),
                    rule_id=rule.id,
                    **thresholds,
                    **more,
                )
            except duckdb.Error as error:
                raise MinzhengError(
                    f"rule {rule.id} cannot be computed ({type(error).__name__})",
                    f"规则 {rule.id} 无法计算",
                ) from error
    if any(rule.codes and rule.severity == "error" for rule in chosen):
        run(connection, f"insert into tally {model('quality/intake')}")


def _queries(rule: Rule) -> Iterable[tuple[str, dict[str, str]]]:
    if rule.model:
        yield model(rule.model), {}
    elif rule.where == "intake" and rule.severity == "warn":
        for dataset in rule.datasets:
            for code in rule.codes:
                text = model("quality/flagged").replace("'dataset'", f"'{dataset}'")
                yield text.replace("register.dataset", f"register.{dataset}"), {"code": code}


def keep(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the outcomes and findings of the described rules for the months in work, in one transaction."""
    with transaction(connection):
        for table in ("outcome", "finding"):
            connection.execute(
                f"delete from quality.{table} where month in (select month from work.month)"
                " and rule_id in (select rule_id from rule_scope)"
            )
        run(connection, f"create or replace temp table verdict as {model('quality/outcome')}")
        connection.execute("insert into quality.outcome by name select * from verdict")
        run(connection, f"insert into quality.finding by name {model('quality/finding')}")


def all_rules() -> list[Rule]:
    """Every rule, in the order of ids."""
    return list(rules().values())
