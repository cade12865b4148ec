"""One DuckDB, without lake and Spark: what a county's months are, and what the rows of all counties together change in its leads.

`python -m tests.lake.alone LAKE COUNTY ROWS MONTH... TO` in a process of its own, which serves that county.
"""

import os
import sys
from pathlib import Path


def main(lake: Path, county: str, rows: int, months: list[str], to: Path) -> None:
    """Write the tables of results, and `across`, as Parquet."""
    os.environ["MINZHENG_HOME"] = str(lake / "register" / f"county={county}")
    from benchmarks.lake import register
    from minzheng.leads.matching import match
    from minzheng.leads.rules import rules
    from minzheng.warehouse.connection import set_months
    from minzheng.warehouse.lake import RESULT, write_table
    from quality.gate import compute_months

    connection = register(county, months, rows)
    compute_months(connection, months)
    for table in RESULT:
        write_table(connection, f"select * from {table}", to / f"{county}.{table}.parquet")
    connection.execute("create table alone as select * from lead.lead")
    for path in lake.glob("register/county=*/month=*/register.*.parquet"):
        other, table = path.parts[-3].removeprefix("county="), path.stem
        personal = connection.execute(f"select count(*) from (describe {table}) where column_name = 'person_key'").fetchall()  # fmt: skip
        if other != county and personal == [(1,)]:
            connection.execute(
                f"insert into {table} by name select * replace ('{other}/' || sheet as sheet) from read_parquet('{path}', hive_partitioning = false)"
            )
    set_months(connection, months)
    match(connection, rules())
    key = "rule_id, month, person_key, township_code"
    across = f"""select *, 'found' as standing from lead.lead anti join alone using ({key})
        union all select *, 'answered' from alone anti join lead.lead using ({key})"""
    write_table(connection, across, to / f"{county}.across.parquet")


if __name__ == "__main__":
    given, code, size, *asked, folder = sys.argv[1:]
    main(Path(given), code, int(size), asked, Path(folder))
