"""Sending what is approved and released: by hand, by mail, by drop; in order, once, and never past a doubt.

A dry run says what would go where. An order (`--really`) is written down first and stays until it is done: what fails for a
time is tried again by itself, later and later; what nobody can know waits for a person.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.delivery import drop, mail
from minzheng.delivery.checklist import blocking
from minzheng.delivery.forms import write_forms
from minzheng.delivery.message import compose, delivery_id, message_file
from minzheng.delivery.package import Package, build, built, package_of, seal
from minzheng.delivery.recipients import AnyRecipient, allow_list, sender
from minzheng.delivery.standing import OVER, standing
from minzheng.delivery.steps import Delivery, course, deliveries, delivery, outbox_lock, take_step
from minzheng.errors import MinzhengError
from minzheng.months import month_zh
from minzheng.operations.alerts import clear_alert, open_alerts, raise_alert

UNKNOWN = "不知对方是否收到，请向收件单位核实：已收到的运行 minzheng acknowledge，未收到的运行 minzheng deliver --resend"


@dataclass(frozen=True)
class Line:
    """What became of one delivery, in one line each; `fault` where a person must act."""

    zh: str
    en: str
    fault: bool = False


def now() -> dt.datetime:
    """The time in Asia/Shanghai."""
    return dt.datetime.now(SHANGHAI)


def fill_outbox(home: Home, month: str, names: Sequence[str] = ()) -> list[Package]:
    """The month's packages in the outbox, and the forms; what was submitted is left as it lies, changed or not."""
    known = allow_list(home)
    chosen = [known.recipient(name) for name in names] or known.recipients
    packages = [package_of(home, month, one) for one in chosen]
    with outbox_lock(home):
        for package in packages:
            recorded = delivery(home, package.name, package.recipient.name).state
            if recorded == course().start and not built(package):
                build(package)
        write_forms(
            [package_of(home, month, one) for one in known.recipients if _there(home, month, one)]
        )
    return packages


def _there(home: Home, month: str, recipient: AnyRecipient) -> bool:
    return package_of(home, month, recipient).folder.is_dir()


def rehearse(packages: Sequence[Package]) -> list[Line]:
    """What an order would do, without a byte to any network."""
    return [_rehearsed(package) for package in packages]


def _rehearsed(package: Package) -> Line:
    _, state, _ = standing(package)
    zh = course().states[state]
    which = f"{package.name} → {package.recipient.name}（{zh}）"
    size = sum(path.stat().st_size for path in package.folder.rglob("*") if path.is_file()) / 1e6
    way = _way(package)
    open_items = [item.zh for item in blocking(package)] if state not in OVER else []
    told = f"；未完成：{'、'.join(open_items)}" if open_items else ""
    return Line(
        f"{which}：{way}，{size:.1f} MB{told}",
        f"{package.name} to {package.recipient.name}: {state}",
    )


def _way(package: Package) -> str:
    match package.recipient.channel:
        case "oa":
            return f"请将 {package.folder} 上传办公系统，回执编号 {package.receipt}"
        case "mail":
            addresses = "、".join(package.recipient.addresses)
            return f"将发邮件至{addresses}，编号 {delivery_id(package)}"
        case _:
            return f"将送至 {package.recipient.destination}"


def order(
    packages: Sequence[Package],
    *,
    resend: bool = False,
    by: str = "",
    at: dt.datetime | None = None,
) -> list[Line]:
    """Send the packages: the order is on record first. `resend` is a person's word on what is unknown or failed for good."""
    lines = []
    for package in packages:
        with outbox_lock(package.home) as lock:
            lines.append(_ordered(package, resend, by, at or now(), lock))
    return lines


