"""The month's calendar from extracts to delivery: who is late; reminders to townships; deliveries that were missed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from minzheng.contracts.calendar import calendar, day_after
from minzheng.contracts.datasets import dataset
from minzheng.contracts.report import report_plan
from minzheng.custody.egress import refuse_content
from minzheng.custody.home import Home
from minzheng.custody.settings import Mail, settings
from minzheng.delivery.review import current
from minzheng.delivery.standing import standing
from minzheng.delivery.steps import course
from minzheng.intake.completeness import first_month_reported, missing, owing
from minzheng.intake.places import known_townships
from minzheng.months import add_months, month_zh
from minzheng.operations.alerts import clear_alert, connected, open_alerts, raise_alert

DONE = ("delivered", "acknowledged")
READY = ("approved", "ordered", "delivering", "unknown", "failed", *DONE)
MONTHS_BACK = 2
"""How many months a missed delivery is looked for: what lies further back was settled otherwise or never begun here."""


@dataclass(frozen=True)
class Milestone:
    """One line of the calendar: what, until when, whether it is done (None: it was never asked for), and who is asked."""

    zh: str
    due_on: dt.date
    done: bool | None
    who: str

    def line(self, today: dt.date) -> str:
        """The line for a person."""
        open_ = "已逾期" if today > self.due_on else "未完成"
        state = {True: "已完成", False: open_, None: "不作要求"}[self.done]
        return f"{self.due_on:%m-%d}  {self.zh}：{state}{'' if self.done or not self.who else '（' + self.who + '）'}"


def milestones(home: Home, month: str) -> Iterator[Milestone]:
    """The month's steps in order of their days."""
    days = calendar()
    yield _all_in(home, month, day_after(month, days.due_day))
    stopped = any(alert.key == f"stopped-{month}" for alert in open_alerts(home))
    drafted = (home.drafts / month).is_dir() and not stopped
    yield Milestone("核验通过，生成草稿", day_after(month, days.cut_off_day), drafted, "数据员")
    states = {package.recipient.name: standing(package)[1] for package in current(home, month)}
    waiting = [name for name, state in states.items() if state not in READY]
    yield Milestone(
        "月报送审并批准", day_after(month, days.report_day), not waiting, "、".join(waiting)
    )
    open_ = [
        f"{name}{course().states[state]}" for name, state in states.items() if state not in DONE
    ]
    yield Milestone("月报送达", day_after(month, days.delivery_day), not open_, "、".join(open_))


def _all_in(home: Home, month: str, due_on: dt.date) -> Milestone:
    """Whether every report of the month is in; a home that nobody reported to yet has none of them, not all."""
    zh, began = "乡镇和部门报表收齐", first_month_reported(home)
    if began is None:
        return Milestone(zh, due_on, False, "尚未收到任何报表")
    if month < began:
        return Milestone(zh, due_on, None, f"本机自{month_zh(began)}起收件")
    owed = missing(home, month, dt.date.max)
    return Milestone(zh, due_on, not owed, owing(owed))


def tell_missed(home: Home, today: dt.date) -> list[str]:
    """Open an alert for each recent month that should have been delivered and was not; close those that were.

    Only where recipients are set up. Returns the months missed.
    """
    if not home.recipients.is_file():
        return []
    found = []
    for back in range(MONTHS_BACK, 0, -1):
        month = add_months(f"{today:%Y-%m}", -back)
        *_, last = milestones(home, month)
        if last.done or today <= last.due_on:
            clear_alert(home, f"delivery-missed-{month}")
            continue
        zh = f"{month_zh(month)}月报应于{last.due_on:%m月%d日}前送达，尚未送达：{last.who}"
        english = f"the report of {month} was due on {last.due_on} and has not arrived"
        raise_alert(home, f"delivery-missed-{month}", "undelivered", zh, english, [month])
        found.append(month)
    return found


def reminders(home: Home, month: str, today: dt.date) -> dict[str, str]:
    """A text for each township that still owes something, by code: what and until when; names nobody."""
    owed: dict[str, list[str]] = {}
    for one in missing(home, month, dt.date.max):
        late = "，已逾期" if one.due_on < today else ""
        for place in one.places:
            line = f"{dataset(one.dataset).title.zh}（{one.due_on:%m月%d日}前{late}）"
            owed.setdefault(place, []).append(line)
    names = known_townships()
    return {
        code: f"{names[code]}：{month_zh(month)}以下报表尚未收到，请按时报送：{'、'.join(lines)}。{report_plan().office}"
        for code, lines in owed.items()
        if code in names
    }


def mail_reminders(home: Home, month: str, texts: dict[str, str], how: Mail) -> list[str]:
    """Mail each text to its township's office where the settings name an address; returns the townships that got one."""
    contacts = settings(home).contacts
    addressed = {
        code: contacts[code].email for code in texts if code in contacts and contacts[code].email
    }
    with connected(how) as server:
        for code, address in addressed.items():
            message = EmailMessage()
            message["From"], message["To"] = how.sender, address
            message["Subject"] = f"{month_zh(month)}报表报送提醒"
            message.set_content(texts[code])
            refuse_content(message.as_bytes(), "reminder")
            server.send_message(message)
    return list(addressed)
