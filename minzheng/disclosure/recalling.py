"""Decisions kept between runs: a month whose counts have not changed keeps its pattern without being solved again.

The file holds, under a digest of everything a decision rests on, the names of the withheld counts and no value.
"""

import hashlib
import json
from dataclasses import astuple
from pathlib import Path

from minzheng.contracts import CONTRACTS
from minzheng.disclosure.deciding import Decision
from minzheng.disclosure.linking import Count, Tables
from minzheng.disclosure.rules import Profile

VERSION = "4"  # to be raised with every change of what the defender decides


class Recall:
    """The decisions in a JSON file, which need not exist; without a path nothing is kept."""

    def __init__(self, path: Path | None):
        self.path = path
        self.kept: dict[str, dict] = {}
        if path is not None and path.is_file():
            self.kept = json.loads(path.read_text(encoding="utf-8"))
        self.used: dict[str, dict] = {}

    def digest(self, now: Tables, before: str, profile: Profile, *given: set[Count]) -> str:
        """What a month's decision rests on: its counts, the months `before` (their digest), what is public or withheld, and the rules."""
        told = hashlib.sha256(VERSION.encode())
        told.update((CONTRACTS / "disclosure.yaml").read_bytes())
        told.update(profile.model_dump_json().encode())
        told.update(before.encode())
        told.update(repr((sorted(now.value.items()), sorted(now.given), sorted(now.lacking))).encode())
        told.update(repr(sorted(now.nothing)).encode())
        for counts in given:
            told.update(repr(sorted(counts)).encode())
        return told.hexdigest()

    def find(self, digest: str) -> Decision | None:
        """The decision made before on the same grounds."""
        kept = self.kept.get(digest)
        if kept is None:
            return None
        self.used[digest] = kept
        sets = [{Count(*name) for name in kept[part]} for part in ("hidden", "primary", "unprotected")]
        return Decision(*sets, kept["solved"], kept["proved"])

    def keep(self, digest: str, decision: Decision) -> None:
        """Remember a decision."""
        hidden, primary, unprotected, solved, proved = astuple(decision)
        names = {"hidden": hidden, "primary": primary, "unprotected": unprotected}
        self.used[digest] = {part: sorted(map(list, counts)) for part, counts in names.items()}
        self.used[digest] |= {"solved": solved, "proved": proved}

    def write(self) -> None:
        """Write what was used, beside what was there, in one step."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.kept | self.used, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        new.chmod(0o600)
        new.replace(self.path)
