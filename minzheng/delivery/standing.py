"""How a delivery stands now: what was recorded, held against the bytes in the outbox and the approvers there are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from minzheng.delivery.approvers import approvers
from minzheng.delivery.package import Package, payload
from minzheng.delivery.steps import Delivery, course, delivery
from minzheng.publish.release.manifest import MANIFEST

OPEN_STATES = ("in_review", "approved", "ordered", "delivering", "failed")
"""States in which other bytes mean starting again."""
OVER = ("delivered", "acknowledged", *course().recalled)


@dataclass(frozen=True)
class Approval:
    """A standing approval of one package."""

    by: str
    at: str
    not_before: dt.datetime | None
    key_id: str
    signature: str

    @property
    def statement(self) -> dict[str, Any]:
        """What the package's manifest says of it."""
        return {"by": self.by, "at": self.at, "key_id": self.key_id, "signature": self.signature}


def standing(package: Package) -> tuple[Delivery, str, Approval | None]:
    """The delivery, the state it really has, and its approval: changed bytes and struck-off approvers count."""
    one = delivery(package.home, package.name, package.recipient.name)
    if one.state not in (*OPEN_STATES, "unknown"):
        return one, one.state, None
    intact = (package.folder / MANIFEST).is_file() and payload(package) == one.said["submitted"][
        "payload"
    ]
    approval = approved(package, one) if intact else None
    if one.state == "unknown" or approval:
        return one, one.state, approval
    return one, "in_review" if intact else "draft", None


def approved(package: Package, one: Delivery) -> Approval | None:
    """The approval of the package as it lies in the outbox, or None."""
    said = one.said.get("approved")
    if said is None:
        return None
    statement, signature = said["statement"], said["signature"]
    approver = approvers(package.home).get(statement["by"])
    this = statement["package"] == package.name and statement["payloads"].get(
        one.recipient
    ) == payload(package)
    if not (this and approver and approver.signed(statement, signature)):
        return None
    not_before = (
        dt.datetime.fromisoformat(statement["not_before"]) if statement["not_before"] else None
    )
    return Approval(statement["by"], statement["at"], not_before, approver.key_id, signature)