def _ordered(package: Package, resend: bool, by: str, at: dt.datetime, lock: int) -> Line:
    one, state, _ = standing(package)
    if state in OVER:
        return line_of(package, state, fault=state in course().recalled)
    if state == "unknown" and not resend:
        return alarmed(package, state, UNKNOWN)
    if faults := [item for item in blocking(package, now=at) if item.code != "embargo"]:
        told = "；".join(f"{item.zh}（{item.why}）" if item.why else item.zh for item in faults)
        return Line(
            f"{head(package)}：不能报送，未完成：{told}",
            f"{package.name} cannot be sent: {faults[0].code}",
            True,
        )
    if state in ("approved", "failed", "unknown"):
        step = "resent" if resend and state != "approved" else "ordered"
        take_step(
            package.home,
            package.name,
            one.recipient,
            step,
            ordered_by=by,
            ordered_at=at.isoformat(),
        )
    return attempt(package, at, lock)


def waiting(home: Home, at: dt.datetime) -> list[Package]:
    """What was ordered and is due, in the order of months: not what a newer revision replaced or a person has in hand."""
    known = {one.name: one for one in allow_list(home).recipients}
    found = [one for one in deliveries(home).values() if one.recipient in known and _due(one, at)]
    ordered = sorted(found, key=lambda one: (one.month, one.revision, one.recipient))
    packages = [Package(home, one.month, one.revision, known[one.recipient]) for one in ordered]
    told = {alert.key for alert in open_alerts(home)}
    return [one for one in packages if not one.superseded and not _in_hand(one, at, told)]


def _in_hand(package: Package, at: dt.datetime, alerted: Collection[str]) -> bool:
    """Whether a person has it in hand: uploads it, waits for its hour, or was told that nobody knows."""
    _, state, approval = standing(package)
    early = approval is not None and approval.not_before is not None and at < approval.not_before
    return (
        package.recipient.channel == "oa"
        or early
        or (state == "unknown" and key_of(package) in alerted)
    )


def send_waiting(home: Home, at: dt.datetime | None = None) -> list[Line]:
    """Go on with what is waiting: once each, in order; a fault of one stops no other.

    What has become unknown because the machine stopped is told to a person.
    """
    lines, at = [], at or now()
    for package in waiting(home, at):
        with outbox_lock(home) as lock:
            try:
                lines.append(attempt(package, at, lock))
            except MinzhengError as error:
                lines.append(alarmed(package, "failed", error.zh))
    return lines


def _due(one: Delivery, at: dt.datetime) -> bool:
    if one.state != "failed":
        return one.state in ("ordered", "delivering", "unknown")
    again = one.said["failed"]["retry_at"]
    return again is not None and at >= dt.datetime.fromisoformat(again)


def attempt(package: Package, at: dt.datetime, lock: int) -> Line:
    """One attempt at an ordered delivery; its outcome is on record and, where it must, before a person."""
    _, state, approval = standing(package)
    if state == "unknown":
        return alarmed(package, state, UNKNOWN)
    if state not in ("ordered", "delivering", "failed") or approval is None:
        return line_of(package, state, fault=state not in OVER)
    if faults := blocking(package, now=at):
        early = [item.code for item in faults] == ["embargo"]
        return Line(
            f"{head(package)}：{faults[0].zh}（{faults[0].why}）",
            f"{package.name}: {faults[0].code}",
            not early,
        )
    seal(package, approval.statement)
    if package.recipient.channel == "oa":
        told = f"请人工上传 {package.folder}，再运行 minzheng acknowledge 登记回执"
        return Line(f"{head(package)}：{told}", f"{package.name}: upload {package.folder} by hand")
    try:
        outcome = (
            _by_mail(package, at)
            if package.recipient.channel == "mail"
            else _by_drop(package, lock)
        )
    except MinzhengError as error:
        outcome = mail.Outcome(why=error.zh)
    return settle(package, outcome, at)


