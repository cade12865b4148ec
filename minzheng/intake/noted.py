"""What the ledger may keep of a file's name before anybody has read the file."""

import re
from collections.abc import Callable
from functools import cache

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.custody.keys import Keys
from minzheng.intake.exposed import MASK, without_numbers
from minzheng.intake.places import place_words
from minzheng.intake.settings import settings

_FOREIGN = re.compile(r"(?:[^\W\d_A-Za-z]|[\u0f18-\u0fbc]){2,}")


@cache
def _ordinary() -> re.Pattern[str]:
    """The words that names of files are made of: those of the contracts, of the county's places, and the list's own."""
    told = {*settings().free_text.ordinary, *place_words()}
    for name in dataset_names():
        told |= {dataset(name).title.zh, *(column.header for column in dataset(name).columns)}
    return re.compile("|".join(map(re.escape, sorted(told, key=len, reverse=True))))


def noted_name(name: str, keys: Callable[[], Keys]) -> str:
    """A file's name as the ledger may keep it before anybody has read the file: without numbers and without words that nobody knows.

    What was taken out is told apart by a keyed token, for two files must not be taken for one.
    """
    plain = without_numbers(name)
    unknown = _ordinary().sub(lambda match: "\0" * len(match[0]), plain)
    for found in reversed(list(_FOREIGN.finditer(unknown))):
        plain = plain[: found.start()] + MASK + plain[found.end() :]
    if plain == name:
        return name
    stem, dot, suffix = plain.rpartition(".") if "." in plain else (plain, "", "")
    return f"{stem}~{keys().pseudonym('file', name)[:12]}{dot}{suffix}"
