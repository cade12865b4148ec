"""The matrix of bad input: what each kind of file leads to. One row a case; `?` stands for a count that does not matter."""

from decimal import Decimal

import pytest

from minzheng.intake.read import read_file
from minzheng.intake.settings import reasons
from tests.conftest import read_drawing
from tests.intake.cases import CASES, converted_to_xls

EXPECTED = """
    case | verdict        | accepted | quarantined | not_data | reasons                                            | flags
    A01  | accept         | 12       | 0           | 3        |                                                    |
    A02  | accept         | 12       | 0           | 3        |                                                    |
    A04  | accept         | 12       | 0           | 3        |                                                    |
    A05  | accept         | 12       | 0           | 3        |                                                    | pua_character
    A07  | accept         | 12       | 0           | 3        |                                                    |
    A08  | reject_file    | 0        | 0           | 0        | encoding_mixed                                     |
    A10  | reject_file    | 0        | 0           | 0        | header_unrecognised                                |
    A11  | reject_file    | 0        | 0           | 0        | nul_byte                                           |
    A13  | accept         | 12       | 0           | 3        |                                                    |
    A14  | accept         | 12       | 0           | 3        |                                                    |
    A15  | reject_file    | 0        | 0           | 0        | csv_structure                                      |
    A16  | accept_partial | 10       | 2           | 3        | column_count                                       |
    A17  | accept         | 12       | 0           | 3        |                                                    |
    A19  | accept_partial | 11       | 1           | 3        | date_ambiguous                                     |
    A20  | accept         | 12       | 0           | 3        |                                                    | birth_from_id
    A22  | accept         | 12       | 0           | 3        |                                                    |
    A23  | accept         | 12       | 0           | 3        |                                                    |
    A25  | accept         | 12       | 0           | 3        |                                                    |
    A26  | accept         | 12       | 0           | 3        |                                                    |
    A28  | reject_file    | 0        | 0           | 0        | id_precision_lost                                  |
    A29  | reject_file    | 0        | 0           | 0        | id_precision_lost                                  |
    A31  | accept_partial | 7        | 5           | 3        | id_checksum id_birth_invalid id_length             |
    A32  | accept_partial | 11       | 1           | 3        | id_birth_mismatch                                  | id_sex_mismatch
    A34  | accept         | 12       | 0           | 3        |                                                    | id_type
    A35  | accept_partial | 8        | 4           | 3        | id_placeholder                                     | id_missing
    A37  | accept_partial | 12       | 1           | 3        | duplicate_row                                      |
    A38  | accept         | 12       | 0           | 3        |                                                    |
    A40  | accept         | 12       | 0           | 3        |                                                    | merged_cells
    A41  | accept         | 12       | 0           | 10       |                                                    | control_total
    A43  | accept         | 12       | 0           | 3        |                                                    | hidden_sheet
    A44  | accept         | 12       | 0           | 3        |                                                    | hidden_columns hidden_rows
    A46  | accept         | 12       | 0           | 6        |                                                    |
    A47  | reject_file    | 0        | 0           | 0        | header_duplicate column_missing:月保障金额           |
    A49  | reject_file    | 0        | 0           | 0        | column_missing:月保障金额 header_unrecognised:发放数  |
    A50  | reject_file    | 0        | 0           | 0        | column_missing:身份证号                              |
    A52  | accept         | 12       | 0           | 3        |                                                    |
    A53  | accept         | 12       | 0           | 3        |                                                    |
    A55  | reject_file    | 0        | 0           | 0        | unit_mismatch                                      |
    A56  | accept_partial | 10       | 2           | 3        | amount_format                                      |
    A58  | accept         | 12       | 0           | 3        |                                                    |
    A59  | accept_partial | 8        | 4           | 3        | cell_error                                         |
    A61  | accept         | 12       | 0           | 3        |                                                    | formula_cells
    A61b | accept_partial | 11       | 1           | 3        | formula_no_value                                   | formula_cells
    A62  | accept         | 12       | 0           | 3        |                                                    |
    A64  | accept         | 12       | 0           | 3        |                                                    | extra_columns
    A65  | accept         | 12       | 0           | 3        |                                                    |
    A68  | accept         | 12       | 0           | 3        |                                                    | extension_mismatch
    A70  | reject_file    | 0        | 0           | 0        | format_html                                        |
    A71  | reject_file    | 0        | 0           | 0        | file_corrupt                                       |
    A73  | reject_file    | 0        | 0           | 0        | file_empty                                         |
    A74  | reject_file    | 0        | 0           | 0        | file_empty                                         |
    A76  | reject_file    | 0        | 0           | 0        | header_unrecognised                                |
    A77  | reject_file    | 0        | 0           | 0        | encrypted                                          |
    A79  | reject_file    | 0        | 0           | 0        | macro_enabled                                      |
    A80  | accept         | 12       | 0           | 3        |                                                    |
    A82  | reject_file    | 0        | 0           | 0        | zip_path                                           |
    A83  | reject_file    | 0        | 0           | 0        | zip_ratio                                          |
    A84  | reject_file    | 0        | 0           | 0        | zip_ratio                                          |
    A85  | accept         | 12       | 0           | 3        |                                                    | far_cells
    A86  | reject_file    | 0        | 0           | 0        | zip_entry_type                                     |
    A88  | reject_file    | 0        | 0           | 0        | encrypted                                          |
    A89  | accept         | 12       | 0           | 3        |                                                    | filename_recoded
    A91  | reject_file    | 0        | 0           | 0        | zip_entry_count                                    |
    A92  | reject_file    | 0        | 0           | 0        | file_corrupt                                       |
    A93  | reject_file    | 0        | 0           | 0        | file_corrupt                                       |
    A94  | reject_file    | 0        | 0           | 0        | period_mismatch                                    |
    A95  | reject_file    | 0        | 0           | 0        | period_mixed                                       |
    A97  | accept_partial | 9        | 3           | 3        | area_code_name_conflict area_unknown               |
    B07  | accept         | 12       | 0           | 3        |                                                    |
    B11  | accept         | 12       | 0           | 3        |                                                    |
    B13  | accept         | 12       | 0           | 3        |                                                    | code_unknown
    B14  | accept_partial | 12       | 1           | 3        | field_too_long                                     |
    U01  | accept         | 12       | 0           | 4        |                                                    |
    U02  | accept         | 12       | 0           | 3        |                                                    |
    U03  | accept_partial | 11       | 1           | 3        | id_precision_lost                                  |
    U04  | accept_partial | 11       | 2           | 3        | duplicate_key                                      |
    U04b | accept_partial | 11       | 2           | 3        | amount_format duplicate_key                        |
    U05  | accept         | 13       | 0           | 3        |                                                    |
    U06  | accept_partial | 11       | 1           | 3        | blank_required                                     | merged_cells
    U07  | accept         | 12       | 0           | 4        |                                                    |
    U08  | accept_partial | 11       | 1           | 2        | column_count                                       |
    U09  | accept         | 12       | 0           | 3        |                                                    |
    U10  | reject_file    | 0        | 0           | 0        | multiple_datasets                                  |
    U11  | reject_file    | 0        | 0           | 0        | area_mismatch                                      |
    U12  | accept_partial | 2        | 1           | 3        | area_outside_scope                                 |
    U13  | reject_file    | 0        | 0           | 0        | format_unsupported                                 |
    U14  | accept_partial | 8        | 4           | 3        | id_format amount_format date_format code_format    |
    U15  | accept_partial | 10       | 2           | 3        | id_format                                          |
    U16  | accept_partial | 9        | 3           | 3        | amount_format number_format                        |
    U17  | reject_file    | 0        | 0           | 0        | unit_mismatch                                      |
    U18  | reject_file    | 0        | 0           | 0        | unit_mismatch                                      |
    U19  | reject_file    | 0        | 0           | 0        | unit_mismatch                                      |
    U20  | reject_file    | 0        | 0           | 0        | encoding_invalid                                   |
    U21  | accept         | 12       | 0           | 3        |                                                    |
    U22  | reject_file    | 0        | 0           | 0        | format_unsupported                                 |
    U23  | reject_file    | 0        | 0           | 0        | format_unsupported                                 |
    U24  | reject_file    | 0        | 0           | 0        | format_unsupported                                 |
    U25  | reject_file    | 0        | 0           | 0        | zip_ratio                                          |
    U26  | accept         | 12       | 0           | 3        |                                                    |
    U27  | reject_file    | 0        | 0           | 0        | csv_structure                                      |
    U28  | accept         | 12       | 0           | 3        |                                                    |
    U29  | accept         | 12       | 0           | 3        |                                                    |
    U30  | accept         | 12       | 0           | 4        |                                                    |
    U31  | accept         | 12       | 0           | 4        |                                                    | control_total
    U32  | accept         | 12       | 0           | 3        |                                                    |
    U33  | reject_file    | 0        | 0           | 0        | zip_entry_type                                     |
    U34  | reject_file    | 0        | 0           | 0        | file_empty                                         |
    U35  | reject_file    | 0        | 0           | 0        | file_empty                                         |
    U36  | accept         | 0        | 0           | 3        |                                                    | no_rows
    U37  | reject_file    | 0        | 0           | 0        | header_unrecognised                                |
    U38  | accept         | 12       | 0           | 3        |                                                    |
    U39  | accept_partial | 12       | 12          | 3        | duplicate_row                                      |
    U40  | reject_file    | 0        | 0           | 0        | nothing_usable:PLACES formula_no_value              |
    U41  | accept_partial | 9        | 3           | 3        | month_format                                       |
"""
PLACES = "、".join(f"第{row}行月保障金额" for row in range(3, 13)) + "等"
EXPECTED = EXPECTED.replace("PLACES", PLACES)
ROWS = [dict(zip(read_drawing(EXPECTED)[0], row, strict=True)) for row in read_drawing(EXPECTED)[1]]
BASE_AMOUNT = Decimal("9323.75")


