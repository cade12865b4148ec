"""Submitting a month, approving it, sending it back: a second person's word on exactly these bytes for these recipients.

An approval is a statement signed with the approver's own key: which packages, the payload of each, who, when, not before
when. It holds for a package as long as its payload is the one in the statement and the signer is an approver.
"""

import datetime as dt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.custody.home import Home
from minzheng.delivery.approvers import approvers, same_person, sign
from minzheng.delivery.checklist import blocking
from minzheng.delivery.package import Package, build, built, payload
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.standing import OPEN_STATES, standing
from minzheng.delivery.steps import delivery, outbox_lock, take_step
from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import month_zh
from minzheng.publish.release.manifest import MANIFEST, read_manifest
from minzheng.publish.release.published import revisions


def current(home: Home, month: str) -> list[Package]:
    """The month's package for each recipient: of the draft where it says something new, else of the newest release."""
    newest = len(revisions(home, month))
    found = []
    for recipient in allow_list(home).recipients:
        upcoming, last = (
            Package(home, month, number, recipient) for number in (newest + 1, newest)
        )
        found.append(upcoming if not newest or _says_more(upcoming, last) else last)
    return found


def _says_more(upcoming: Package, last: Package) -> bool:
    if not (upcoming.source / MANIFEST).is_file():
        return False
    draft = read_manifest(upcoming.source)
    if draft.release != upcoming.name or not (last.source / MANIFEST).is_file():
        return draft.release == upcoming.name
    return draft.content.get("content_sha256") != read_manifest(last.source).content.get(
        "content_sha256"
    )


def submit(home: Home, month: str, prepared_by: str) -> list[Package]:
    """Pack the month for every recipient whose edition is there and put it up for review; returns what was submitted.

    Deliveries that are under way or done are left alone.
    """
    if not prepared_by.strip():
        raise WrongCall("--prepared-by needs a name", "--prepared-by 需填写填报人姓名")
    submitted = []
    with outbox_lock(home):
        for package in current(home, month):
            state = delivery(home, package.name, package.recipient.name).state
            if not (package.source / MANIFEST).is_file() or state not in ("draft", *OPEN_STATES):
                continue
            build(package)
            said = {"payload": payload(package), "prepared_by": prepared_by.strip()}
            take_step(home, package.name, package.recipient.name, "submitted", **said)
            submitted.append(package)
    if not submitted:
        raise MinzhengError(
            f"nothing of {month} to submit: no draft or release for any recipient, or all is sent",
            f"{month_zh(month)}没有可送审的内容：尚无草稿或发布版本，或已全部报送",
        )
    return submitted


def in_review(home: Home, month: str) -> list[Package]:
    """What of the month waits for approval, unchanged since it was submitted; `MinzhengError` when nothing does."""
    waiting = [package for package in current(home, month) if standing(package)[1] == "in_review"]
    if waiting:
        return waiting
    raise MinzhengError(
        f"nothing of {month} is up for review as it was submitted: minzheng submit --month {month}",
        f"{month_zh(month)}没有待批准的送审件（未送审，或送审后已有改动）：请先运行 minzheng submit",
    )


def approve(
    home: Home,
    month: str,
    by: str,
    key: Ed25519PrivateKey,
    at: dt.datetime,
    not_before: dt.datetime | None = None,
) -> list[Package]:
    """Approve what is in review; refuses the author, and what the checklist forbids. `key` is the approver's own."""
    with outbox_lock(home):
        packages = in_review(home, month)
        for package in packages:
            author = delivery(home, package.name, package.recipient.name).said["submitted"][
                "prepared_by"
            ]
            if same_person(author, by):
                raise MinzhengError(f"{by} prepared {package.name}: another person approves", f"填报人“{by}”不能批准自己填报的内容")  # fmt: skip
            if faults := blocking(package, before="approval"):
                raise MinzhengError(
                    f"{package.name} cannot be approved: {faults[0].code}",
                    f"不能批准：{faults[0].zh}（{faults[0].why}）",
                )
        statement = {
            "package": packages[0].name,
            "payloads": {one.recipient.name: payload(one) for one in packages},
            "by": by,
            "at": at.isoformat(timespec="seconds"),
            "not_before": not_before.isoformat(timespec="seconds") if not_before else None,
        }
        for package in packages:
            said = {"statement": statement, "signature": sign(key, statement)}
            take_step(home, package.name, package.recipient.name, "approved", **said)
    return packages


def send_back(home: Home, month: str, reason: str, by: str) -> list[Package]:
    """Return what is in review or approved, and not sent, to its author."""
    with outbox_lock(home):
        packages = [
            one
            for one in current(home, month)
            if standing(one)[1] in ("in_review", "approved", "ordered")
        ]
        for package in packages:
            take_step(
                home,
                package.name,
                package.recipient.name,
                "returned",
                reason=reason,
                returned_by=by,
            )
    return packages


def refuse_unapproved(home: Home, month: str, approved_by: str) -> bool:
    """Before a draft is frozen: whether its approval is proven. `MinzhengError` where approvers exist and it is not.

    A home without approvers releases on a typed name, as before; nothing of that leaves until it is approved.
    """
    if not approvers(home):
        return False
    for package in current(home, month):
        _, _, approval = standing(package)
        if approval and same_person(approval.by, approved_by) and built(package):
            return True
    raise MinzhengError(
        f"the draft of {month} is not approved by {approved_by}: minzheng submit, then minzheng approve",
        f"{month_zh(month)}的草稿未经“{approved_by}”批准：请先 minzheng submit 送审，再由批准人 minzheng approve",
    )
