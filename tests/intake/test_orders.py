"""Laws of arrival: the same files in any order, in any split into intakes, end in the same state; so does a rebuild."""

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.custody.home import Home
from minzheng.intake.returns import open_items
from minzheng.operations.rebuild import rebuild
from minzheng.warehouse.connection import LOADING, create_tables, open_warehouse
from minzheng.warehouse.register import build_register, loaded_months
from tests.intake.cases import CASES, edited
from tests.intake.roster import csv_bytes, people, xlsx_bytes, zip_bytes
from tests.intake.test_arrivals import region
from tests.intake.test_flow import month_of
from tests.place import AREA, AREA_NAME

NEW = {1: {"行政区划代码": f"{AREA}100299", "村(社区)": "新设牧委会"}, 5: {"月保障金额": "约三百"}}
ONE = [row for row in people() if row["乡镇"] == "泉吉乡"]
FILES = {
    "区划.csv": region(f"{AREA}100299"),
    "正月.csv": month_of("2024-01", edited(NEW)),
    "二月.zip": zip_bytes(
        {"二月.csv": month_of("2024-02"), "十二月.csv": month_of("2023-12"), "坏.csv": b"x"}
    ),
    "三月.xlsx": CASES["A38"][1](),
    "三月又.xlsx": CASES["A38"][1](),
    "三月无号.xlsx": CASES["A50"][1](),
    "四月泉吉.csv": csv_bytes(
        [row | {"统计月份": "2024-04"} for row in ONE],
        title=f"{AREA_NAME}泉吉乡2024年4月农村低保花名册",
    ),
    "杂.xlsx": xlsx_bytes({"说明": [["目录"]]}),
}


def state(connection) -> list:
    """The register, its coverage and what is to be mended, without the numbers that the order of arrival gives."""
    months = loaded_months(connection)
    build_register(connection, months)
    asked = [
        "select * exclude (intake_no) from register.dibao_roll order by all",
        "select dataset, month, township_code, rows_accepted, rows_quarantined from register.coverage order by all",
        "select verdict, reasons, count(*) from raw.file group by all order by all",
    ]
    items = [item for month in months for item in open_items(connection, month)]
    told = sorted(
        (item["month"], item["file"], item["row"], item["rule"], item["masked_value"])
        for item in items
    )
    return [*(connection.execute(query).fetchall() for query in asked), told]


def after(county, order: list[str], stops: list[bool]) -> tuple[list, list]:
    """The state when the files came in this order, with an intake after each stop; and the state of a rebuild."""
    connection = duckdb.connect()
    create_tables(connection)
    with tempfile.TemporaryDirectory() as folder, connection:
        other = type(county)(Home(Path(folder) / "home").create(), county.keys, connection)
        for name, stop in zip(order, stops, strict=True):
            other.arrives(name, FILES[name])
            if stop:
                other.take_in()
        other.take_in()
        rebuild(other.home, other.keys)
        with open_warehouse(other.home, **LOADING) as rebuilt:
            return state(connection), state(rebuilt)


def check_orders(county, examples: int) -> None:
    """Compare so many orders and splits with the first."""
    wanted, rebuilt = after(county, list(FILES), [False] * len(FILES))
    assert [len(part) for part in wanted] == [49, 22, 6, 1]
    assert rebuilt == wanted

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(
        st.permutations(list(FILES)),
        st.lists(st.booleans(), min_size=len(FILES), max_size=len(FILES)),
    )
    def same(order, stops):
        assert after(county, order, stops) == (wanted, wanted)

    same()


def test_a_few_orders_of_arrival_and_their_rebuilds_end_in_the_same_state(county):
    check_orders(county, 3)


@pytest.mark.nightly
def test_many_orders_of_arrival_and_their_rebuilds_end_in_the_same_state(county):
    check_orders(county, 60)