def _by_mail(package: Package, at: dt.datetime) -> mail.Outcome:
    home, name, to = package.home, package.name, package.recipient.name
    server = sender(home)
    one = delivery(home, name, to)
    content = (_handed_before(package) if "handed" in one.said else None) or compose(
        package, server, at
    )
    left = [address for address in package.recipient.addresses if address not in one.accepted]
    take_step(home, name, to, "started", message_id=delivery_id(package), to=left)

    def handing(taken: list[str]) -> None:
        take_step(home, name, to, "handed", to=taken, message_id=delivery_id(package))

    return mail.send(server, left, content, handing)


def _handed_before(package: Package) -> bytes | None:
    """The message that was handed over before, of the very same payload: what is sent again is the same to the byte."""
    path = message_file(package)
    content = path.read_bytes() if path.is_file() else b""
    return content if f"X-Delivery-Id: {delivery_id(package)}\r\n".encode() in content else None


def _by_drop(package: Package, lock: int) -> mail.Outcome:
    take_step(
        package.home,
        package.name,
        package.recipient.name,
        "started",
        to=[package.recipient.destination],
    )
    return drop.put(package.recipient, package.folder, package.name, lock)


def settle(package: Package, outcome: mail.Outcome, at: dt.datetime) -> Line:
    """Record an outcome, open or close the alert about it, and say it."""
    home, to = package.home, package.recipient.name
    said = {"accepted": list(outcome.accepted), "refused": outcome.refused, "why": outcome.why}
    if outcome.unknown:  # the record says so since before the message was handed over
        return alarmed(package, "unknown", f"{outcome.why}；{UNKNOWN}")
    if outcome.accepted and not outcome.refused:
        take_step(home, package.name, to, "delivered", **said)
        clear_alert(home, key_of(package))
        return line_of(package, "delivered")
    waits = course().back_off_minutes
    failures = delivery(home, package.name, to).failures
    again = (
        at + dt.timedelta(minutes=waits[failures])
        if outcome.temporary and failures < len(waits)
        else None
    )
    take_step(
        home, package.name, to, "failed", **said, retry_at=again.isoformat() if again else None
    )
    why = "；".join(
        [outcome.why, *(f"{address} {told}" for address, told in outcome.refused.items())]
    )
    told = f"{why}；{f'{again:%m-%d %H:%M} 自动重试' if again else '不再自动重试，请排除后重新运行 minzheng deliver --really'}"
    if again and failures < course().quiet_failures:
        return Line(
            f"{head(package)}：未送达，{told}",
            f"{package.name}: failed, again at {again:%Y-%m-%d %H:%M}",
            True,
        )
    return alarmed(package, "failed", told)


def key_of(package: Package) -> str:
    """What the alert about a delivery is called."""
    return f"delivery-{package.month}-{package.recipient.name}"


def alarmed(package: Package, state: str, why: str) -> Line:
    """The line of what a person must see to, and the alert about it."""
    zh = f"{head(package)}：{course().states[state]}。{why}"
    en = f"{package.name} to {package.recipient.name}: {state}"
    raise_alert(package.home, key_of(package), "undelivered", zh, en, [package.month])
    return Line(zh, en, fault=True)


def head(package: Package) -> str:
    """Which month goes to whom."""
    return f"{month_zh(package.month)}第{package.revision}版→{package.recipient.name}"


def line_of(package: Package, state: str, fault: bool = False) -> Line:
    """The line that says a state."""
    return Line(
        f"{head(package)}：{course().states[state]}",
        f"{package.name} to {package.recipient.name}: {state}",
        fault,
    )


def acknowledge(package: Package, ref: str, by: str) -> None:
    """Enter the recipient's receipt: also of what was uploaded by hand, and of what nobody knew."""
    home = package.home
    with outbox_lock(home):
        one, state, _ = standing(package)
        if state not in (*OVER, "unknown") and (faults := blocking(package)):
            raise MinzhengError(
                f"{package.name} was not ready to leave: {faults[0].code}",
                f"尚不能报送：{faults[0].zh}（{faults[0].why}）",
            )
        take_step(home, package.name, one.recipient, "acknowledged", ref=ref, acknowledged_by=by)
        clear_alert(home, key_of(package))
