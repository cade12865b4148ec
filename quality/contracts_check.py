"""What is missing or wrong in the contracts of a home, ours and its own, told in one list instead of by the first that fails."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from pydantic import ValidationError
from yaml import YAMLError

from minzheng.contracts import plans
from minzheng.contracts.calendar import Calendar
from minzheng.contracts.datasets import codes, dataset, dataset_names, read_yaml
from minzheng.contracts.filling import example
from minzheng.contracts.indicators import read_indicator, registry
from minzheng.contracts.paths import CONTRACTS, OWN, SQL, contract, contracts_in
from minzheng.contracts.quality_rules import RuleFile
from minzheng.contracts.regions import regions
from minzheng.contracts.return_items import return_items
from minzheng.errors import MinzhengError
from minzheng.indicators.unresolved import Unresolved
from minzheng.leads.rules import Rule as LeadRule
from minzheng.publish.report.ministry_form import Form
from minzheng.warehouse.lineage import models_of

WRONG = (MinzhengError, ValidationError, YAMLError, KeyError, ValueError, UnicodeDecodeError)


def faults() -> Iterator[str]:
    """One line a fault: the file, and what is missing or wrong there. What cannot load hides only what needs it."""
    reading = (_loading(name, read_yaml, OWN / name) for name in _own_files())
    yield from list(chain.from_iterable(reading)) or _of_contracts()
    shipped = {path.name for path in CONTRACTS.iterdir()}
    yield from (
        f"{name}: nothing reads a file of this name"
        for name in _own_files()
        if name.split("/")[0] not in shipped
    )


def _own_files() -> list[str]:
    return sorted(path.relative_to(OWN).as_posix() for path in OWN.rglob("*.yaml"))


def _of_contracts() -> Iterator[str]:
    yield from _loading("county.yaml, regions", regions)
    for name in dataset_names():
        wrong = _loading(f"datasets/{name}.yaml", dataset, name)
        yield from wrong or _of_dataset(name)
    yield from _of_calendar()
    loading = (_loading(path.name, read_indicator, path) for path in contracts_in("indicators"))
    yield from list(chain.from_iterable(loading)) or _of_indicators()
    yield from _of_rules()
    for folder in contracts_in("plans", "*"):
        yield from _loading(f"plans/{folder.name}", plans.plan, folder.name)
    for path in contracts_in("forms"):
        if path.stem != "example_map":
            yield from _of_form(path.name)


def _loading(file: str, load: Callable[..., Any], *given: Any) -> list[str]:
    """The line of a file that does not load; none where it does."""
    try:
        load(*given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return [f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}"]
    except WRONG as error:
        return [f"{file}: {' '.join(str(error).split())}"]
    return []


def _of_dataset(name: str) -> Iterator[str]:
    told, listed = dataset(name), read_yaml(CONTRACTS / "codes.yaml")
    for column in told.columns:
        if column.codes and column.codes not in listed:
            yield f"codes.yaml: no list {column.codes}, which datasets/{name}.yaml names"
            continue
        if column.codes:
            yield from _loading(f"codes.yaml, {column.codes}", codes, column.codes)
        if column.required and not example(told, column):
            yield f"filling.yaml: columns has no example of {name}.{column.name}, which must be filled in"
    for unknown in sorted(set(told.key) - {column.name for column in told.columns}):
        yield f"datasets/{name}.yaml: its key names {unknown}, which is no column"


def _of_calendar() -> Iterator[str]:
    due = read_yaml(CONTRACTS / "calendar.yaml")
    wrong = _loading("calendar.yaml", Calendar.model_validate, due)
    yield from wrong
    for name in sorted(set(dataset_names()) - due["datasets"].keys()):
        yield f"calendar.yaml: datasets has no line for {name}"
    for name in sorted(due["datasets"].keys() - set(dataset_names())):
        yield f"datasets/{name}.yaml: not there, but calendar.yaml expects it"


def _of_indicators() -> Iterator[str]:
    items = {item.code for item in return_items()}
    for code, each in registry().items():
        file = f"indicators/{code}.yaml"
        for item in each.items:
            if item.code not in items:
                yield f"comprehensive_items.csv: no item {item.code}, which {file} counts"
        if not each.unavailable and not models_of(code):
            yield f"{file}: nothing counts it: give it items of the return, or a model in sql/indicator"
        for need in each.columns:
            if not dataset(need.dataset).column(need.column):
                yield f"{file}: {need.dataset} has no column {need.column}"


def _of_rules() -> Iterator[str]:
    known = []
    for path in contracts_in("rules"):
        content = read_yaml(path)
        wrong = _loading(f"rules/{path.name}", RuleFile.model_validate, content)
        yield from wrong
        known += [] if wrong else [rule["id"] for rule in content["rules"]]
    for path in contracts_in("leads"):
        content = read_yaml(path)
        wrong = _loading(f"leads/{path.name}", LeadRule.model_validate, content)
        yield from wrong
        known += [] if wrong else [content["rule_id"]]
        if not (SQL / f"lead/{path.stem.lower()}.sql").is_file():
            yield f"leads/{path.name}: no model sql/lead/{path.stem.lower()}.sql"
    effects = read_yaml(CONTRACTS / "unresolved.yaml")
    yield from _loading("unresolved.yaml", Unresolved.model_validate, effects)
    for rule in sorted(set(known) - effects["effects"].keys() - effects["nothing"].keys()):
        yield f"unresolved.yaml: says nothing of what a finding of {rule} could change"


def _of_form(name: str) -> Iterator[str]:
    content = read_yaml(contract(f"forms/{name}"))
    wrong = _loading(f"forms/{name}", Form.model_validate, content)
    yield from wrong
    for row in () if wrong else Form.model_validate(content).rows:
        if row.indicator and row.indicator not in registry():
            yield f"forms/{name}: no indicator {row.indicator}"
