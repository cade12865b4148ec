"""Faults on purpose: kills of the whole process group at random times, and a failure or a kill at every N-th call to the disk.

`python -m tests.operations.faults [--long]` injects them into a small month of work, repeats the work as an operator would,
and holds the result against an undisturbed one and against every law of a home. It prints counts and exits with 1 when
anything differs. The layer between the work and its disk is `disk.c`, loaded before the C library: it sees what Python,
DuckDB, SQLite and Polars write, make durable, rename, link, remove, cut and connect.
"""

import argparse
import ctypes
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import product
from pathlib import Path
from types import SimpleNamespace

from minzheng.contracts.editions import editions
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError, of_the_machine
from minzheng.intake import child, read, sandbox  # noqa: F401  what reads is loaded before the forks
from minzheng.operations.doctor import examine
from minzheng.warehouse import connection
from tests.operations.month_of_work import again, anew, arrive, fingerprint, with_sandbox, work

LAYER = Path(__file__).with_name("disk.c")
KILLED, FULL, BROKEN, READ_ONLY = 0, errno.ENOSPC, errno.EIO, errno.EROFS
HARMS = {KILLED: "kill -9", FULL: "disk full", BROKEN: "I/O error", READ_ONLY: "disk read-only"}
CLEAN, TOLD, UNCLEAN, HANGS = 0, 1, 3, 4
ENDS = {
    CLEAN: "",
    TOLD: "",
    -signal.SIGKILL: "",
    UNCLEAN: "an error that is not told as a fault of the machine",
    HANGS: "it hung",
}
HUNG = 300.0  # seconds after which a child is given up
ZONES = ("vault", "ledger", "warehouse", "work", "drafts", "published")
KILLS, POWER_CUTS, STEP = (
    {False: 10, True: 200},
    {False: 1, True: 30},
    {False: 120, True: 5},
)  # short, long: at random times; every so many calls of a kind


class ForkedReader:
    """A reading child as the sandbox starts one, made by a fork: what it would import for a second is there already."""

    def __init__(self):
        (asked, self.ask), (self.hear, said) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.dup2(asked, 0)
            os.dup2(said, 1)
            os.closerange(3, max(asked, self.ask, self.hear, said) + 1)
            child.main()
            os._exit(0)
        os.close(asked)
        os.close(said)
        self.stdin, self.stdout = os.fdopen(self.ask, "wb"), os.fdopen(self.hear, "rb")

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float = 0) -> int:
        """Its exit status."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Trial:
    """A home in a folder of its own, worked on by children of this process."""

    def __init__(self, folder: Path, like: "Trial | None" = None):
        shutil.rmtree(folder, ignore_errors=True)
        self.root, self.home, self.backups = folder, Home(folder / "home"), folder / "backups"
        if like:
            shutil.copytree(like.root, folder, symlinks=True)
        else:
            folder.mkdir(parents=True)
            arrive(self.home.create())

    def run(self, job: Callable, at: int = 0, harm: int = KILLED, until: float = 0) -> int:
        """Do a job in a child in a group of its own; `until`: kill the group after so many seconds. Its exit status."""
        child = os.fork()
        if not child:
            self._work(job, at, harm)
        os.setpgid(child, child)  # here too: who comes first on a busy machine, nobody knows
        ends = time.monotonic() + (until or HUNG)
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > ends:
                os.killpg(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
                return os.waitstatus_to_exitcode(ended[1]) if until else HANGS
            time.sleep(0.01)
        return os.waitstatus_to_exitcode(ended[1])

    def _work(self, job: Callable, at: int, harm: int) -> None:
        os.setpgid(0, 0)
        status = UNCLEAN
        try:
            calls = None if at else str(self.root.parent / "calls").encode()
            sandbox.subprocess = SimpleNamespace(**vars(subprocess))
            readers = iter([ForkedReader()])
            sandbox.subprocess.Popen = lambda *how, **more: (
                next(readers, None) or subprocess.Popen(*how, **more)
            )
            ctypes.CDLL(None).arm(str(self.root).encode(), at, harm, calls)
            with_sandbox(job, self.home, self.backups)
            status = CLEAN
        except BaseException as error:  # noqa: BLE001  a fault may come out as a database's own error
            status = TOLD if isinstance(error, MinzhengError) or of_the_machine(error) else UNCLEAN
            if status == UNCLEAN:
                print(f"  call {at}, {HARMS[harm]}: {type(error).__name__}: {error}", flush=True)
        finally:
            os._exit(status)

    def finished(self, job: Callable) -> dict:
        """Do a job and look: the home's fingerprint, and as `faults` what the check-up says."""

        def look(home: Home, backups: Path) -> None:
            job(home, backups)
            told = fingerprint(home, backups)
            told["faults"] = [english for english, _ in examine(home)]
            (self.root.parent / "found").write_text(json.dumps(told))

        status = self.run(look)
        if status != CLEAN:
            return {"faults": [f"the work ended with {status}"]}
        return json.loads((self.root.parent / "found").read_text())


