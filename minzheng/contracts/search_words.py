"""By what words people look for an indicator: `contracts/search_words.yaml`, and the initials of pinyin."""

from functools import cache
from itertools import chain

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS

COMMON = range(0xB0A1, 0xD7FA)
"""The two bytes of the common characters of GB/T 2312, which stand in the order of their pinyin."""


class Initials(Strict):
    """How the first letter of a character's pinyin is found; the file says what each part is."""

    first: dict[str, str]
    others: dict[str, str]
    words: dict[str, str]


class SearchWords(Strict):
    """What people say for a word of a name, words of one indicator, and initials."""

    synonyms: dict[str, list[str]]
    indicators: dict[str, list[str]]
    initials: Initials


@cache
def search_words() -> SearchWords:
    """The file, once."""
    return SearchWords.model_validate(read_yaml(CONTRACTS / "search_words.yaml"))


def synonyms(code: str, name: str) -> list[str]:
    """What people also call an indicator of that Chinese name, without what the name says itself."""
    words = search_words()
    called = [said for word, said in words.synonyms.items() if word in name]
    every = chain(*called, words.indicators.get(code, []))
    return [word for word in dict.fromkeys(every) if word not in name]


def initials(text: str) -> str:
    """The first letters of the pinyin of a text, lower case: `养老床位` gives `ylcw`; other letters and digits stay."""
    for word, letters in search_words().initials.words.items():
        text = text.replace(word, letters)
    return "".join(map(_initial, text)).lower()


@cache
def _initial(character: str) -> str:
    known = search_words().initials
    for letter, rare in known.others.items():
        if character in rare:
            return letter
    place = _place(character)
    if place in COMMON:
        return max(letter for letter, first in known.first.items() if _place(first) <= place)
    return character if character.isascii() and character.isalnum() else ""


def _place(character: str) -> int:
    return int.from_bytes(character.encode("gb2312", "replace"), "big")


@cache
def search_text(code: str, name: str) -> str:
    """All that finds an indicator: name, what else it is called, initials of both, code; in lower case, parted by blanks."""
    called = [name, *synonyms(code, name)]
    return " ".join(dict.fromkeys([*called, *map(initials, called), code])).lower()