def outcome(reading) -> dict[str, str]:
    """A reading in the words of the table; the verdict as far as the file alone decides it."""
    verdict = (
        "reject_file" if reading.refused else "accept_partial" if reading.quarantined else "accept"
    )
    return {
        "verdict": verdict,
        "accepted": str(reading.accepted),
        "quarantined": str(reading.quarantined),
        "not_data": str(reading.not_data),
        "reasons": " ".join(sorted(reading.refused or reading.reasons)),
        "flags": " ".join(sorted(reading.flags)) if not reading.refused else "",
    }


@pytest.mark.parametrize("expected", ROWS, ids=lambda row: row["case"])
def test_each_kind_of_bad_input_has_its_outcome(expected):
    name, make = CASES[expected["case"]]
    (reading,) = read_file(name, make(), None)
    wanted = {key: value or "" for key, value in expected.items() if key != "case"}
    wanted |= {key: " ".join(sorted(wanted[key].split())) for key in ("reasons", "flags")}
    assert outcome(reading) == wanted


def test_every_case_is_in_the_table():
    assert sorted(CASES) == sorted(row["case"] for row in ROWS)


@pytest.mark.parametrize(
    "name",
    [
        row["case"]
        for row in ROWS
        if row["verdict"] == "accept" and row["case"] not in ("U05", "U36")
    ],
)
def test_an_accepted_file_holds_the_base_to_the_fen(name):
    (reading,) = read_file(CASES[name][0], CASES[name][1](), None)
    assert Decimal(reading.amount) == BASE_AMOUNT
    assert reading.rows["household_size_covered"].sum() == 24


