"""Other files than extracts, read under the same limits: a workbook that somebody hands over costs its command, no more."""

import json
import os
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from minzheng.errors import MinzhengError, printable
from minzheng.intake.child import limit_cpu, limit_memory, write_nothing
from minzheng.intake.gate import check_entries, entries, sniff
from minzheng.intake.settings import Refused, reason_en, reason_zh, settings

DONE, REFUSED = b"+", b"-"


def handed_over(path: Path, *, macros: bool = False) -> bytes:
    """The bytes of an .xlsx workbook; `MinzhengError` for a device, a pipe, or what the intake's gate would not open.

    `macros`: one that holds some is let through, for they are copied and never run.
    """
    name, limit = printable(path.name), settings().limits.workbook_bytes
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit:
            raise MinzhengError(
                f"{name} is no ordinary file, or larger than {limit >> 20} MB",
                f"{name} 不是普通文件,或超过 {limit >> 20} MB",
            )
        content = file.read()
    try:
        _refuse_other_kinds(content, macros)
        check_entries(entries(content), workbook=True)
    except Refused as refused:
        raise MinzhengError(
            f"{name}: {'; '.join(map(reason_en, refused.codes))}",
            f"{name}:{'；'.join(map(reason_zh, refused.codes))}",
        ) from None
    return content


def _refuse_other_kinds(content: bytes, macros: bool) -> None:
    try:
        kind = sniff(content)
    except Refused as refused:
        if not macros or refused.codes != ["macro_enabled"]:
            raise
        kind = "xlsx"
    if kind != "xlsx":
        raise Refused("format_unsupported")


def contained(name: str, work: Callable[[], bytes]) -> bytes:
    """What `work` returns, done in a child under the limits of a reading child; its `MinzhengError` comes back as itself.

    Any other end of the child (out of memory or time, a crash of a parser) is a `MinzhengError` about the file `name`. `work`
    must not use a library with threads of its own, which do not live in the child.
    """
    source, sink = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        _serve(sink, work)
    os.close(sink)
    watch = threading.Timer(settings().sandbox.wall_seconds, os.kill, (child, signal.SIGKILL))
    watch.daemon = True
    watch.start()
    with os.fdopen(source, "rb") as answers:
        answer = answers.read()
    watch.cancel()
    os.waitpid(child, 0)
    if answer[:1] == DONE:
        return answer[1:]
    if answer[:1] == REFUSED:
        raise MinzhengError(*json.loads(answer[1:]))
    raise MinzhengError(
        f"{printable(name)}: {reason_en('crash_in_parser')}",
        f"{printable(name)}:{reason_zh('crash_in_parser')}",
    )


def _serve(sink: int, work: Callable[[], bytes]) -> None:
    """In the child: do the work, answer, and be gone without any of the parent's clean-up."""
    answer = b""
    try:
        os.dup2(
            os.open(os.devnull, os.O_RDWR), 2
        )  # what a dying library prints could name a person
        limit_memory()
        limit_cpu()
        write_nothing()
        answer = DONE + work()
    except MinzhengError as error:
        answer = REFUSED + json.dumps([str(error), error.zh]).encode()
    except BaseException:  # noqa: BLE001  the parent tells that it failed; more could name a person
        answer = b""
    finally:
        with os.fdopen(sink, "wb") as file:
            file.write(answer)
        os._exit(0)
