# ruff: noqa: E501
"""The real workbooks of another country through the project's sheet reader: totals, revisions, what the source got wrong."""

import datetime as dt
import importlib.util
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from minzheng.errors import MinzhengError
from minzheng.intake.grid import Grid

HERE = Path(__file__).parents[2] / "examples" / "us_tanf"
spec = importlib.util.spec_from_file_location("us_tanf_caseload", HERE / "caseload.py")
caseload = importlib.util.module_from_spec(spec)
spec.loader.exec_module(caseload)


def sheet(tab, *rows):
    return [tuple(row) for row in caseload.read_sheet(Grid(tab, [list(row) for row in rows]))]


def frame(*cells):
    """Values of one programme and measure: (book year, tab, month, area, value or mark)."""
    rows = []
    for year, tab, month, area, value in cells:
        number = value if isinstance(value, float) else None
        mark = "number" if number is not None else {"N/A": "not_available", "-": "none"}[value]
        rows.append(
            (
                f"fy{year}_tan",
                "tan",
                year,
                "month",
                tab,
                month,
                month,
                area,
                "families",
                number,
                mark,
            )
        )
    return pl.DataFrame(rows, schema=caseload.VALUES, orient="row")


def test_a_month_sheet_is_read_by_its_tab_whatever_its_title_says():
    read = sheet(
        "Oct 01 ",
        ["October 2002", "", ""],
        ["State ", "Total\nFamilies", "Two-Parent\nFamilies*"],
        ["U.S. Total", 3.0, "N/A  "],
        ["", "", ""],
        ["Alabama* ", 1.0, "-"],
        ["Guam 1/", 2.0, ""],
        ["As of 04/01/10", "", ""],
    )
    assert read == [
        ("month", "Oct 01 ", "2002-10", "2001-10", "US", "families", 3.0, "number"),
        ("month", "Oct 01 ", "2002-10", "2001-10", "US", "two_parent", None, "not_available"),
        ("month", "Oct 01 ", "2002-10", "2001-10", "Alabama", "families", 1.0, "number"),
        ("month", "Oct 01 ", "2002-10", "2001-10", "Alabama", "two_parent", None, "none"),
        ("month", "Oct 01 ", "2002-10", "2001-10", "Guam", "families", 2.0, "number"),
        ("month", "Oct 01 ", "2002-10", "2001-10", "Guam", "two_parent", None, "blank"),
    ]


def test_a_measure_sheet_is_read_by_its_dates_and_averages_are_left_out():
    read = sheet(
        "TFam ",
        ["SSP-MOE:  Total Number of Families"],
        ["State", dt.date(2003, 10, 1), "Average\nFY 2004"],
        ["Iowa", 4.0, 9.5],
    )
    assert read == [("measure", "TFam ", None, "2003-10", "Iowa", "families", 4.0, "number")]


@pytest.mark.parametrize("tab", ["fycy2001-families", "1998", "Sheet9"])
def test_sheets_of_averages_lists_and_nothing_are_passed_over(tab):
    assert sheet(tab, ["x"], ["State", "Total\nFamilies"], ["Iowa", 4.0]) == []
    assert sheet(tab) == []


def test_a_total_that_is_not_the_sum_of_the_states_is_found():
    values = frame(
        (2001, "a", "2000-10", "US", 5.0),
        (2001, "a", "2000-10", "Iowa", 2.0),
        (2001, "a", "2000-10", "Ohio", 2.0),
        (2001, "a", "2000-10", "Utah", "N/A"),
    )
    (row,) = caseload.check_totals(values).iter_rows(named=True)
    assert (row["states"], row["printed"], row["summed"], row["difference"]) == (3, 5, 4, 1)


