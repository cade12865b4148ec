"""Ctrl-C: one line, and gone at once, whatever a library makes of it. A home bears being left at any point."""

import os
import signal
import threading
from collections.abc import Callable

TOLD = "\nminzheng: stopped; run the same command again\n民政:已中止,可重新运行同一命令\n"


def _leave() -> None:
    os.write(2, TOLD.encode())
    os._exit(130)


_action: Callable[[], None] = _leave


def stop_at_once() -> None:
    """From now on Ctrl-C ends this process. A thread of its own waits for it, so that no other handler comes before."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_wait, daemon=True, name="ctrl-c").start()


def stop_by(action: Callable[[], None]) -> None:
    """Let Ctrl-C do this instead, for a command that ends others first."""
    global _action
    _action = action


def heed_interrupts() -> None:
    """In a child before it begins: Dagster ends its runs by this signal, which a child of ours would not hear."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _wait() -> None:
    while True:
        signal.sigwait({signal.SIGINT})
        _action()
