"""The low-income register: every person of any class once a month, and who came in, changed or left (SYS-MONITOR).

Both tables are filled with the leads, from the same shared conditions.
"""

import duckdb
import polars as pl

from minzheng.warehouse.connection import model, replace_months

CLASS_ZH = {
    "tekun": "特困人员",
    "dibao": "低保对象",
    "edge": "低保边缘家庭成员",
    "rigid": "刚性支出困难家庭成员",
    "monitored": "防止返贫监测对象",
    "refused": "申请未通过人员",
    "exited": "退出未满两年人员",
}
LOW_INCOME_LISTS = (
    "tekun_roll", "dibao_roll", "lowinc_register", "monitored_household", "application", "death_list",
)  # fmt: skip
MOVEMENT_ZH = {"entered": "进入", "changed": "转换", "left": "退出"}
REASON_ZH = {
    "new": "新纳入",
    "back": "再次纳入",
    "died": "死亡",
    "left_register": "台账退出",
    "window_over": "监测期满",
    "not_listed": "名单中不再出现",
}


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `lead.lowinc_person` and `lead.lowinc_movement` for `work.month`; the shared conditions must be built."""
    replace_months(connection, "lead.lowinc_person", model("lead/lowinc_person"))
    replace_months(connection, "lead.lowinc_movement", model("lead/lowinc_movement"))


def people(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Persons by township and class: township_code, class, people."""
    query = """
        select township_code, class, count(*) as people
        from lead.lowinc_person where month = $month
        group by township_code, class order by township_code, class
    """
    return connection.sql(query, params={"month": month}).pl()


def history(connection: duckdb.DuckDBPyConnection, person_key: str) -> pl.DataFrame:
    """A person's way through the register, one row for each coming, change and leaving: month, movement, previous_class, class, reason.

    Restricted: it is about one person.
    """
    query = """
        select month, township_code, movement, previous_class, class, reason
        from lead.lowinc_movement where person_key = $key order by month
    """
    return connection.sql(query, params={"key": person_key}).pl()


def movements(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Comings and goings by township: township_code, movement, previous_class, class, reason, people."""
    query = """
        select township_code, movement, previous_class, class, reason, count(*) as people
        from lead.lowinc_movement where month = $month
        group by township_code, movement, previous_class, class, reason order by all
    """
    return connection.sql(query, params={"month": month}).pl()
