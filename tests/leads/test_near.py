"""Near matches: scored, marked apart, never merged, keys only."""

import polars as pl

from minzheng.leads.near import comparable_name, keep_near_matches, near_matches

COLUMNS = ["dataset", "person_key", "person_id_no", "person_name", "township_code"]
ROLL = [
    ("dibao_roll", "k1", "632224197001010011", "虚构卓玛", "632224100"),
    ("dibao_roll", "k2", "632224198003030022", "示例才让", "632224100"),
    ("pwd_roll", "k3", "632224199005050033", "虚构多杰", "632224200"),
    ("tekun_roll", "k4", "632224199005060044", "示例扎西", "632224200"),
    ("tekun_roll", "k6", None, "示例扎西", "632224200"),
]
LISTED = [
    ("death_list", "slip", "632224197001010029", "虚构卓麻", None),
    ("pwd_card", "swapped", "632224198030300022", "示例才仁", "632224100"),
    ("pwd_card", "same_day_other_name", "632224199005050055", "别的名字", "632224200"),
    ("pwd_card", "k4", "632224199005060044", "示例扎西", "632224200"),
    ("pwd_card", "same_name_other_number", "632224196011121355", "示例扎西", "632224100"),
]


def frame(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def test_slips_and_spellings_are_found_and_strangers_and_exact_matches_are_not(county):
    pairs = near_matches(frame(ROLL), frame(LISTED))
    found = {(left, right) for left, right in pairs.select("person_key_left", "person_key_right").iter_rows()}
    assert found == {("k1", "slip"), ("k2", "swapped")}
    assert pairs["score"].is_between(0.5, 1).all()
    again = near_matches(frame(ROLL[::-1]), frame(LISTED[::-1]))
    assert again.equals(pairs), "the same lists in another order give the same scores"
    assert keep_near_matches(county.connection, "2024-03", pairs) == 2
    kept = county.connection.execute("select * from lead.near_match").fetchall()
    assert not any("632224" in str(cell) or "虚构" in str(cell) for row in kept for cell in row)
    assert county.connection.execute("select count(*) from lead.lead").fetchall() == [(0,)]


def test_nothing_to_compare_gives_no_pair():
    assert near_matches(frame(ROLL), frame(LISTED[3:4])).is_empty()
    assert near_matches(frame([]), frame(LISTED)).is_empty()


def test_spellings_of_one_syllable_compare_equal():
    assert comparable_name("虚构多吉") == comparable_name("虚构 朵杰") == "虚构多杰"
    assert comparable_name("") is None
