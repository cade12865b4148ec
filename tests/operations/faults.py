"""Faults on purpose: kills of the whole process group at random times, and an error or a kill at every N-th call to the disk.

`python -m tests.operations.faults [--long]` injects them into a small month of work, repeats the work as an operator would,
and holds the result against an undisturbed one and against every law of a home. It prints counts and exits with 1 when
anything differs. The layer between us and the disk is Python's audit hook: what opens, renames, links, removes or changes a
file under the home, connects a database or makes it durable can be made to fail.
"""

import argparse
import errno
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.operations.doctor import examine
from tests.operations.month_of_work import (
    PARTS,
    again,
    anew,
    arrive,
    fingerprint,
    with_sandbox,
    work,
)

CALLS = (
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)
CALLS += ("sqlite3.connect", "shutil.copyfile", "duckdb.connect", "fsync")
CLEAN, UNCLEAN, HANGS = 0, 3, 4
HUNG = 120.0  # seconds after which a child is given up


class Layer:
    """Counts calls that touch `root` and does `harm` at the N-th."""

    def __init__(self, root: Path, at: int, harm: Callable[[], None]):
        self.root, self.at, self.harm, self.count = str(root), at, harm, 0

    def start(self) -> None:
        """From now on, in this process; it cannot be taken away again."""
        import duckdb

        sys.addaudithook(self._seen)
        fsync, connect = os.fsync, duckdb.connect

        def synced(handle):
            self._count()
            return fsync(handle)

        def connected(path=":memory:", *rest, **more):
            if str(path).startswith(self.root):
                self._count()
            return connect(path, *rest, **more)

        os.fsync, duckdb.connect = synced, connected

    def _seen(self, event: str, arguments: tuple) -> None:
        if event in CALLS and any(str(one).startswith(self.root) for one in arguments[:2]):
            self._count()

    def _count(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.harm()


def full() -> None:
    """The disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def broken() -> None:
    """The disk fails."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def read_only() -> None:
    """The disk was mounted read-only."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def killed() -> None:
    """The machine is gone."""
    os.kill(0, signal.SIGKILL)


HARMS = {"full": full, "broken": broken, "read-only": read_only, "killed": killed}


class Trial:
    """A home in a folder of its own, worked on by children of this process."""

    def __init__(self, folder: Path):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.root, self.home, self.backups = folder, Home(folder / "home"), folder / "backups"
        os.environ["MINZHENG_KEY_FILE"] = str(folder.parent / "key.json")
        arrive(self.home.create())

    def run(
        self, job: Callable, at: int = 0, harm: Callable = killed, until: float | None = None
    ) -> int:
        """Do a job in a child in a group of its own; `until`: kill the group after so many seconds. Its exit status."""
        child = os.fork()
        if not child:
            self._work(job, at, harm)
        ends = time.monotonic() + (HUNG if until is None else until)
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > ends:
                os.killpg(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
                return HANGS if until is None else os.waitstatus_to_exitcode(ended[1])
            time.sleep(0.01)
        return os.waitstatus_to_exitcode(ended[1])

    def _work(self, job: Callable, at: int, harm: Callable) -> None:
        os.setsid()
        status = UNCLEAN
        try:
            layer = Layer(self.root, at, harm)
            layer.start()
            with_sandbox(job, self.home, self.backups)
            status = CLEAN
            (self.root / "calls").write_text(str(layer.count))
        except (MinzhengError, OSError):
            status = 1
        except BaseException as error:  # noqa: BLE001  a fault may come out as a database's own error
            from minzheng.errors import of_the_machine

            status = 1 if of_the_machine(error) or "injected" in str(error) else UNCLEAN
            if status == UNCLEAN:
                print(f"  at call {at}: {type(error).__name__}: {error}", flush=True)
        finally:
            os._exit(status)

    def calls(self) -> int:
        """How many calls an undisturbed run made."""
        return int((self.root / "calls").read_text())

    def healthy(self, wanted: dict) -> list[str]:
        """What differs from an undisturbed home, after the work was done once more."""
        status = self.run(again)
        if status != CLEAN:
            return [f"the repetition ended with {status}"]
        found = self.found()
        return [name for name in wanted if found[name] != wanted[name]] + found["faults"]

    def found(self) -> dict:
        """The home's fingerprint and what the check-up says, found in a child: databases bring threads, which no fork bears."""

        def look(home: Home, backups: Path) -> None:
            told = fingerprint(home, backups)
            told["faults"] = [english for english, _ in examine(home)]
            (self.root / "found").write_text(json.dumps(told))

        if self.run(look) != CLEAN:
            return {"faults": ["the home cannot be looked at"]} | dict.fromkeys(PARTS)
        return json.loads((self.root / "found").read_text())


def main(long: bool, seed: int) -> int:
    """Inject, repeat, compare; the exit status."""
    chance, began, counts, violations = random.Random(seed), time.monotonic(), Counter(), []
    with tempfile.TemporaryDirectory(prefix="minzheng-faults-") as folder:
        base = Path(folder)
        os.environ["MINZHENG_KEY_FILE"] = str(base / "key.json")
        Keys.create(base / "key.json")
        undisturbed = Trial(base / "undisturbed")
        started = time.monotonic()
        if undisturbed.run(work) != CLEAN:
            raise SystemExit("the undisturbed work fails")
        lasts, calls = time.monotonic() - started, undisturbed.calls()
        wanted = undisturbed.found()
        if faults := wanted.pop("faults"):
            raise SystemExit(f"the undisturbed home is not healthy: {faults}")

        def judge(kind: str, trial: Trial, status: int, place: str) -> None:
            wrong = trial.healthy(wanted)
            if status in (UNCLEAN, HANGS):
                wrong.append(
                    "it hung"
                    if status == HANGS
                    else "an error that is not told as a fault of the machine"
                )
            counts[kind] += 1
            violations.extend(f"{kind} at {place}: {one}" for one in wrong)
            shutil.rmtree(trial.root, ignore_errors=True)

        for _ in range(200 if long else 10):
            trial, at = Trial(base / "killed"), chance.uniform(0, lasts * 1.1)
            judge("kill -9 at a random time", trial, trial.run(work, until=at), f"{at:.2f} s")
        step = 5 if long else max(1, calls // 3)
        for name, harm in HARMS.items():
            for at in range(chance.randint(1, step), calls + 1, step):
                trial = Trial(base / "disk")
                judge(
                    f"{name} at a call to the disk", trial, trial.run(work, at, harm), f"call {at}"
                )
        shutil.copytree(undisturbed.root, base / "rebuilt", symlinks=True)
        for at in range(3, 200, 7 if long else 60):
            trial = object.__new__(Trial)
            trial.root, trial.home, trial.backups = (
                base / "r",
                Home(base / "r" / "home"),
                base / "r" / "backups",
            )
            shutil.copytree(base / "rebuilt", trial.root, symlinks=True)
            status = trial.run(anew, at, killed)
            judge("kill -9 within a rebuild", trial, status, f"call {at}")
            if status == CLEAN:
                break
    for kind, count in counts.items():
        print(f"{count:5}  {kind}")
    print(
        f"{sum(counts.values()):5}  faults injected into {calls} calls and {lasts:.1f} s of work, seed {seed}"
    )
    print(f"{len(violations):5}  violations, after {time.monotonic() - began:.0f} s")
    for one in violations:
        print(f"  {one}")
    return 1 if violations else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="200 kills, and every single call")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    raise SystemExit(main(told.long, told.seed))
