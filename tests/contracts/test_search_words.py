"""The words of a search: what people say, and the initials of pinyin."""

import pytest
from pydantic import ValidationError

from minzheng.contracts.indicators import registry
from minzheng.contracts.search_words import (
    SearchWords,
    initials,
    search_text,
    search_words,
    synonyms,
)

NAMES = {code: one.names.zh for code, one in registry().items()}


def found(words):
    return {code for code, name in NAMES.items() if words in search_text(code, name)}


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("低保覆盖率(保障面)", "dbfglbzm"),
        ("养老床位", "ylcw"),
        ("基本殡葬", "jbbz"),
        ("两项补贴调标次数", "lxbttbcs"),
        ("行业协会", "hyxh"),
        ("60周岁", "60zs"),
        ("沙柳河镇", "slhz"),
        ("གངས", ""),
    ],
)
def test_initials_are_those_people_type(text, letters):
    assert initials(text) == letters


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("养老床位", {"beds_total", "inst_beds", "nursing_beds", "nursing_bed_share"}),
        ("五保", {"tekun_central_rate", "tekun_rural_persons", "tekun_basic_std"}),
        ("最低生活保障", {"dibao_coverage", "dibao_std_rural"}),
        ("hlxcw", {"nursing_beds", "nursing_bed_share"}),
        ("高龄津贴", {"old_age_allowance", "old_age_std"}),
        ("dibao_coverage", {"dibao_coverage"}),
    ],
)
def test_what_people_say_finds_the_indicators_meant(words, codes):
    assert codes <= found(words)


def test_a_synonym_says_nothing_the_name_says_and_belongs_to_some_indicator():
    for code, name in NAMES.items():
        assert not [word for word in synonyms(code, name) if word in name]
    assert set(search_words().indicators) <= set(NAMES)
    names = " ".join(NAMES.values())
    assert [word for word in search_words().synonyms if word not in names] == []


def test_every_character_of_a_name_has_an_initial():
    for name in NAMES.values():
        assert len(initials(name)) == sum(one.isalnum() for one in name), name


def test_a_file_with_an_unknown_key_is_refused():
    with pytest.raises(ValidationError, match="nicknames"):
        SearchWords.model_validate({**search_words().model_dump(), "nicknames": {}})
