"""The citizen identity number: law by law, against a plain reckoning of GB 11643."""

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.id_number import check_id_number, id_number_parts
from tests.intake.roster import id_number

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
births = st.dates(dt.date(1900, 1, 1), dt.date(2024, 12, 31))
regions = st.sampled_from(["632224", "110105", "513321"])
numbers = st.builds(
    lambda birth, order, region: id_number(f"{birth:%Y%m%d}", order, region),
    births,
    st.integers(0, 999),
    regions,
)


def plain_check(body: str) -> str:
    return "10X98765432"[
        sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    ]


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=20))
def test_numbers_made_by_the_rule_are_valid_and_tell_birth_sex_and_region(made):
    parts = id_number_parts(pl.Series(made))
    assert parts["valid"].all()
    assert [plain_check(number[:17]) for number in made] == [number[17] for number in made]
    assert [f"{day:%Y%m%d}" for day in parts["birth_date"]] == [number[6:14] for number in made]
    assert parts["sex"].to_list() == ["M" if int(number[16]) % 2 else "F" for number in made]
    assert parts["region"].to_list() == [number[:6] for number in made]


@settings(deadline=None)
@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_never_passes(number, place, step):
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert not check_id_number(pl.Series([wrong]))["valid"][0]


@settings(deadline=None)
@given(
    st.builds(
        lambda birth, order: id_number(f"{birth:%Y%m%d}", order),
        st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31)),
        st.integers(0, 999),
    )
)
def test_the_old_form_is_the_same_person(number):
    old = number[:6] + number[8:17]
    parts = id_number_parts(pl.Series([old, number]))
    assert parts["id_no"].to_list() == [number, number]
    assert parts["converted"].to_list() == [True, False]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=22)), max_size=12))
def test_any_text_gets_an_answer_and_a_reason_exactly_when_it_is_not_valid(texts):
    answer = check_id_number(pl.Series(texts, dtype=pl.String))
    assert answer.height == len(texts)
    assert (answer["valid"] == answer["reason"].is_null()).all()


def test_each_kind_of_text_has_its_reason():
    given_ = {
        None: "id_missing",
        "无": "id_placeholder",
        "000000000000000000": "id_placeholder",
        "123456789012345678": "id_placeholder",
        "11010519491231002": "id_length",
        "11010519491231002A": "id_format",
        "110105194912310020": "id_checksum",
        id_number("19721332", 902): "id_birth_invalid",
        id_number("18991231", 902): "id_birth_invalid",
        "H12345678": "id_type",
        "11010519491231002x": None,
        "１１０１０５１９４９１２３１００２Ｘ": None,
    }
    assert check_id_number(pl.Series(list(given_), dtype=pl.String))["reason"].to_list() == list(
        given_.values()
    )
