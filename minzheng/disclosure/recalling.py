"""Judgements kept between runs: a system of counts that has not changed is not solved again.

The file holds, under a digest of everything a judgement rests on, the names of counts and no value.
"""

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np

from minzheng.contracts.paths import CONTRACTS
from minzheng.disclosure.linking import Count
from minzheng.disclosure.system import Rows

VERSION = "11"  # to be raised with every change of how systems are judged


class Recall:
    """The judgements in a JSON file, which need not exist; without a path nothing is kept."""

    def __init__(self, path: Path | None):
        self.path = path
        self.kept: dict[str, list] = {}
        if path is not None and path.is_file():
            with contextlib.suppress(ValueError):  # damaged: everything is judged anew
                self.kept = dict(json.loads(path.read_text(encoding="utf-8")))
        self.used: dict[str, list] = {}

    def find(self, digest: str) -> list[set[Count]] | None:
        """The sets of counts kept under the digest."""
        kept = self.kept.get(digest)
        if kept is None:
            return None
        self.used[digest] = kept
        return [{Count(*name) for name in names} for names in kept]

    def keep(self, digest: str, *sets: set[Count]) -> None:
        """Remember sets of counts."""
        self.used[digest] = [sorted(map(list, counts)) for counts in sets]

    def write(self) -> None:
        """Write what was used, beside what was there, in one step."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(
            json.dumps(self.kept | self.used, ensure_ascii=False, sort_keys=True), encoding="utf-8"
        )
        new.chmod(0o600)
        new.replace(self.path)


def digest(rows: Rows, *grounds: np.ndarray | int | str) -> str:
    """What a judgement of the system rests on: the system, the `grounds`, the rules and the code's version."""
    told = hashlib.sha256(VERSION.encode() + (CONTRACTS / "disclosure.yaml").read_bytes())
    told.update(repr(rows.names).encode())
    for part in (rows.matrix, rows.low, rows.high, *grounds):
        told.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return told.hexdigest()
