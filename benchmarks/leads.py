"""How long full matching of a province month takes: 1 million roll rows against 5 partner lists, in a fresh process.

`python benchmarks/leads.py [--rows 1000000] [--threads 2] [--memory 3GB]` makes the lists (fictitious, by arithmetic), computes
the month, then the next month, in which every fiftieth row of each list is about somebody else, then the next month again
as if nothing were remembered, and prints seconds (of the clock and of all threads), the peak of memory and leads. Goals: 60 s
and 4 GB on two cores, and the next month for less than the same month judged whole.
"""

import argparse
import json
import platform
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from minzheng.contracts.datasets import dataset, dataset_names, register_columns
from minzheng.contracts.regions import county
from minzheng.leads.matching import compute
from minzheng.warehouse.connection import create_tables

MONTHS = ("2024-03", "2024-04")
PLACES = tuple(f"{county()}{100 + number}" for number in range(400))
# What lists hold of anybody, where they have the column.
OF_ANY = {
    "township_code": "$places[1 + i % len($places)]",
    "region_code": "$places[1 + i % len($places)] || '201'",
    "household_key": "md5($own || (i // 3))",
    "sex": "if(i % 2 = 0, 'F', 'M')",
}
ROLL_SHARES = {
    "dibao_roll": 0.55,
    "tekun_roll": 0.03,
    "child_roll": 0.02,
    "pwd_roll": 0.15,
    "elder_roll": 0.25,
}
PARTNER_SHARES = {
    "pwd_card": 0.3, "lowinc_register": 0.2, "monitored_household": 0.1, "medical_burden": 0.1, "asset_hit": 0.1,
}  # fmt: skip
# What each list holds beside who and where; `i` numbers the row, `$count` is the number of rows of the list.
COLUMNS = {
    "dibao_roll": "if(i % 2 = 0, '城市低保', '农村低保') as scheme, if(i % 500 = 0, 900, 300 + i % 200) as monthly_amount, "
    "i % 6040 as income_per_head_year, '在保' as status, true as active, "
    "if(i % 300 = 0, date '2023-12-01', date '2024-06-01' + cast(i % 365 as integer)) as review_due_on",
    "tekun_roll": "1080 as basic_amount, '在保' as status, true as active",
    "child_roll": "'孤儿' as child_class, '在保' as status, true as active",
    "pwd_roll": "if(i % 200 = 1, 0, 100) as living_amount, if(i % 12 in (0, 9) and i % 100 > 0, 100, 0) as care_amount, "
    "'在保' as status, true as active",
    "elder_roll": "'高龄补贴' as subsidy_kind, if(i % 1000 = 0, 66, 70 + cast(i % 29 as integer)) as age, "
    "'在保' as status, true as active",
    "pwd_card": "cast(1 + i % 4 as varchar) as disability_level, i % 3 = 0 and i * 2 < $count as long_care_need, "
    "date '2025-01-01' + cast(i % 2000 as integer) as valid_until, i % 997 = 0 as injury_nursing_fee, 'c' || i as card_key",
    "lowinc_register": "if(i % 3 = 0, '低保边缘', '刚性支出困难') as lowinc_class, date '2023-01-01' as entered_on",
    "monitored_household": "i % 2 = 0 as risk_removed",
    "medical_burden": "i % 40000 as own_payment_ytd",
    "asset_hit": "if(i % 2 = 0, '车辆', '存款') as hit_kind, i % 90000 as hit_value, date '2024-03-01' as checked_on",
    "death_list": "date '2023-06-01' + cast(i % 300 as integer) as died_on, '公安' as list_source",
    "application": "'农村低保' as matter, '乡镇窗口' as channel, false as residence_permit, '不予' as decision, date '2023-06-01' + cast(i % 300 as integer) as decided_on",
    "payment_ledger": "if(i * 58 >= $count * 55, '特困基本生活', if(i % 2 = 0, '城市低保', '农村低保')) as scheme, "
    "'基本' as payment_kind, 300 as amount_due, 300 as amount_paid, date '2024-03-15' as due_on, if(i % 300 = 0, null, date '2024-03-10') as paid_on",
    "temp_aid": "1 as person_times, true as local_hukou, i % 3550 as amount, '重病' as cause, date '2024-03-05' as granted_on",
}
# Which person a row is about, by number; `$rows` is the number of rows of all rolls. Numbers from 10 $rows on are people
# on no roll. A row in a hundred or so is where it should not be, so that about 1-2 % of the roll rows give a lead.
PERSON = {
    "tekun_roll": "$rows * 6 // 10 + i - if(i % 100 = 0, $rows // 10, 0)",
    "child_roll": "$rows * 65 // 100 + i",
    "pwd_roll": "i * 3",
    "elder_roll": "$rows * 7 // 10 + i",
    "pwd_card": "i * 3 + if(i * 2 < $count, 0, 10 * $rows)",
    "asset_hit": "i + if(i % 50 = 0, 0, 10 * $rows)",
    "monitored_household": "i + if(i % 500 = 1, 10 * $rows, 0)",
    "medical_burden": "i + if(i % 100 = 0, 10 * $rows, 0)",
    "death_list": "i * 101 + if(i % 20 = 0, 0, 10 * $rows)",
    "application": "i * 53 + 10 * $rows",
    "payment_ledger": "i + if(i * 58 >= $count * 55, $rows * 5 // 100, 0)",
    "temp_aid": "i * 61",
}