@pytest.mark.parametrize(
    "name",
    [
        "A02",
        "A04",
        "A07",
        "A13",
        "A17",
        "A22",
        "A23",
        "A25",
        "A26",
        "A38",
        "A40",
        "A52",
        "A53",
        "A85",
    ],
)
def test_the_form_of_a_file_changes_no_value(name):
    keys = [
        "id_no",
        "birth_date",
        "monthly_amount",
        "region_code",
        "township_code",
        "start_month",
        "status",
        "sex",
        "age",
    ]
    (base,) = read_file("clean_utf8.csv", CASES["A01"][1](), None)
    (other,) = read_file(CASES[name][0], CASES[name][1](), None)
    assert other.rows.select(keys).sort("id_no").equals(base.rows.select(keys).sort("id_no"))


def test_a_character_of_the_old_font_is_the_one_of_the_new_standard():
    (reading,) = read_file("a.csv", CASES["A05"][1](), None)
    assert reading.rows["person_name"][0] == "虚构\u9fb4"


def test_an_ambiguous_birth_date_is_the_one_of_the_id_number():
    (reading,) = read_file("a.csv", CASES["A20"][1](), None)
    assert [str(day) for day in reading.rows["birth_date"][:3]] == [
        "1962-07-01",
        "1956-04-03",
        "2001-11-11",
    ]


def test_a_level_that_no_list_knows_is_unknown_and_a_blank_stays_blank():
    (reading,) = read_file("a.csv", CASES["B13"][1](), None)
    assert reading.rows["disability_level"].to_list() == [
        "1",
        "2",
        "3",
        "4",
        "未知",
        "未知",
        None,
        "3",
        "4",
        "1",
        "2",
        "4",
    ]


def test_a_masked_value_never_shows_a_whole_id_number():
    (reading,) = read_file("a.csv", CASES["A31"][1](), None)
    assert reading.quarantine["masked_value"].str.contains(r"\d{9}").sum() == 0


def test_every_code_that_a_case_gives_is_listed_with_a_sentence():
    given = {
        code.partition(":")[0]
        for row in ROWS
        for key in ("reasons", "flags")
        for code in (row[key] or "").split()
    }
    assert given <= set(reasons())


@pytest.mark.office
def test_an_old_xls_reads_like_the_workbook(tmp_path):
    content = converted_to_xls(tmp_path)
    (reading,) = read_file("clean.xls", content, None)
    assert (outcome(reading)["verdict"], reading.accepted, reading.not_data) == ("accept", 12, 3)
    assert Decimal(reading.amount) == BASE_AMOUNT
