"""What happened to each delivery, from the ledger: one revision of a month for one recipient, in one of a few states.

States and steps are data (`contracts/delivery.yaml`). A step is on disk before what it announces is done; the ledger chains
them by hash and refuses changes, so that they are the audit as well.
"""

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import Field

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.custody.home import Home
from minzheng.custody.ledger import Event, Ledger
from minzheng.custody.trail import user
from minzheng.errors import MinzhengError

KIND = "delivery"


class Step(Strict):
    """One step: from which states it may start and where it leads."""

    zh: str
    starts: list[str] = Field(alias="from")
    to: str


class Course(Strict):
    """`contracts/delivery.yaml`."""

    start: str
    states: dict[str, str]
    steps: dict[str, Step]
    back_off_minutes: list[int]
    quiet_failures: int
    subject: str
    letter: str
    first_time: str
    recall_subject: str
    recall_letter: str

    @property
    def recalled(self) -> list[str]:
        """The states of what was taken back, in which its notice may be."""
        return [self.steps[step].to for step in ("recalled", "notice_handed", "notified")]


@cache
def course() -> Course:
    """The states and steps; a step between states that are not named is a fault of the file."""
    found = Course.model_validate(read_yaml(CONTRACTS / "delivery.yaml"))
    named = {found.start}.union(*([*step.starts, step.to] for step in found.steps.values()))
    if named - found.states.keys():
        raise MinzhengError(
            f"contracts/delivery.yaml names no state {', '.join(sorted(named - found.states.keys()))}"
        )
    return found


@dataclass(frozen=True)
class Delivery:
    """One revision for one recipient: where it stands and what each kind of step last said.

    `accepted`: the addresses that took what was last submitted; `reached`: those that took anything of it, ever.
    """

    package: str
    recipient: str
    state: str
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    failures: int = 0
    accepted: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()

    @property
    def month(self) -> str:
        """The month, YYYY-MM."""
        return self.package.rpartition("-r")[0]

    @property
    def revision(self) -> int:
        """The number of the revision."""
        return int(self.package.rpartition("-r")[2])

    def after(self, step: str, body: Mapping[str, Any]) -> "Delivery":
        """The delivery after a step."""
        failures = (
            0 if step in ("submitted", "resent", "ordered") else self.failures + (step == "failed")
        )
        taken = {*body.get("accepted", [])}
        gone = frozenset() if step == "submitted" else self.accepted | taken
        return replace(
            self,
            state=course().steps[step].to,
            said={**self.said, step: body},
            failures=failures,
            accepted=gone,
            reached=self.reached | taken,
        )


def package_name(month: str, revision: int) -> str:
    """`2024-03-r1`, as releases are called."""
    return f"{month}-r{revision}"


def deliveries(home: Home) -> dict[tuple[str, str], Delivery]:
    """Every delivery by package and recipient, in the order in which they began."""
    with Ledger(home) as ledger:
        return folded(ledger.events(KIND))


def folded(events: Iterable[Event]) -> dict[tuple[str, str], Delivery]:
    """Deliveries from their steps."""
    found: dict[tuple[str, str], Delivery] = {}
    for event in events:
        key = event.body["package"], event.body["recipient"]
        before = found.get(key) or Delivery(*key, course().start)
        found[key] = before.after(event.body["step"], {**event.body, "at": event.at})
    return found


def delivery(home: Home, package: str, recipient: str) -> Delivery:
    """One delivery; a fresh one where nothing happened yet."""
    return deliveries(home).get((package, recipient)) or Delivery(
        package, recipient, course().start
    )


def take_step(home: Home, package: str, recipient: str, step: str, **details: Any) -> Delivery:
    """Record a step and return the delivery after it; `MinzhengError` where it does not start from where things stand."""
    before = delivery(home, package, recipient)
    known = course()
    if before.state not in known.steps[step].starts:
        raise MinzhengError(
            f"{package} for {recipient} is {before.state}: it cannot be {step}",
            f"{package}（{recipient}）现为“{known.states[before.state]}”，不能{known.steps[step].zh}",
        )
    after = before.after(step, details)
    who = {"package": package, "month": after.month, "recipient": recipient, "by": user()}
    body = {**who, "step": step, "state": after.state, **details}
    with Ledger(home) as ledger:
        ledger.record(KIND, body)
    return after


@contextmanager
def outbox_lock(home: Home) -> Iterator[int]:
    """Hold the outbox alone; gives the lock's descriptor, for a child that must hold it too while it lives."""
    home.create()
    with (home.work / "outbox.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MinzhengError(
                "the outbox is in use by another process: wait until it has finished",
                "另一个程序正在使用发件箱：请等它结束后再试",
            ) from None
        yield handle.fileno()
