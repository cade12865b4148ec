"""Where the project's data files and models lie, and which of them a home says otherwise: the one place that knows.

A home's own contracts lie in its folder `contracts/`, under the names of ours. A YAML file there is laid over ours, key by key;
any other file, a plan's folder, a file under a name that we have not, stands for itself. A process serves one home: the
one that MINZHENG_HOME names when it starts (`minzheng --home` sets it before anything is read).
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from minzheng.errors import MinzhengError

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the packages: a checkout, or site-packages."""
_SHIPPED = ROOT / "minzheng" / "shipped"
_DATA = _SHIPPED if _SHIPPED.is_dir() else ROOT
CONTRACTS = _DATA / "contracts"
OWN = Path(os.environ.get("MINZHENG_HOME") or "home").expanduser().resolve() / "contracts"
"""The contracts of the home that this process serves."""
SQL = _DATA / "sql"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def contract(name: str) -> Path:
    """The file or folder that holds in this home: its own, where it has one of that name."""
    return OWN / name if (OWN / name).exists() else CONTRACTS / name


def listed(name: str) -> Iterator[dict[str, str]]:
    """The lines of a CSV list: ours, then those that the home adds in a file of the same name."""
    for path in (CONTRACTS / name, OWN / name):
        if path.is_file():
            yield from read_list(path)


def read_list(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def contracts_in(folder: str, pattern: str = "*.yaml") -> list[Path]:
    """The files of a folder that hold in this home, ours and its own, in the order of their names."""
    files = [*(CONTRACTS / folder).glob(pattern), *(OWN / folder).glob(pattern)]
    return [contract(f"{folder}/{name}") for name in sorted({path.name for path in files})]


def read_yaml(path: Path) -> Any:
    """What a data file holds; over one of our contracts is laid what the home says of the same name."""
    for place in (CONTRACTS, OWN):
        if path.is_relative_to(place):
            name = path.relative_to(place)
            told = [
                _plain_yaml(each / name) for each in (CONTRACTS, OWN) if (each / name).is_file()
            ]
            return _laid_over(*told) if len(told) == 2 else told[0]
    return _plain_yaml(path)


def _plain_yaml(path: Path) -> Any:
    """What the file holds; `MinzhengError` names the line where it is no YAML."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        line = at.line + 1 if at else 1
        raise MinzhengError(
            f"{path}, line {line}: this is not YAML", f"{path} 第{line}行:不是规范的 YAML 写法"
        ) from None


def _laid_over(ours: Any, own: Any) -> Any:
    """Mappings key by key; anything else as the home says it."""
    if not (isinstance(ours, dict) and isinstance(own, dict)):
        return own
    both = {key: _laid_over(ours[key], own[key]) for key in ours.keys() & own.keys()}
    return ours | own | both


def parse_yaml(text: str) -> Any:
    """What a text in YAML holds, read by libyaml where PyYAML was built with it: ten times as fast, and the same."""
    return yaml.load(text, Loader=_LOADER)
