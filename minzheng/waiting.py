"""How far a piece of work is and how long it will take: a bar on a terminal, elsewhere a line every ten seconds.

Nothing is said within the first three seconds: who waits less need not be told.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self, TextIO, TypeVar

SOON, REDRAWN, LINES = 3.0, 0.5, 10.0  # seconds: before the first word, between bars, between lines
WIDE = 24
Item = TypeVar("Item")
_AT_WORK: "list[Waiting]" = []
"""What is waited for, the innermost last: that alone speaks."""


@dataclass(eq=False)
class Waiting:
    """Tells of work of `total` steps while it is entered; `step` says that some are done and what is at work now."""

    zh: str
    en: str
    total: int
    out: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    now: str = ""

    def __enter__(self) -> Self:
        self.began, self._over = self.clock(), threading.Event()
        _AT_WORK.append(self)
        self._teller = threading.Thread(target=self._tell, daemon=True)
        self._teller.start()
        return self

    def __exit__(self, *_: object) -> None:
        _AT_WORK.remove(self)
        self._over.set()
        self._teller.join()

    def step(self, count: int = 1, now: str = "") -> None:
        """Count steps as done; `now` is what is at work, in words."""
        self.done, self.now = self.done + count, now

    def _tell(self) -> None:
        """Speak until the work is over; a bar is wiped at the end."""
        bar = self.out.isatty()
        spoken = self._over.wait(SOON if bar else LINES)
        while not spoken:
            if _AT_WORK[-1:] == [self]:
                self.out.write(f"\r\033[K{self.bar()}" if bar else f"{self.lines()}\n")
                self.out.flush()
            spoken = self._over.wait(REDRAWN if bar else LINES)
        if bar:
            self.out.write("\r\033[K")
            self.out.flush()

    @property
    def left(self) -> float | None:
        """Seconds that remain if it goes on as so far, half of the step at work being done; None before the first is."""
        gone, done = self.clock() - self.began, self.done + 0.5
        return gone / done * max(self.total - done, 0) if self.done else None

    def bar(self) -> str:
        """`接收文件 ████░░░░ 12/36 还需约40秒 left about 40 s`."""
        full = round(WIDE * min(self.done / max(self.total, 1), 1.0))
        left = ("", "") if self.left is None else (spoken_zh(self.left), spoken_en(self.left))
        told = f" 还需约{left[0]} about {left[1]} left" if left[0] else ""
        at = f" {self.now}" if self.now else ""
        return f"{self.zh} {'█' * full}{'░' * (WIDE - full)} {self.done}/{self.total}{told}{at}"

    def lines(self) -> str:
        """An English and a Chinese line, as every message has."""
        gone = self.clock() - self.began
        english = f"minzheng: {self.en} {self.done}/{self.total}, {spoken_en(gone)} gone"
        at = f"（{self.now}）" if self.now else ""
        chinese = f"民政:{self.zh} {self.done}/{self.total}{at}，已用{spoken_zh(gone)}"
        if self.left is not None:
            english += f", about {spoken_en(self.left)} left"
            chinese += f"，还需约{spoken_zh(self.left)}"
        return f"{english}\n{chinese}"


def over(items: Sequence[Item], zh: str, en: str, shown: bool = True) -> Iterator[Item]:
    """The items, each a step that is told of as above; silently unless `shown`."""
    if not shown:
        yield from items
        return
    with Waiting(zh, en, len(items)) as told:
        for item in items:
            yield item
            told.step()


def spoken_zh(seconds: float) -> str:
    """40秒, 2分05秒."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}分{rest:02}秒" if minutes else f"{rest}秒"


def spoken_en(seconds: float) -> str:
    """40 s, 2 min 05 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