def test_revisions_are_told_apart_by_kind():
    first = [
        (2001, "a", "2001-10", "Iowa", 5.0),
        (2001, "a", "2001-10", "Ohio", 5.0),
        (2001, "a", "2001-10", "Utah", "-"),
        (2001, "a", "2001-10", "Guam", "-"),
        (2001, "a", "2001-10", "US", 9.0),
    ]
    later = [
        (2002, "a", "2001-10", "Iowa", 7.0),
        (2002, "a", "2001-10", "Ohio", "N/A"),
        (2002, "a", "2001-10", "Utah", 1.0),
        (2002, "a", "2001-10", "Guam", "N/A"),
        (2002, "a", "2001-10", "US", 9.0),
    ]
    found = caseload.revisions(frame(*first, *later))
    assert found.select("area", "kind", "change").rows() == [
        ("Guam", "mark", None),
        ("Iowa", "number", 2.0),
        ("Ohio", "withdrawn", None),
        ("Utah", "supplied", None),
    ]


def test_a_state_named_twice_is_listed_and_used_for_nothing_but_the_total():
    values = frame(
        (2001, "a", "2000-10", "US", 3.0),
        (2001, "a", "2000-10", "Iowa", 1.0),
        (2001, "a", "2000-10", "Iowa", 2.0),
    )
    assert caseload.doubled_areas(values).rows() == [("fy2001_tan", "a", "Iowa")]
    assert caseload.check_totals(values)["difference"].to_list() == [0]
    assert caseload.newest(values)["area"].to_list() == ["US"]


def test_an_empty_folder_is_one_clear_line(tmp_path):
    with pytest.raises(MinzhengError, match="no caseload workbook in"):
        caseload.read_folder(tmp_path)


def book(path: Path, name: str, *rows) -> None:
    """A workbook of one sheet, Oct 10, under a book's name."""
    with xlsxwriter.Workbook(path / name) as made:
        sheet = made.add_worksheet("Oct 10")
        for number, row in enumerate([("October 2010",), ("State", "Total Families"), *rows]):
            sheet.write_row(number, 0, row)


def test_every_book_is_read_or_refused_by_its_name_and_states_are_joined_by_their_spellings(
    tmp_path,
):
    book(tmp_path, "fy2011_tanf_caseload.xlsx", ("Dist. of Col.", 3), ("D.C.", 4), ("IOWA", 5))
    book(tmp_path, "fy2011_tanfssp_caseload.xlsx", ("Atlantis", 3))
    book(tmp_path, "fy2011_caseload_summary.xlsx", ("Iowa", 3))
    (tmp_path / "fy2012_ssp_caseload.xls").write_bytes(b"no workbook")
    with xlsxwriter.Workbook(tmp_path / "fy2013_ssp_caseload.xlsx") as made:
        made.add_worksheet("Notes").write(0, 0, "nothing")
    (tmp_path / "README.md").write_text("not a book")
    read, refused = caseload.read_folder(tmp_path)
    assert read.select("programme", "area", "value").rows() == [
        ("tan", "District of Columbia", 3),
        ("tan", "District of Columbia", 4),
        ("tan", "Iowa", 5),
    ]
    assert set(refused) == {
        "fy2011_tanfssp_caseload.xlsx",
        "fy2011_caseload_summary.xlsx",
        "fy2012_ssp_caseload.xls",
        "fy2013_ssp_caseload.xlsx",
    }
    assert refused["fy2011_tanfssp_caseload.xlsx"] == "no state is called Atlantis"
    assert refused["fy2013_ssp_caseload.xlsx"].startswith("no sheet of months or measures")


@pytest.fixture(scope="module")
def values():
    folder = caseload.folder_of([])
    if folder is None or not folder.is_dir():
        pytest.skip("MINZHENG_REALDATA does not name the folder of the workbooks")
    read, refused = caseload.read_folder(folder)
    assert refused == {}
    return read


def test_all_33_books_give_54_states_in_every_month_and_measure(values):
    totals = caseload.check_totals(values)
    assert values["book"].n_unique() == 33
    assert totals["states"].unique().to_list() == [54]
    assert values["month"].n_unique() == 159  # October 1996 to December 2009
    assert values.filter(pl.col("mark") == "unknown").is_empty()


