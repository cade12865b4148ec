"""How a clerk fills a column, from the contracts: the words it takes, its form, an example, and wrong values with their answer.

Templates, the guide to the columns and its test are made from this, so that what a clerk reads is what the intake does.
"""

from functools import cache

from minzheng.contracts.datasets import CONTRACTS, Column, Dataset, Strict, codes, read_yaml
from minzheng.intake.places import townships, villages
from minzheng.intake.rules import return_items

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


def _told(contract: Dataset, column: Column) -> list[Filling]:
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
        return list(
            dict.fromkeys(return_items() if column.name == "item_code" else return_items().values())
        )
    places = {
        "region_code": [code for code, _ in villages()],
        "township_name": [*townships().values()],
    }
    places["village_name"] = list(dict.fromkeys(name for _, name in villages()))
    places["township_code"] = [*townships()]
    return (
        places.get(column.name, [])
        if contract.has_township or column.name == "township_code"
        else []
    )


def form(contract: Dataset, column: Column) -> str:
    """How a value is written, in Chinese."""
    return next(one.form for one in reversed(_told(contract, column)) if one.form)


def example(contract: Dataset, column: Column, township: str | None = None) -> str:
    """A right value; empty where the example row leaves the cell blank. Places are those of `township`, else of the first."""
    code = township or next(iter(townships()))
    place = next((pair for pair in villages() if pair[0].startswith(code)), (f"{code}000", ""))
    told = next(
        (one.example for one in reversed(_told(contract, column)) if one.example is not None), None
    )
    if told is not None:
        return told
    here = {
        "region_code": place[0],
        "village_name": place[1],
        "township_name": townships().get(code, ""),
    }
    here |= {"township_code": code, "served_region_codes": place[0], "parent_code": code}
    return here.get(column.name) or next(iter(words(contract, column)), "")


def wrong(contract: Dataset, column: Column) -> dict[str, str | int]:
    """Wrong values of a column by the reason code that answers each; a blank is an empty text."""
    found: dict[str, str | int] = {}
    for one in _told(contract, column):
        found |= one.wrong
    if column.type == "flag" and not column.required:
        found = {"code_unknown": found["flag_format"]}
    if column.codes:
        found["code_unknown"] = "写了别的词"
    if column.required and column.name not in BLANK_IS_READ:
        found["blank_required"] = ""
    return found
