"""Reading in child processes: a crash, a bomb or a hang costs one file. Children live on from file to file."""

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import polars as pl

from minzheng.contracts.paths import OWN, ROOT
from minzheng.intake.child import send
from minzheng.intake.frames import Frames
from minzheng.intake.packed import blocks_of
from minzheng.intake.reading import FRAMES, Reading
from minzheng.intake.settings import settings

Content = bytes | Callable[[], Iterator[bytes]]  # a file's bytes, or what gives them block by block
FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)


class Ended(ChildProcessError):
    """A reading process is gone: its exit status (a signal as a negative number), and whether that was done from outside.

    From outside: it never began to read, or a signal ended it that neither the file nor our own limits send.
    """

    def __init__(self, status: int, outside: bool):
        super().__init__(f"the reading process ended with status {status}")
        self.status, self.outside = status, outside


class Child:
    """One reading process. `read` raises `Ended` when it died or hung; then it is of no more use."""

    def __init__(self):
        self._began = self._overdue = False
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "POLARS_MAX_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
            "LANG": "C.UTF-8",
        } | ({"MINZHENG_HOME": str(OWN.parent)} if OWN.is_dir() else {})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "minzheng.intake.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        self._watched(lambda: self._receive())
        self._began = True

    def read(
        self,
        name: str,
        content: Content,
        folder: str | None,
        places: Sequence = (),
        standards: Sequence = (),
    ) -> list[Reading]:
        """The readings of one file, judged in the child."""
        return self._watched(lambda: self._read(name, content, folder, places, standards))

    def _read(
        self,
        name: str,
        content: Content,
        folder: str | None,
        places: Sequence = (),
        standards: Sequence = (),
    ) -> list[Reading]:
        try:
            send(
                self._process.stdin,
                json.dumps(
                    {
                        "name": name,
                        "folder": folder,
                        "places": list(places),
                        "standards": list(standards),
                    }
                ).encode(),
            )
            for block in blocks_of(content) if isinstance(content, bytes) else content():
                send(self._process.stdin, block)
            send(self._process.stdin, b"")
        except OSError:
            raise EOFError from None
        answers = json.loads(self._receive())
        readings = [Reading(**answer) for answer in answers]
        if any(answer["refused"] and "member" not in answer for answer in answers):
            return readings
        for reading in readings:
            for name in FRAMES:
                frames = self._frames()
                setattr(reading, name, None if reading.refused else frames)
        return readings

    def _frames(self) -> Frames:
        parts: list[pl.DataFrame | bytes] = []
        while stream := self._receive():
            parts.append(stream)
        return Frames(parts)

    def _receive(self) -> bytes:
        head = self._process.stdout.read(8)
        content = (
            self._process.stdout.read(struct.unpack(">Q", head)[0]) if len(head) == 8 else None
        )
        if content is None or len(content) < struct.unpack(">Q", head)[0]:
            raise EOFError
        return content

    def _watched(self, work):
        """Run `work`; the child is ended when it takes longer than the wall clock allows."""
        timer = threading.Timer(settings().sandbox.wall_seconds, self._stop)
        timer.daemon = True
        timer.start()
        try:
            return work()
        except EOFError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)  # its pipes close a moment before its status is known
            status = self.close()
            outside = not self._began or (status in FROM_OUTSIDE and not self._overdue)
            raise Ended(status, outside) from None
        finally:
            timer.cancel()

    def _stop(self) -> None:
        self._overdue = True
        self._process.kill()

    def memory(self) -> int:
        """The most memory the child ever held, in bytes."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))

    def close(self) -> int:
        """End the child; its exit status (a signal as a negative number)."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        return self._process.wait()


class Sandbox:
    """A few reading children, started when the first file comes; use it as a context manager."""

    def __init__(self, children: int | None = None):
        self._count = children or settings().sandbox.children
        self._free: queue.SimpleQueue[Child | None] = queue.SimpleQueue()
        for _ in range(self._count):
            self._free.put(None)
        self._threads = ThreadPoolExecutor(self._count)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._free.empty():
            child = self._free.get()
            if child is not None:
                child.close()

    def submit(
        self,
        name: str,
        content: Content,
        folder: str | None,
        places: Sequence = (),
        standards: Sequence = (),
    ) -> "Future[list[Reading]]":
        """Read a file in a child; the result is there when one was free."""
        return self._threads.submit(self.read, name, content, folder, places, standards)

    def read(
        self,
        name: str,
        content: Content,
        folder: str | None,
        places: Sequence = (),
        standards: Sequence = (),
    ) -> list[Reading]:
        """Read one file in a child. One that dies over it is replaced and the file refused; one that was ended from outside
        is replaced and the file read once more, then left for the next intake.
        """
        child, ended = self._free.get(), None
        try:
            for _ in range(2):
                try:
                    child = child or Child()
                    return child.read(name, content, folder, places, standards)
                except Ended as error:
                    child, ended = None, error
                if not ended.outside:
                    break
        finally:
            self._free.put(child)
        reason = "reader_killed" if ended.outside else "crash_in_parser"
        return [Reading(refused=[reason], crash=str(ended))]