def fill(
    connection: duckdb.DuckDBPyConnection,
    rows: int,
    months: Sequence[str] = MONTHS,
    places: Sequence[str] = PLACES,
    own: str = "",
) -> None:
    """The months of every list, each from another file; from the second on every fiftieth row is about somebody new.

    `places`: the townships, of the county that their codes begin with. With `own`, persons are this county's, but for every
    hundredth, whom other counties may name too.
    """
    shares = (
        ROLL_SHARES
        | PARTNER_SHARES
        | {"payment_ledger": 0.58, "death_list": 0.01, "application": 0.02, "temp_aid": 0.02}
    )
    for intake_no, month in enumerate(months, 1):
        for name, share in shares.items():
            person = f"({PERSON.get(name, 'i')})"
            person = f"if({person} % 100 = 0, '', $own) || cast({person} as varchar)"
            here = {column.name for column in register_columns(name)}
            more = "".join(f"{told} as {column}, " for column, told in OF_ANY.items() if column in here)  # fmt: skip
            query = f"""
                insert into register.{name} by name
                select $month as month, md5(if($intake_no > 1 and i % 50 = 7, 'new ' || $month, '') || {person}) as person_key,
                    {more} {COLUMNS[name]}, $intake_no as intake_no, '' as sheet, cast(i as integer) as row_no
                from range($count) as numbers (i)
                """
            told = {"month": month, "count": int(rows * share), "intake_no": intake_no, "own": own}
            told |= {"places": list(places), "rows": rows}
            connection.execute(query, {key: told[key] for key in told if f"${key}" in query})
        for name in dataset_names():
            codes = places if dataset(name).has_township else places[:1]
            connection.execute(
                """
                insert into register.coverage
                select $name, $month, if($county, left(code, 6), code), $intake_no, timestamp '2024-04-05 09:00:00', '', 2500, 0
                from (select unnest($codes) as code)
                """,
                {
                    "name": name,
                    "month": month,
                    "intake_no": intake_no,
                    "county": not dataset(name).has_township,
                    "codes": list(codes),
                },
            )
    limits = {
        "dibao_std_urban": 700, "dibao_std_rural": 6000, "medical_alert_multiple": 3, "asset_deposit_limit": 50000,
        "asset_hit_months": 6, "temp_aid_cap_multiple": 5,
    }  # fmt: skip
    connection.executemany(
        "insert into register.policy_param by name select ? as param_code, ? as value, date '2022-01-01' as valid_from, ? as month",
        [(*one, months[0]) for one in limits.items()],
    )


def main() -> None:
    """Make the lists, compute two months one after the other, print one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument(
        "--memory", default="3GB", help="What DuckDB may use; the process needs a little more."
    )
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = {"threads": asked.threads, "memory_limit": asked.memory, "temp_directory": folder}
        connection = duckdb.connect(str(Path(folder) / "bench.duckdb"), config=config)
        connection.execute("set preserve_insertion_order = false")
        create_tables(connection)
        fill(connection, asked.rows)
        seconds, busy, leads = [], [], []
        for month in (*MONTHS, "again"):
            if month == "again":
                month = MONTHS[-1]
                connection.execute("delete from lead.cleared")
            start, used = time.perf_counter(), time.process_time()
            leads.append(compute(connection, [month]))
            seconds.append(round(time.perf_counter() - start, 2))
            busy.append(round(time.process_time() - used, 2))
        connection.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        json.dumps(
            {
                "roll_rows": asked.rows, "threads": asked.threads, "seconds_first_month": seconds[0],
                "seconds_next_month": seconds[1], "seconds_next_month_whole": seconds[2], "cpu_seconds": busy,
                "next_month_to_whole": round(busy[1] / busy[2], 2), "leads": leads, "peak_gib": round(peak, 2),
                "duckdb": duckdb.__version__, "python": platform.python_version(),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
