"""What is wrong with a data file, in both languages: its first fault, where it lies, as one sentence."""

import re
from collections.abc import Callable
from functools import cache

from pydantic import ValidationError

from minzheng.contracts.paths import CONTRACTS, read_yaml
from minzheng.errors import Fault, MinzhengError

Place = tuple[str | int, ...]


@cache
def sentences() -> dict[str, str]:
    """The Chinese sentences by kind of fault (`contracts/faults.yaml`)."""
    return read_yaml(CONTRACTS / "faults.yaml")


def place(loc: Place) -> str:
    """Where an entry stands: its keys, entries of a list by their number from 1."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in loc)


def first_fault(error: ValidationError, named: Callable[[Place], str] = place) -> Fault:
    """The first fault of a file; `named` tells an entry's place. What we say of a whole entry names it by itself."""
    first = error.errors(include_url=False)[0]
    ours = first.get("ctx", {}).get("error")
    told = ours if isinstance(ours, Fault) else Fault(first["msg"], _chinese(first))
    if told is ours and len(first["loc"]) <= 2 or not first["loc"]:
        return told
    where = named(first["loc"])
    return Fault(f"{where}: {told}", f"{where}：{told.zh}")


def of_a_contract(error: BaseException, file: str = "") -> MinzhengError | None:
    """A data file that does not fit its schema, told by its place there, without the value; None for any other error."""
    if not isinstance(error, ValidationError):
        return None
    fault, where = first_fault(error), file or error.title
    return MinzhengError(
        f"a contract of this home is wrong, {where}, {fault}; minzheng check-contracts looks at each",
        f"数据目录 contracts/ 中有一处不合规范，{where}，{fault.zh}；请用 minzheng check-contracts 逐项检查",
    )


def _chinese(first: dict) -> str:
    kind, known = first["type"], sentences()
    sentence = known.get(kind) or known.get(kind.partition("_")[0]) or known["other"]
    allowed = re.sub(r" or |, ", "、", str(first.get("ctx", {}).get("expected", "")))
    return sentence.format_map(first.get("ctx", {}) | {"expected": allowed})
