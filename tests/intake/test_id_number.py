"""The citizen identity number: law by law, against a plain reckoning of GB 11643."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng import id_number as id_number_module
from minzheng.id_number import check_id_number, id_number_parts
from tests.intake.roster import id_number
from tests.place import AREA

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
births = st.dates(dt.date(1900, 1, 1), dt.date(2024, 12, 31))
regions = st.sampled_from([AREA, "110105", "513321"])
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


odd = st.sampled_from(
    [
        "",
        "无",
        "1" * 18,
        "123456789012345678",
        "H12345678",
        "810000199001011234",
        f"{AREA}56030412",
        "x" * 18,
    ]
)
bodies = st.from_regex(r"\A[1-9][0-9]{5}(?:18|19|20|21)[0-9]{2}[01][0-9][0-3][0-9]{4}\Z")
texts = st.one_of(
    st.none(),
    odd,
    numbers,
    numbers.map(str.lower),
    bodies.map(lambda body: body + plain_check(body)),
    bodies,
)


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=12), st.integers(1, 4))
def test_a_text_is_judged_the_same_alone_beside_others_and_in_any_block(given_, block):
    whole = id_number_parts(pl.Series(given_, dtype=pl.String))
    alone = pl.concat([id_number_parts(pl.Series([text], dtype=pl.String)) for text in given_])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_number_module, "_BLOCK", block)
        in_blocks = id_number_parts(pl.Series(given_, dtype=pl.String))
    assert whole.equals(alone)
    assert whole.equals(in_blocks)


@settings(deadline=None)
@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
def test_a_birth_date_is_a_real_day_since_1900(year, month, day):
    """Day by day as Python's calendar knows them."""
    number = id_number(f"{year:04d}{month:02d}{day:02d}", 902)
    try:
        wanted = dt.date(year, month, day)
    except ValueError:
        wanted = None
    parts = id_number_parts(pl.Series([number]))
    real = wanted if wanted and wanted.year >= 1900 else None
    assert parts["birth_date"].to_list() == [real]
    assert parts["reason"].to_list() == [None if real else "id_birth_invalid"]


def test_every_day_of_two_centuries_is_read():
    days = pl.date_range(dt.date(1900, 1, 1), dt.date(2099, 12, 31), eager=True)
    made = days.dt.strftime("%Y%m%d").to_list()
    assert id_number_parts(pl.Series([id_number(day, 902) for day in made]))["birth_date"].equals(
        days
    )
