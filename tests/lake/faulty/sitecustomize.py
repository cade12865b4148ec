"""What befalls the processes of a cluster under test, without a line of the product knowing (an audit hook).

`FAULTS` names a folder; a file there remembers each blow. Each county of `STRUCK` loses the worker that computes it while
`FAULTS_MONTH` is written; then it fails twice as its months are put in place.
"""

import os
import re
import signal
import sys
from pathlib import Path

STRUCK = re.compile(r"result/county=(632221|632222)/\.month=\d{4}-\d\d\.\w+")
EVENTS = ("os.mkdir", "os.symlink")


def struck(name: str, times: int) -> bool:
    """Whether this is one of the first `times` blows of that name."""
    for number in range(times):
        try:
            (Path(os.environ["FAULTS"]) / f"{name}{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return True
    return False


def parent(pid: int) -> int:
    """The process that started another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def befall(event: str, told: tuple) -> None:
    """Strike where a result is written."""
    place = STRUCK.search(str(told[1 if event == "os.symlink" else 0])) if event in EVENTS else None
    if (
        place
        and event == "os.mkdir"
        and f"={os.environ['FAULTS_MONTH']}" in place[0]
        and struck(f"killed {place[1]} ", 1)
    ):
        executor = parent(parent(os.getpid()))
        for pid in (parent(executor), executor):
            os.kill(pid, signal.SIGKILL)
    if place and event == "os.symlink" and struck(f"failed {place[1]} ", 2):
        raise RuntimeError("somebody's row")


if "FAULTS" in os.environ:
    sys.addaudithook(befall)
