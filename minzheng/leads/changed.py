"""Whom a month judges again: everybody but those who have the same rows as when they were last judged and nothing was found.

What rules and low-income register see of a person are the rows of the conditions in `FACTS`, and those hold no day, only
what the day means in the month (overdue, inside the window). The same rows under the same rules and parameters therefore
give the same answer in any month. `lead.cleared` remembers the rows of everybody in whom the month judged last found
nothing, as fingerprints; a person found is judged anew each month, for the evidence names rows of the newest files.
"""

import hashlib
from collections.abc import Sequence

import duckdb

from minzheng.warehouse.connection import model

# Conditions read from the register, one row of a person each; every other condition and rule is made of these.
FACTS = (
    "dead", "active_dibao", "active_tekun", "active_child", "active_pwd", "active_elder", "paid", "lowinc_now", "valid_card",
    "nursed", "monitored", "burdened", "refused", "exited", "granted", "checked_asset", "vouchered",
)  # fmt: skip
# Where a row stands, which changes with every file.
PLACE = ("dataset", "intake_no", "sheet", "row_no")

TO_JUDGE = "where hash(built.person_key) in (select person from to_judge)"


def begin(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], models: Sequence[str]
) -> str:
    """Find out who must be judged in `work.month`; returns the condition on `built` that leaves out the others, or nothing.

    The parameters in force (`threshold`) must be there; `models` are the texts that the answers depend on. Makes the
    temporary tables `facts` (the last month's persons), `to_judge` and `carried` (classes of the others). What was
    remembered is forgotten until `remember`, so that a run that was stopped leaves nothing half true. Only a single month
    is judged in part: several months at once are judged whole.
    """
    under = _under(connection, models)
    _look(connection, max(months))
    known = connection.execute(
        "select max(month) from lead.cleared where under = $under", {"under": under}
    ).fetchall()
    (base,) = known[0] if len(months) == 1 else (None,)
    connection.execute(
        """
        create or replace temp table to_judge as
        select person from facts
        where $base is null or not exists (select 1 from lead.cleared as c where c.facts = facts.facts)
        """,
        {"base": base},
    )
    connection.execute(
        """
        create or replace temp table carried as
        select cast($month as varchar) as month, person_key, township_code, class
        from lead.lowinc_person
        where month = $base and hash(person_key) in (select person from facts anti join to_judge using (person))
        """,
        {"month": max(months), "base": base},
    )
    connection.execute("delete from lead.cleared")
    connection.execute(
        "create or replace temp table judged_under as select $under as under", {"under": under}
    )
    return TO_JUDGE if base else ""


def remember(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Keep the fingerprints of whom no rule found in the month; drop the temporary tables."""
    connection.execute(
        """
        insert into lead.cleared
        select $month, under, facts
        from facts
        cross join judged_under
        where not exists (
            select 1 from lead_found as found where found.month = $month and hash(found.person_key) = facts.person
        )
        """,
        {"month": month},
    )
    for name in ("facts", "to_judge", "carried", "judged_under"):
        connection.execute(f"drop table temp.{name}")


def _look(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Fill `facts`: the fingerprint of each person's rows in the month, whatever their order."""
    unseen = ", ".join(("month", "person_key", *PLACE))
    rows = " union all ".join(
        f"select hash(person_key) as person, hash('{name}', *columns(* exclude ({unseen}))) as fact "
        f"from ({model(f'lead/_{name}')}) as built where month = $month"
        for name in FACTS
    )
    connection.execute(
        "create or replace temp table facts as "
        f"select person, hash(person, sum(fact)) as facts from ({rows}) as seen group by person",
        {"month": month},
    )


def _under(connection: duckdb.DuckDBPyConnection, models: Sequence[str]) -> str:
    """The digest of all that decides beside the rows: texts, parameters in force, and the version that makes the hashes."""
    parameters = connection.execute(
        "select * exclude (month) from threshold order by month desc limit 1"
    ).fetchall()
    told = "\n".join([*models, str(parameters), duckdb.__version__])
    return hashlib.sha256(told.encode()).hexdigest()[:32]
