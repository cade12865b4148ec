"""How a clerk fills a column, from the contracts: the words it takes, its form, an example, and wrong values with their answer.

Templates, the guide to the columns and its test are made from this, so that what a clerk reads is what the intake does.
"""

from functools import cache

from minzheng.contracts.datasets import Column, Dataset, Strict, codes, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import regions_of, townships
from minzheng.contracts.return_items import return_items

BLANK_IS_READ = ("person_id_no", "month_value", "remark")
"""Columns whose blank cell is no fault of its own: it says something."""


class Filling(Strict):
    """What `contracts/filling.yaml` says of a type or column; a wrong value that is no text is typed as a number."""

    form: str | None = None
    example: str | None = None
    wrong: dict[str, str | int] = {}


class Fillings(Strict):
    """The whole file."""

    types: dict[str, Filling]
    columns: dict[str, Filling]


@cache
def _fillings() -> Fillings:
    return Fillings.model_validate(read_yaml(CONTRACTS / "filling.yaml"))


def _entries(contract: Dataset, column: Column) -> list[Filling]:
    """What is said of a column, the most special last."""
    told = _fillings()
    names = (column.name, f"{contract.dataset}.{column.name}")
    return [
        told.types[column.type],
        *(told.columns[name] for name in names if name in told.columns),
    ]


def words(contract: Dataset, column: Column) -> list[str]:
    """The words a column takes, as a clerk picks them from a list; empty where it is free."""
    if column.codes:
        return [entry.label or code for code, entry in codes(column.codes).items()]
    if column.type == "flag":
        return ["是", "否"]
    if contract.dataset == "comprehensive_return" and column.name in ("item_code", "unit"):
        field = "code" if column.name == "item_code" else "unit"
        return list(dict.fromkeys(getattr(item, field) for item in return_items()))
    if not (contract.has_township or column.name == "township_code"):
        return []
    places = {"township_name": townships().values(), "village_name": regions_of("village").values()}
    places |= {"township_code": townships(), "region_code": regions_of("village")}
    return list(dict.fromkeys(places.get(column.name, ())))


def form(contract: Dataset, column: Column) -> str:
    """How a value is written, in Chinese."""
    return next(one.form for one in reversed(_entries(contract, column)) if one.form)


def example(contract: Dataset, column: Column, township: str | None = None) -> str:
    """A right value, empty where the example row leaves the cell blank; places are those of `township`, else of the first."""
    told = [one.example for one in _entries(contract, column) if one.example is not None]
    if told:
        return told[-1]
    code = township or next(iter(townships()))
    villages = {one: name for one, name in regions_of("village").items() if one.startswith(code)}
    village = next(iter(villages), f"{code}000")
    places = {"region_code": village, "village_name": villages.get(village, "")}
    places |= {"township_code": code, "township_name": townships()[code]}
    places |= {"served_region_codes": village, "parent_code": code}
    return places.get(column.name) or next(iter(words(contract, column)), "")


def wrong(contract: Dataset, column: Column) -> dict[str, str | int]:
    """Wrong values of a column by the reason code that answers each; a blank is an empty text."""
    found: dict[str, str | int] = {}
    for one in _entries(contract, column):
        found |= one.wrong
    if column.type == "flag" and not column.required:
        found = {"code_unknown": found["flag_format"]}
    if column.codes:
        found["code_unknown"] = "写了别的词"
    if column.required and column.name not in BLANK_IS_READ:
        found["blank_required"] = ""
    return found
