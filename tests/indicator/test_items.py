"""Items of the comprehensive return: numbers, marks and sums (_G14)."""

import pytest

from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA

RETURN = "register.comprehensive_return"
TOWNSHIPS = (f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202")


@pytest.fixture
def returned(warehouse):
    """`returned(item, month, {place: number or mark}, to_date={...})` files rows of the return."""
    marks = {"-": "none", "…": "below", "": "blank"}

    def put(item: str, month: str, rows: dict, to_date: dict | None = None) -> None:
        for place, value in rows.items():
            year = (to_date or {}).get(place, "")
            row = [month, place, item]
            for cell in (value, year):
                row += [None, marks[cell]] if cell in marks else [cell, "number"]
            warehouse.execute(
                f"insert into {RETURN} (month, township_code, item_code, month_value, month_value_mark, "
                "year_to_date_value, year_to_date_value_mark) values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    return put


def outcome(cell: dict) -> tuple:
    return cell["obs_status"], cell["numerator"], cell["obs_value"]


def test_the_county_adds_townships_and_the_bureaus_own_row(returned, cells):
    returned(
        "distressed_children_v",
        "2024-03",
        dict(zip(TOWNSHIPS, (3, 0, 2, 1, "-"), strict=True)) | {AREA: 4},
    )
    find = cells("2024-03")
    assert outcome(find("distressed_children")) == ("A", 10, 10)
    assert values(find, "distressed_children", (SHALIUHE, HARGAI)) == [3, 0]
    assert outcome(find("distressed_children", f"{AREA}202")) == ("L", None, None)


@pytest.mark.parametrize(
    ("last", "county", "township"),
    [
        ("", ("M", None, None), ("M", None, None)),
        ("…", ("E", 6, 6), ("E", None, None)),
        ("-", ("A", 6, 6), ("L", None, None)),
    ],
)
def test_a_mark_is_never_read_as_zero(returned, cells, last, county, township):
    returned(
        "distressed_children_v", "2024-03", dict(zip(TOWNSHIPS, (3, 0, 2, 1, last), strict=True))
    )
    find = cells("2024-03")
    assert outcome(find("distressed_children")) == county
    assert outcome(find("distressed_children", f"{AREA}202")) == township


def test_a_township_without_a_row_has_not_reported(returned, cells):
    returned(
        "distressed_children_v", "2024-03", dict(zip(TOWNSHIPS[:4], (3, 0, 2, 1), strict=True))
    )
    find = cells("2024-03")
    assert outcome(find("distressed_children"))[0] == "M"
    assert outcome(find("distressed_children", f"{AREA}202"))[0] == "M"
    assert values(find, "distressed_children", (SHALIUHE,)) == [3]


def test_all_rows_without_such_an_item_make_the_county_not_applicable(returned, cells):
    returned("distressed_children_v", "2024-03", dict.fromkeys(TOWNSHIPS, "-"))
    assert outcome(cells("2024-03")("distressed_children")) == ("L", None, None)


def test_a_ratio_is_missing_before_estimated_before_not_applicable(returned, cells):
    for place, n, d in zip(TOWNSHIPS, ("", "…", "-", 0, 3), ("…", "-", 5, 0, 4), strict=True):
        returned("child_visit_rate_n", "2024-03", {place: n})
        returned("child_visit_rate_d", "2024-03", {place: d})
    find = cells("2024-03")
    got = [find("child_visit_rate", place) for place in TOWNSHIPS]
    assert [cell["obs_status"] for cell in got] == ["M", "E", "L", "L", "A"]
    assert [cell["obs_value"] for cell in got] == [None, None, None, None, 75]
    assert (got[3]["numerator"], got[3]["denominator"]) == (0, 0)
    assert (got[2]["numerator"], got[2]["denominator"]) == (None, 5)


def test_a_bureau_item_has_no_townships_and_a_flow_takes_the_years_figure(returned, cells):
    returned("marriages_v", "2024-01", {AREA: 10})
    returned("marriages_v", "2024-02", {AREA: 20}, to_date={AREA: 31})
    returned("marriages_v", "2024-03", {AREA: 5})
    find = cells("2024-01", "2024-02", "2024-03")
    months = [
        find("marriages", month=month)["obs_value"] for month in ("2024-01", "2024-02", "2024-03")
    ]
    assert months == [10, 31, 35]
    with pytest.raises(KeyError):
        find("marriages", SHALIUHE)


def test_a_flow_lacks_its_sum_when_a_month_lacks(returned, cells):
    returned("divorces_v", "2024-01", {AREA: 10})
    returned("divorces_v", "2024-03", {AREA: 5})
    returned("adoptions_v", "2024-01", {AREA: "-"})
    returned("adoptions_v", "2024-02", {AREA: 2})
    returned("cremations_v", "2024-01", {AREA: "…"})
    returned("cremations_v", "2024-02", {AREA: 2})
    find = cells("2024-02", "2024-03")
    assert outcome(find("divorces")) == ("M", None, None)
    assert outcome(find("adoptions", month="2024-02")) == ("A", 2, 2)
    assert outcome(find("cremations", month="2024-02")) == ("E", 2, 2)


def test_coverage_by_units_in_force_and_townships(given, in_force, returned, cells):
    given(
        "register.region",
        f"""
        month   | region_code  | region_level | region_kind | valid_from | valid_to
        2024-01 | {AREA}100    | 乡镇           | 镇           | 2020-01-01 |
        2024-01 | {AREA}101    | 乡镇           | 镇           | 2020-01-01 |
        2024-01 | {AREA}100200 | 村社           | 村委会        | 2020-01-01 |
        2024-01 | {AREA}100201 | 村社           | 村委会        | 2020-01-01 | 2024-03-31
        2024-01 | {AREA}100001 | 村社           | 居委会        | 2020-01-01 |
        2024-01 | {AREA}101200 | 村社           | 村委会        | 2024-04-01 |
        2024-05 | {AREA}101201 | 村社           | 村委会        | 2023-01-01 |
        """,
    )
    in_force("region", "2024-05")
    returned(
        "child_director_coverage_n", "2024-03", dict(zip(TOWNSHIPS, (1, 1, 0, 0, 0), strict=True))
    )
    returned(
        "social_station_coverage_n", "2024-03", dict(zip(TOWNSHIPS, (1, 1, 0, 0, 0), strict=True))
    )
    find = cells("2024-03")
    assert values(find, "admin_villages", (AREA, SHALIUHE, HARGAI)) == [2, 1, 1]
    assert values(find, "admin_communities", (AREA, SHALIUHE, HARGAI)) == [1, 1, 0]
    assert values(find, "child_director_coverage", (AREA, SHALIUHE, HARGAI)) == [
        2 / 3 * 100,
        50,
        100,
    ]
    assert find("child_director_coverage", f"{AREA}200")["obs_status"] == "L"
    assert values(find, "social_station_coverage", (AREA, HARGAI, f"{AREA}200")) == [100, 100, 0]


def test_execution_of_funds_passes_on_what_the_return_says(returned, in_force, cells):
    in_force("payment_ledger", "2024-01")
    returned("aid_fund_execution_d", "2024-01", {AREA: 500})
    assert outcome(cells("2024-01")("aid_fund_execution")) == ("A", 0, 0)


@pytest.mark.parametrize(("mark", "status"), [("", "M"), ("…", "E"), ("-", "L")])
def test_execution_of_funds_has_no_value_without_money_received(
    returned, in_force, cells, mark, status
):
    in_force("payment_ledger", "2024-01")
    returned("aid_fund_execution_d", "2024-01", {AREA: mark})
    cell = cells("2024-01")("aid_fund_execution")
    assert (cell["obs_status"], cell["obs_value"], cell["denominator"]) == (status, None, None)


def test_a_figure_that_misses_a_township_s_return_names_the_township(given, in_force, cells):
    given(
        "register.comprehensive_return",
        f"""
        month   | township_code | item_code    | month_value | month_value_mark
        2024-03 | {AREA}100     | volunteers_v | 10          | number
        2024-03 | {AREA}101     | volunteers_v | 10          | number
        2024-03 | {AREA}200     | volunteers_v | 10          | number
        2024-03 | {AREA}201     | volunteers_v | 10          | number
        """,
    )
    in_force(
        "comprehensive_return",
        "2024-03",
        places=[f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201"],
    )
    find = cells("2024-03")
    assert (find("volunteers")["obs_status"], find("volunteers")["note"]) == (
        "M",
        "缺:民政综合月报表(未报:吉尔孟乡)",
    )
    assert find("volunteers", f"{AREA}202")["note"] == "缺:民政综合月报表"
