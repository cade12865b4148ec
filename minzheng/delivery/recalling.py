"""Taking a month back: nothing of it is sent any more, and who may have received it by mail is told, once, and on record.

The notice goes by the same rules as the month: only to addresses of the allow-list, written down before it is handed over,
never a second time past a doubt without a person's word. Where a person uploaded the month, a person passes the notice on.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

from minzheng.custody.egress import refuse_content
from minzheng.custody.vault import write_synced
from minzheng.delivery import mail
from minzheng.delivery.message import SMTP, envelope
from minzheng.delivery.package import Package, payload
from minzheng.delivery.recipients import ByMail, sender
from minzheng.delivery.sending import Line, alarmed, head, key_of, line_of, now
from minzheng.delivery.steps import Delivery, course, delivery, outbox_lock, take_step
from minzheng.operations.alerts import clear_alert

UNKNOWN = "不知对方是否收到撤回通知，请电话告知：已知悉的运行 minzheng recall --ref 填写回执，要再发的加 --resend"


def recall(packages: Sequence[Package], reason: str, by: str) -> list[Package]:
    """Take packages back; a notice for each recipient lies beside the package. Returns those that are recalled, now or before."""
    recalled = []
    for package in packages:
        with outbox_lock(package.home):
            was = delivery(package.home, package.name, package.recipient.name).state
            if was in course().steps["recalled"].starts:
                said = {"reason": reason, "recalled_by": by, "was": was}
                take_step(package.home, package.name, package.recipient.name, "recalled", **said)
                clear_alert(package.home, key_of(package))
                notice = course().recall_letter.format(**package.particulars, reason=reason)
                write_synced(notice_file(package, ".txt"), notice.encode())
            elif was not in course().recalled:
                continue
            recalled.append(package)
    return recalled


def notice_file(package: Package, suffix: str) -> Path:
    """Where the notice lies: as text, and as the message that was sent."""
    return package.shelf / f"撤回通知-{package.recipient.name}{suffix}"


def owed(package: Package) -> list[str]:
    """The addresses that took the month, or may have, and do not know that it is recalled; those no longer listed as well."""
    one = delivery(package.home, package.name, package.recipient.name)
    doubtful = one.said["handed"]["to"] if one.said["recalled"]["was"] == "unknown" else []
    return sorted((one.reached | {*doubtful}) - {*_noticed(one)})


def _noticed(one: Delivery) -> list[str]:
    return one.said.get("notice_failed", {}).get("told", [])


def notify(
    package: Package,
    *,
    really: bool,
    resend: bool = False,
    ref: str = "",
    by: str = "",
    at: dt.datetime | None = None,
) -> Line:
    """Mail the notice of a recalled package to who is owed it; `resend` and `ref` (their receipt) are a person's word."""
    home, to = package.home, package.recipient.name
    with outbox_lock(home):
        one = delivery(home, package.name, to)
        if one.state == "notice_unknown" and ref:
            take_step(home, package.name, to, "notified", ref=ref, entered_by=by)
            clear_alert(home, key_of(package))
            return line_of(package, "notified")
        if one.state == "notice_unknown" and not (resend and really):
            return alarmed(package, one.state, UNKNOWN)
        if not isinstance(package.recipient, ByMail):
            told = f"撤回通知见 {notice_file(package, '.txt')}，请转告收件单位"
            return Line(f"{head(package)}：已撤回。{told}", f"recalled: {package.name}")
        if one.state == "notified" or not (wanted := owed(package)):
            return line_of(package, one.state)
        if not really:
            told = f"将发撤回通知至{'、'.join(wanted)}；发出请加 --really"
            return Line(f"{head(package)}：{told}", f"{package.name}: the notice is not sent yet")
        if one.state == "notice_unknown":
            take_step(home, package.name, to, "notice_resent", ordered_by=by)
        return _mailed(package, wanted, at or now())


def _mailed(package: Package, wanted: list[str], at: dt.datetime) -> Line:
    home, to, server = package.home, package.recipient.name, sender(package.home)
    before = _noticed(delivery(home, package.name, to))
    listed = [address for address in wanted if address in package.recipient.addresses]
    unlisted = {one: "不在 delivery.toml 中，未通知" for one in wanted if one not in listed}
    if not listed:
        return _notice_failed(
            package, mail.Outcome(refused=unlisted, why="没有可通知的地址"), before
        )

    def handing(taken: list[str]) -> None:
        take_step(home, package.name, to, "notice_handed", to=taken)

    outcome = mail.send(server, listed, _message(package, at), handing)
    if outcome.unknown:  # the record says so since before the notice was handed over
        return alarmed(package, "notice_unknown", f"{outcome.why}；{UNKNOWN}")
    if outcome.refused or unlisted or not outcome.accepted:
        refused = {**outcome.refused, **unlisted}
        told = [*before, *outcome.accepted]
        return _notice_failed(package, mail.Outcome(refused=refused, why=outcome.why), told)
    take_step(home, package.name, to, "notified", told=[*before, *outcome.accepted])
    clear_alert(home, key_of(package))
    return line_of(package, "notified")


def _notice_failed(package: Package, outcome: mail.Outcome, reached: list[str]) -> Line:
    said = {"told": reached, "refused": outcome.refused, "why": outcome.why}
    take_step(package.home, package.name, package.recipient.name, "notice_failed", **said)
    why = "；".join(
        [outcome.why, *(f"{address} {answer}" for address, answer in outcome.refused.items())]
    ).strip("；")
    return alarmed(package, "recalled", f"撤回通知未送达：{why}；排除后重新运行 minzheng recall")


def _message(package: Package, at: dt.datetime) -> bytes:
    """The notice as it was sent before, or made now: the same message to every mail system, however often."""
    path = notice_file(package, ".eml")
    if path.is_file():
        return path.read_bytes()
    number = hashlib.sha256(f"recall\0{payload(package)}".encode()).hexdigest()[:32]
    addresses = package.recipient.addresses
    title = course().recall_subject.format(**package.particulars)
    message = envelope(sender(package.home), addresses, title, number, at)
    message.set_content(notice_file(package, ".txt").read_text(encoding="utf-8"), cte="base64")
    content = message.as_bytes(policy=SMTP)
    refuse_content(content, "recall notice")
    write_synced(path, content)
    return content
