"""The reading child: gets a file's bytes on its input, returns judged rows on its output. It knows no key and no path.

Started by `sandbox`. Each message is a length (8 bytes, big-endian) and that many bytes: JSON, a block of the file, or an Arrow
stream; a series of blocks or streams ends with an empty message.
"""

import contextlib
import itertools
import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from minzheng.intake.packed import Packed
from minzheng.intake.settings import Refused, settings


def main() -> None:
    """Serve files until the input ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints may mix with the answers
    import polars  # noqa: F401  the limit is set above what the libraries need to start

    from minzheng.intake.read import read_file

    limit_memory()
    write_nothing()
    send(sink, b"ready")
    while (request := receive(source)) is not None:
        task = json.loads(request)
        limit_cpu()
        _answer(sink, task, receive_series(source), read_file)


def _answer(sink, task: dict, blocks: Iterator[bytes], read_file) -> None:
    """Read one file and answer; a fault of a parser costs this file only."""
    try:
        readings = read_file(
            task["name"], gathered(blocks), task["folder"], task["places"], task["standards"]
        )
    except Refused as refused:
        send(sink, json.dumps([{"refused": refused.codes}]).encode())
        return
    except MemoryError:
        send(sink, json.dumps([{"refused": ["crash_in_parser"], "crash": "MemoryError"}]).encode())
        return
    except BaseException as error:  # noqa: BLE001  a panic of a native parser is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = (
            f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}"
            if place
            else ""
        )
        answer = [{"refused": ["crash_in_parser"], "crash": f"{type(error).__name__} at {where}"}]
        send(sink, json.dumps(answer).encode())
        return
    send(sink, json.dumps([reading.facts() for reading in readings], ensure_ascii=False).encode())
    for reading in readings:
        for frames in reading.frames():
            for stream in frames.drain() if frames else ():
                send(sink, stream)
            send(sink, b"")


def gathered(blocks: Iterator[bytes]) -> bytes | Packed:
    """A small file as bytes, a larger one packed; every block is taken from the pipe even when the file is refused."""
    try:
        first, size = [], 0
        for block in blocks:
            first.append(block)
            size += len(block)
            if size > settings().limits.small_bytes:
                return Packed(itertools.chain(first, blocks))
        return b"".join(first)
    finally:
        for _ in blocks:
            continue


def limit_memory() -> None:
    """Address space: what is in use now, and so much more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + settings().sandbox.memory_bytes
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def write_nothing() -> None:
    """From here on no file can grow: whatever a parser is talked into, its answer goes through the pipe."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def limit_cpu() -> None:
    """Processor time for the next file, counted from now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(usage.ru_utime + usage.ru_stime) + settings().sandbox.cpu_seconds
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1])
        )


def send(sink, content: bytes) -> None:
    """Write one message."""
    sink.write(struct.pack(">Q", len(content)))
    sink.write(content)
    sink.flush()


def receive(source) -> bytes | None:
    """Read one message; None at the end."""
    head = source.read(8)
    if len(head) < 8:
        return None
    return source.read(struct.unpack(">Q", head)[0])


def receive_series(source) -> Iterator[bytes]:
    """The messages of a series, without the empty one at its end."""
    while block := receive(source):
        yield block


if __name__ == "__main__":
    main()