class SmallDisk:
    """A file system of its own under one part of a home: half as large as that part becomes, or without inodes, or read-only."""

    OPTIONS = {"that is full": "size={half}", "without inodes": "nr_inodes=3", "read-only": "ro"}

    def __init__(self, undisturbed: Home, zone: str, harm: str):
        files = [path for path in (undisturbed.path / zone).rglob("*") if path.is_file()]
        half = max(4096, sum(path.stat().st_size for path in files) // 2)
        self.zone, self.options = zone, self.OPTIONS[harm].format(half=half)

    @contextmanager
    def under(self, home: Home) -> Iterator[None]:
        """Mounted, until the block ends."""
        self.place = home.path / self.zone
        self._mount("tmpfs", "-t", "tmpfs", options=f"mode=700,{self.options}")
        try:
            yield
        finally:
            subprocess.run(["umount", self.place], check=True)

    def mend(self) -> None:
        """Room, inodes and the right to write."""
        self._mount(options="remount,rw,size=100m,nr_inodes=10000")

    def _mount(self, *how: str, options: str) -> None:
        subprocess.run(["mount", *how, "-o", options, self.place], check=True)


class PoweredDisk:
    """An ext4 file system in a file: at a power cut only what the file holds is left, not what was written and never synced."""

    @staticmethod
    def can_be_had() -> bool:
        """Whether this process may mount a file, and there is a program that makes the file system."""
        loops = Path("/dev/loop0").exists() and shutil.which("mkfs.ext4")
        return os.getuid() == 0 and bool(loops)

    def __init__(self, base: Path):
        self.image, self.place = base / "disk.img", base / "powered"

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """A folder on it, until the block ends."""
        self.place.mkdir(exist_ok=True)
        self.image.unlink(missing_ok=True)
        subprocess.run(["truncate", "-s", "96M", self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        self._mount()
        try:
            yield self.place / "trial"
        finally:
            self._unmount()

    def sync(self) -> None:
        """Make durable what is there."""
        subprocess.run(["sync", "-f", self.place], check=True)

    def cut(self) -> None:
        """Go on with the file as it is now, its journal played back; what the kernel still had to write is lost."""
        left = self.image.with_suffix(".left")
        shutil.copyfile(self.image, left)
        self._unmount()
        left.replace(self.image)
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True)

    def _unmount(self) -> None:
        subprocess.run(["umount", "-l", self.place], check=True)


def kind(line: str, long: bool) -> str:
    """A call's kind: what is done, in the long form also to which part of the home."""
    call, _, path = line.partition(" /")
    zone = path.split("/")[0 if path.startswith("backups") else 1 :][:1]
    return " ".join([call, *zone]) if long else call


def chosen(calls: list[str], long: bool, chance: random.Random) -> dict[int, str]:
    """Every `STEP`-th call of each kind, at least one: its place among all calls (from 1) and its kind."""
    kinds, step, found = defaultdict(list), STEP[long], {}
    for place, line in enumerate(calls, 1):
        kinds[kind(line, long)].append(place)
    for name, places in kinds.items():
        start = chance.randrange(min(step, len(places)))
        found |= dict.fromkeys(places[start::step], name)
    return found


def warm() -> None:
    """What each child would load anew; nothing that leaves a thread behind, which no fork bears."""
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401

    editions()
    connection._wanted()


def measured(undisturbed: Trial, noted: Path) -> tuple[float, list[str], dict]:
    """How many seconds the undisturbed work lasts, its calls to the disk, and what a finished home then holds."""
    started = time.monotonic()
    if undisturbed.run(work) != CLEAN:
        raise SystemExit("the undisturbed work fails")
    lasts, calls = time.monotonic() - started, noted.read_text().splitlines()
    wanted = undisturbed.finished(again)
    if wanted["faults"]:
        raise SystemExit(f"the undisturbed home is not healthy: {wanted['faults']}")
    return lasts, calls, wanted


class Campaign:
    """Faults put into the work below `base`, each judged by an undisturbed home: `counts`, `felt` and `violations`."""

    def __init__(self, base: Path):
        self.base, self.counts, self.felt, self.violations = base, Counter(), Counter(), []
        self.undisturbed = Trial(base / "undisturbed")
        started = time.monotonic()
        if self.undisturbed.run(work) != CLEAN:
            raise SystemExit("the undisturbed work fails")
        self.lasts = time.monotonic() - started
        self.calls = (base / "calls").read_text().splitlines()
        self.wanted = self.undisturbed.finished(again)
        if self.wanted["faults"]:
            raise SystemExit(f"the undisturbed home is not healthy: {self.wanted['faults']}")

    def disturb(
        self,
        what: str,
        job: Callable = work,
        like: Trial | None = None,
        disk: SmallDisk | None = None,
        **fault,
    ) -> int:
        """Do a job with one fault in it, then the work again; how the job ended."""
        trial = Trial(self.base / "trial", like)
        with disk.under(trial.home) if disk else nullcontext():
            status = trial.run(job, **fault)
            if disk:
                disk.mend()
            self.judge(what, fault, trial, status)
        return status

    def cut_power(self, until: float) -> None:
        """Cut the power after so many seconds of work, then the work again."""
        disk = PoweredDisk(self.base)
        with disk.mounted() as folder:
            trial = Trial(folder)
            disk.sync()
            status = trial.run(work, until=until)
            disk.cut()
            self.judge("power cut, unsynced writes lost", {"until": until}, trial, status)

    def judge(self, what: str, fault: dict, trial: Trial, status: int) -> None:
        """Count a fault, and what is not as in the undisturbed home."""
        found = trial.finished(again)
        differing = [name for name in self.wanted if found.get(name) != self.wanted[name]]
        ended = ENDS.get(status, f"it ended with {status}")
        wrong = found["faults"] + differing + ([ended] if ended else [])
        self.counts[what] += 1
        self.felt[what] += status != CLEAN
        self.violations.extend(wrong)
        print("".join(f"  {what}, {fault}: {one}\n" for one in wrong), end="", flush=True)
        if (made := self.counts.total()) % 50 == 0:
            print(f"  {made} faults, {len(self.violations)} violations", flush=True)

    def tell(self, seed: int, places: dict[int, str]) -> None:
        """The counts, by fault and by kind of call."""
        for what, count in self.counts.items():
            print(f"{count:5}  {what} ({self.felt[what]} stopped the work)")
        reached, calls = Counter(places.values()), f"{len(places)} of {len(self.calls)} calls"
        print(f"{self.counts.total():5}  faults, seed {seed}; {calls} to the disk")
        named = ", ".join(f"{name} {count}" for name, count in sorted(reached.items()))
        print(f"{len(reached):5}  kinds of call: {named}")


def main(long: bool, seed: int) -> int:
    """Inject, repeat, compare; the exit status."""
    chance, began = random.Random(seed), time.monotonic()
    warm()
    with tempfile.TemporaryDirectory(prefix="minzheng-faults-") as folder:
        base = Path(folder)
        os.environ["MINZHENG_KEY_FILE"] = str(base / "key.json")
        Keys.create(base / "key.json")
        tried = Campaign(base)
        for _ in range(KILLS[long]):
            tried.disturb("kill -9 at a random time", until=chance.uniform(0.01, tried.lasts * 1.1))
        for _ in range(POWER_CUTS[long] if PoweredDisk.can_be_had() else 0):
            tried.cut_power(chance.uniform(0.01, tried.lasts * 1.1))
        places = chosen(tried.calls, long, chance)
        for turn, place in enumerate(sorted(places)):
            harm = list(HARMS)[turn % len(HARMS)]
            tried.disturb(f"{HARMS[harm]} at a call to the disk", at=place, harm=harm)
        disks = list(product(ZONES, SmallDisk.OPTIONS)) if os.getuid() == 0 else []
        for zone, harm in disks if long else disks[::4]:
            disk = SmallDisk(tried.undisturbed.home, zone, harm)
            tried.disturb(f"{zone} on a small file system {harm}", disk=disk)
        for at in range(chance.randint(1, STEP[long]), 10_000, STEP[long] * 2):
            if tried.disturb("kill -9 within a rebuild", anew, tried.undisturbed, at=at) == CLEAN:
                break
    tried.tell(seed, places)
    print(f"{len(tried.violations):5}  violations, after {time.monotonic() - began:.0f} s")
    return 1 if tried.violations else 0


def layer(folder: Path) -> dict[str, str]:
    """The environment in which a process has the layer, built in `folder`, between itself and the disk."""
    built = folder / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", built, LAYER, "-ldl"], check=True)
    return {**os.environ, "LD_PRELOAD": str(built), "OPENBLAS_NUM_THREADS": "1"}


def layered() -> None:
    """Start this program once more with the layer."""
    with tempfile.TemporaryDirectory(prefix="minzheng-layer-") as folder:
        once_more = [sys.executable, "-m", "tests.operations.faults", *sys.argv[1:]]
        raise SystemExit(subprocess.run(once_more, env=layer(Path(folder))).returncode)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="200 kills, every fifth call")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    if "LD_PRELOAD" not in os.environ:
        layered()
    raise SystemExit(main(told.long, told.seed))
