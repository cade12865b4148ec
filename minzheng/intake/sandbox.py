"""Reading in child processes: a crash, a bomb or a hang costs one file. Children live on from file to file."""

import json
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import polars as pl

from minzheng.contracts.paths import ROOT
from minzheng.intake.child import send
from minzheng.intake.frames import Frames
from minzheng.intake.packed import blocks_of
from minzheng.intake.reading import Reading
from minzheng.intake.settings import settings

Content = bytes | Callable[[], Iterator[bytes]]  # a file's bytes, or what gives them block by block


class Child:
    """One reading process. `read` raises `ChildProcessError` when it died or hung; then it is of no more use."""

    def __init__(self):
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "POLARS_MAX_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
            "LANG": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "minzheng.intake.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        self._watched(lambda: self._receive())

    def read(
        self, name: str, content: Content, folder: str | None, places: Sequence = ()
    ) -> list[Reading]:
        """The readings of one file, judged in the child."""
        return self._watched(lambda: self._read(name, content, folder, places))

    def _read(
        self, name: str, content: Content, folder: str | None, places: Sequence = ()
    ) -> list[Reading]:
        try:
            send(
                self._process.stdin,
                json.dumps({"name": name, "folder": folder, "places": list(places)}).encode(),
            )
            for block in blocks_of(content) if isinstance(content, bytes) else content():
                send(self._process.stdin, block)
            send(self._process.stdin, b"")
        except OSError as error:
            raise ChildProcessError("the reading process has ended") from error
        answers = json.loads(self._receive())
        readings = [Reading(**answer) for answer in answers]
        if any(answer["refused"] and "member" not in answer for answer in answers):
            return readings
        for reading in readings:
            kept, spoiled = self._frames(), self._frames()
            if not reading.refused:
                reading.kept, reading.spoiled = kept, spoiled
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
            raise ChildProcessError("the reading process has ended")
        return content

    def _watched(self, work):
        """Run `work`; the child is ended when it takes longer than the wall clock allows."""
        timer = threading.Timer(settings().sandbox.wall_seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            return work()
        finally:
            timer.cancel()

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
        self, name: str, content: Content, folder: str | None, places: Sequence = ()
    ) -> "Future[list[Reading]]":
        """Read a file in a child; the result is there when one was free."""
        return self._threads.submit(self.read, name, content, folder, places)

    def read(
        self, name: str, content: Content, folder: str | None, places: Sequence = ()
    ) -> list[Reading]:
        """Read one file in a child; a child that dies over it is replaced and the file refused."""
        child = self._free.get()
        try:
            child = child or Child()
            readings = child.read(name, content, folder, places)
        except ChildProcessError:
            ended = child.close() if child is not None else None
            child, readings = (
                None,
                [
                    Reading(
                        refused=["crash_in_parser"], crash=f"the child ended with status {ended}"
                    )
                ],
            )
        finally:
            self._free.put(child)
        return readings
