"""What was released stays what it was: the ledger keeps the hash of every manifest, and each is held against it before use.

A release protects the next ones and is compared with them; one that was moved, edited or lost would let them show what was
withheld, and invent revisions.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.publish.release.folder import sync
from minzheng.publish.release.manifest import MANIFEST, read_manifest, signer, verify

FROZEN = "frozen"
EVALUATIONS = "evaluation-*"
TABLES = (".parquet", ".duckdb")
"""What later releases read of one; the check-up looks at every file."""

Fault = tuple[str, str]


def folders(home: Home, of: str = "[0-9]*-[0-9]*") -> list[Path]:
    """The folder of every revision, by month and number; `of`: a pattern for what it is a revision of."""
    found = [path for path in home.published.glob(f"{of}/r[0-9]*") if path.name[1:].isdigit()]
    return sorted(found, key=lambda path: (path.parent.name, int(path.name[1:])))


def _all(home: Home) -> list[Path]:
    """Every revision that was frozen: of months, and of the evaluations of plans."""
    return [*folders(home), *folders(home, EVALUATIONS)]


def note_frozen(home: Home, folder: Path) -> None:
    """Record a revision: the hash of each manifest in it, and who signed."""
    manifests = _hashes(folder)
    signers = {signer(read_manifest((folder / name).parent)) for name in manifests}
    body = {"release": _name(folder), "manifests": manifests, "signers": sorted(signers)}
    with Ledger(home) as ledger:
        ledger.record(FROZEN, body)


def head(home: Home) -> str:
    """The hash at the end of the ledger's chain: signed into a release, it shows when the trail before it was cut."""
    with Ledger(home) as ledger:
        return (ledger.heads() or [""])[-1]


def settle(home: Home) -> None:
    """Before a release is read or made: take over what was frozen and not recorded yet, let `latest` point at the newest.

    `MinzhengError` when what was released is not all there as it was.
    """
    known = recorded(home)
    for folder in _all(home):
        recorded_of = known.get(_name(folder), {"manifests": {}})["manifests"]
        added = recorded_of.items() < _hashes(folder).items()
        if added and not _stranger(folder, known):
            note_frozen(home, folder)
    for english, chinese in faults(home, lambda name: name.endswith(TABLES)):
        raise MinzhengError(
            f"{english}: put it back from its backup; nothing is released until then",
            f"{chinese}:请从备份放回,此前不得发布",
        )
    point_latest(home)


def recorded(home: Home) -> dict[str, dict]:
    """What the ledger says of each revision, by name."""
    with Ledger(home) as ledger:
        return {event.body["release"]: event.body for event in ledger.events(FROZEN)}


def faults(home: Home, of: Callable[[str], bool] = lambda _: True) -> Iterator[Fault]:
    """What differs from what was recorded, as (English, Chinese) lines; files `of` these names are looked into."""
    known = recorded(home)
    there = _all(home)
    for name in known.keys() - {_name(folder) for folder in there}:
        yield f"release {name} is not there", f"发布{name}不见了"
    for folder in there:
        yield from changed(folder, known, of)


def changed(
    folder: Path, known: dict[str, dict], of: Callable[[str], bool] = lambda _: True
) -> Iterator[Fault]:
    """What differs in a revision from what was recorded of it; `known` as `recorded` gives it."""
    name = _name(folder)
    if name not in known:
        yield (
            f"release {name} was not made here, or was changed before it was recorded",
            f"发布{name}不是本机所发,或登记前已被改动",
        )
        return
    manifests = {path.relative_to(folder).as_posix(): path for path in _manifests(folder)}
    if manifests.keys() != known[name]["manifests"].keys():
        yield (
            f"release {name} lacks an edition, or has one too many",
            f"发布{name}的版别不全或多出",
        )
        return
    for place, path in manifests.items():
        same = hashlib.sha256(path.read_bytes()).hexdigest() == known[name]["manifests"][place]
        differs = [] if not same else verify(path.parent, of)
        if not same or differs:
            what = differs[0] if differs else f"tampered: {place}"
            yield (
                f"release {name} is not what it was ({what})",
                f"发布{name}与发布时不同({what})",
            )


def _stranger(folder: Path, known: dict[str, dict]) -> bool:
    """Whether an unrecorded revision was not frozen here: other name, other bytes, or a signer who never signed before.

    A home that recorded none yet takes over those that it holds.
    """
    manifests = _manifests(folder)
    signers = set().union(*(body["signers"] for body in known.values()))
    return not manifests or any(
        read_manifest(path.parent).release != _name(folder).replace("/", "-")
        or (signers and signer(read_manifest(path.parent)) not in signers)
        or verify(path.parent)
        for path in manifests
    )


def point_latest(home: Home) -> None:
    """Let `published/latest` point at the newest month's last revision; readers see the old or the new."""
    newest, link = folders(home)[-1:], home.published / "latest"
    if not newest or (link.is_symlink() and link.readlink().as_posix() == _name(newest[0])):
        return
    fresh = link.with_name(".latest")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(_name(newest[0]))
    fresh.replace(link)
    sync(home.published)


def _manifests(folder: Path) -> list[Path]:
    """The manifest of the revision or of each of its editions."""
    return sorted([*folder.glob(MANIFEST), *folder.glob(f"*/{MANIFEST}")])


def _hashes(folder: Path) -> dict[str, str]:
    """The hash of each manifest by its path within the revision."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _manifests(folder)
    }


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
