"""What ruff has no rule for, a line a fault: `python -m tests.style`, in `make check`."""

import ast
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from minzheng.contracts.conventions import conventions
from tests.contracts.test_citations import CITED, FILE, citations
from tests.facts import second_places

ROOT = Path(__file__).parents[1]
HOUSE = [
    "assets",
    "benchmarks",
    "deploy",
    "examples",
    "minzheng",
    "pipelines",
    "quality",
    "sbom",
    "simulation",
]
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def faults(path: Path) -> Iterator[str]:
    """The lines of a file where a comprehension has more than one `for`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, COMPREHENSIONS) and len(node.generators) > 1:
            yield (
                f"{path}:{node.lineno}: a comprehension has one `for`:"
                " take itertools.product or chain, a loop, or a generator with a name"
            )


def lost_citations() -> Iterator[str]:
    """The lines that cite a convention or a file that is not there."""
    for where, cited in citations(CITED):
        if cited not in conventions():
            yield f"{where}: {cited} stands not in contracts/conventions.yaml"
    for where, cited in citations(FILE):
        if not (ROOT / cited).is_file():
            yield f"{where}: there is no file {cited}"


def main() -> int:
    """Print the faults of the whole house; the exit status."""
    files = chain.from_iterable(sorted((ROOT / folder).rglob("*.py")) for folder in HOUSE)
    found = [*chain.from_iterable(map(faults, files)), *lost_citations(), *second_places()]
    print("".join(f"{line}\n" for line in found), end="")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
