"""Matching: runs every rule over the months of `work.month` at once and writes `lead.evaluated` and `lead.lead`.

The shared conditions (`sql/lead/_*.sql`: on_dibao, dead, parameters in force ...) are built once as temporary
tables; each rule is one `select` over them. A rule's rows count only where `lead.evaluated` says that the rule can be
judged (_C3).
"""

from collections.abc import Iterator, Sequence
from itertools import chain

import duckdb

from minzheng.leads import changed, low_income
from minzheng.leads.cases import rebuild_cases
from minzheng.leads.rules import NOT_NEEDED, STANDING, Rule, rules
from minzheng.warehouse.connection import model, replace_months, set_months, temporary_table

# Conditions made of others; all in the order in which they build on each other.
COMBINED = ("assisted", "aided", "eligible_living", "eligible_care")
SHARED = ("threshold", *changed.FACTS, *COMBINED)

FOUND = """
select found.rule_id, found.month, found.person_key, found.township_code, found.evidence
from lead_found as found
join lead.evaluated as judged
    on judged.rule_id = found.rule_id and judged.month = found.month and judged.township_code = found.township_code
"""


def compute(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> int:
    """Compute leads and cases of the months and return the number of leads written.

    Sets `work.month`. A corrected file of an earlier month touches later months too (LB04 looks 24 months back):
    `minzheng.warehouse.stale` tells which. Cases are brought up to date for the months given and every later one. Without a month
    nothing is done.
    """
    if not months:
        return 0
    set_months(connection, months)
    build_shared(connection, ["threshold"])
    whom = changed.begin(connection, months, _texts())
    written = match(connection, rules(), whom)
    low_income.fill(connection)
    changed.remember(connection, max(months))
    drop_shared(connection)
    rebuild_cases(connection, months)
    return written


def match(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule], whom: str = "") -> int:
    """Write `lead.evaluated` and `lead.lead` of the chosen rules for `work.month`; the shared conditions stay built.

    `whom`: the condition of `minzheng.leads.changed.begin`; without it everybody is judged.
    """
    evaluate(connection, chosen)
    build_shared(connection, whom=whom)
    find(connection, chosen)
    return replace_months(connection, "lead.lead", FOUND)


def _texts() -> list[str]:
    """The models that decide who is found and in which class, and the limits bound in them."""
    names = (
        [f"lead/_{name}" for name in SHARED]
        + [rule.model for rule in rules()]
        + ["lead/lowinc_person"]
    )
    return [model(name) for name in names] + [str(rule.limits) for rule in rules()]


def declare_rules(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule]) -> None:
    """Fill the temporary tables `lead_rule` and `lead_list` (one row per rule and list it rests on)."""
    windows = {"rule_id": "varchar", "valid_from": "date", "valid_to": "date"}
    rows = [(r.rule_id, r.valid_from, r.valid_to) for r in chosen]
    temporary_table(connection, "lead_rule", windows, rows)
    lists = {"rule_id": "varchar", "dataset": "varchar", "position": "integer"}
    lists |= dict.fromkeys(("needed", "sized", "absent_from"), "boolean")
    temporary_table(connection, "lead_list", lists, chain.from_iterable(map(_lists, chosen)))


def _lists(rule: Rule) -> Iterator[tuple]:
    """The rows of `lead_list` for a rule."""
    for position, name in enumerate(rule.datasets):
        needed = position == 0 or name not in NOT_NEEDED
        yield rule.rule_id, name, position, needed, name in STANDING, name in rule.absent_from


def evaluate(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule]) -> None:
    """Write `lead.evaluated` and `lead.unsure` for the months of `work.month`: which rules can be judged where, and how surely."""
    declare_rules(connection, chosen)
    build_shared(connection, ["covered"])
    replace_months(connection, "lead.evaluated", model("lead/evaluated"))
    replace_months(connection, "lead.unsure", model("lead/unsure"))


def build_shared(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str] = SHARED, whom: str = ""
) -> None:
    """Build the shared conditions for the months of `work.month` as temporary tables; `whom` as of `match`.

    Where a row stands becomes one text, `place`. The dead are few and always built whole: who left may be among them.
    """
    place = "built.dataset || ':' || built.intake_no || ':' || coalesce(built.sheet, '') || ':' || built.row_no as place"
    for name in names:
        query = model(f"lead/_{name}")
        if name in changed.FACTS:
            part = "" if name == "dead" else whom
            query = f"select built.* exclude ({', '.join(changed.PLACE)}), {place} from ({query}) as built {part}"
        connection.execute(f"create or replace temp table {name} as {query}")


def drop_shared(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables, whose memory the next step needs."""
    for name in ("lead_found", "covered", *SHARED):
        connection.execute(f"drop table if exists temp.{name}")


def find(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule]) -> None:
    """Fill the temporary table `lead_found` with what each rule finds, whether or not the rule can be judged there."""
    connection.execute("create or replace temp table lead_found as select * from lead.lead limit 0")
    for each in chosen:
        connection.execute(
            f"insert into lead_found by name select $rule_id as rule_id, * from ({model(each.model)}) as found",
            {"rule_id": each.rule_id} | each.limits,
        )