def test_every_printed_total_is_the_sum_of_the_states_but_for_a_known_error_of_the_source(values):
    totals = caseload.check_totals(values).filter(pl.col("difference").is_not_null())
    wrong = totals.filter(pl.col("difference").abs() > caseload.ROUNDING)
    assert totals.height == 6507
    assert set(wrong.select("book", "measure").rows()) == {
        ("fy1997_tan_caseload.xls", "one_parent"),
        ("fy1997_tan_caseload.xls", "two_parent"),
    }
    assert wrong["month"].unique().sort().to_list() == [
        f"1997-{number:02d}" for number in range(7, 13)
    ]
    arizona = values.filter(pl.col("area") == "Arizona").select("book", "month", "measure", "value")
    assert (
        wrong.join(arizona, on=["book", "month", "measure"])
        .filter(pl.col("value") == pl.col("printed"))
        .height
        == 12
    )


def test_the_errors_of_the_source_are_listed_and_the_two_views_agree(values):
    assert caseload.wrong_titles(values)["title_month"].unique().sort().to_list() == [
        "2002-10",
        "2002-11",
        "2002-12",
    ]
    assert caseload.doubled_areas(values).select("book", "area").unique().rows() == [
        ("fy2007_tanssp_caseload.xls", "Nebraska")
    ]
    assert caseload.two_views(values).is_empty()
    assert values["area"].n_unique() == 55


def test_the_revisions_of_the_overlapping_months(values):
    found = caseload.revisions(values)
    assert set(found["month"].str.slice(5).unique()) <= {"10", "11", "12"}
    assert dict(found.group_by("kind").len().rows()) == {
        "supplied": 336,
        "withdrawn": 80,
        "mark": 72,
        "number": 38,
    }
    national = found.filter(
        pl.col("area") == "US", pl.col("kind") == "number", pl.col("measure") == "one_parent"
    )
    assert national.filter(pl.col("month") == "1997-10")["change"].to_list() == [2300638 - 35566]


def test_of_two_books_arithmetic_shows_the_wrong_one_and_the_newest_figure_is_not_taken_from_it(
    values,
):
    found = caseload.unlike_parts(values).filter(measure="families")
    alabama = found.filter(area="Alabama")
    assert alabama.select("book", "month", "value", "sum").rows() == [
        ("fy2001_tanssp_caseload.xls", "2000-11", 18959, 18820 + 163),
        ("fy2001_tanssp_caseload.xls", "2000-12", 18983, 18794 + 165),
    ]
    taken = caseload.newest(values).filter(
        pl.col("month").is_in(["2000-11", "2000-12"]), programme="tanssp", measure="families"
    )
    by_area = {
        (row["area"], row["month"]): (row["fiscal_year"], row["value"]) for row in taken.to_dicts()
    }
    assert by_area["Alabama", "2000-11"] == (2000, 18983)
    assert by_area["US", "2000-12"] == (2000, 2235651)
    assert by_area["Iowa", "2000-11"][0] == 2001
    named = {
        (cells.book, month, area)
        for cells in caseload.contract().wrong_cells
        if "families" in cells.measures
        for month in cells.months
        for area in cells.areas
    }
    assert named == set(found.select("book", "month", "area").rows())


def test_three_indicators_by_hand(values):
    computed = caseload.compute(values).filter(
        pl.col("area") == "US", pl.col("programme") == "tan", pl.col("month") == "1999-10"
    )
    assert dict(computed.select("indicator_id", "obs_value").rows()) == {
        "us_tanf_families": 2381455,
        "us_tanf_no_parent_share": pytest.approx(728451 / 2381455 * 100),
        "us_tanf_recipients_per_family": pytest.approx(6292693 / 2381455),
    }
