"""Access report: what is held of one person, where, and who looked (个人信息保护法 art. 45 gives a person the right to know)."""

from itertools import chain

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names, register_columns
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.custody.person import Person
from minzheng.custody.trail import acts, note
from minzheng.leads import answers
from minzheng.operations.erasure import months_of
from minzheng.warehouse.connection import open_warehouse

LOOKS = ("decrypt", "look", "open", "erase", "access")


def access_report(home: Home, keys: Keys, person: Person) -> dict:
    """Rows by dataset and file, leads, and every act that showed identities of the same months; the look itself is noted."""
    vault.check_key(home, keys)
    note(home, "access report")
    key = keys.pseudonym("person", person.id_no)
    with open_warehouse(home) as connection:
        months = set(months_of(connection, key))
        named = (_rows(connection, name, key) for name in dataset_names())
        rows = list(chain.from_iterable(named))
        leads = connection.execute(
            "select month, rule_id, state, outcome_code from lead.case_month where person_key = $key order by all",
            {"key": key},
        ).fetchall()
    with Ledger(home) as ledger:
        said = answers.entries(home, keys, ledger).filter(
            pl.col("person_key") == key, pl.col("note") != ""
        )
        looks = [
            act
            for act in acts(ledger)
            if act.what.startswith(LOOKS) and act.about.get("month") in {*months, None}
        ]
    return {
        "记录": rows,
        "线索": [
            dict(zip(("月份", "规则", "状态", "核查结果"), lead, strict=True)) for lead in leads
        ],
        "核查说明": [
            {"日期": str(day), "规则": rule, "说明": note}
            for day, rule, note in said.select("decided_on", "rule_id", "note").iter_rows()
        ],
        "查看": [
            {"时间": act.at, "人员": act.who, "事项": act.what, "范围": act.about} for act in looks
        ],
    }


def _rows(connection: duckdb.DuckDBPyConnection, name: str, key: str) -> list[dict]:
    if not any(column.name == "person_key" for column in register_columns(name)):
        return []
    found = connection.execute(
        f"""select row.month, file.name, row.sheet, row.row_no, file.received_at
            from raw.{name} as row join raw.file as file using (intake_no)
            where row.person_key = $key order by all""",
        {"key": key},
    ).fetchall()
    title = dataset(name).title.zh
    return [
        {
            "数据": title,
            "月份": month,
            "文件": file,
            "工作表": sheet,
            "行号": row_no,
            "收件": str(at),
        }
        for month, file, sheet, row_no, at in found
    ]
