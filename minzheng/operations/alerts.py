"""Alerts: failure and lateness reach a person, by a file in the home, the site's banner and, where the bureau set it up, by mail.

`alerts.json` holds what is open now; an alert is mailed once, when it opens. Texts name files, months, datasets and
townships; never a person. What is about months is told over the site's pages too (`minzheng.operations.banner`).
"""

import datetime as dt
import fcntl
import json
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from minzheng.contracts.datasets import Strict
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.secret import secret
from minzheng.custody.settings import Mail, settings
from minzheng.custody.synced import write_synced
from minzheng.errors import MinzhengError
from minzheng.months import month_zh, months_between
from minzheng.operations.banner import write_banner

TIMEOUT = 20


class Alert(Strict):
    """Something a person must see. `key` names what it is about, so that it opens and closes once.

    `months`: the first and last month it is about; none where it is about no month.
    """

    key: str
    kind: Literal["failed", "late", "blocked", "damaged", "undelivered"]
    zh: str
    en: str
    since: str
    months: list[str] = []

    @property
    def covered(self) -> list[str]:
        """Every month it is about."""
        return months_between(self.months[0], self.months[-1]) if self.months else []


def alerts_file(home: Home) -> Path:
    """Where the open alerts are told."""
    return home.path / "alerts.json"


def open_alerts(home: Home) -> list[Alert]:
    """The open alerts, oldest first; none when the file is not there."""
    path = alerts_file(home)
    if not path.is_file():
        return []
    try:
        return [
            Alert.model_validate(told)
            for told in json.loads(path.read_text(encoding="utf-8"))["open"]
        ]
    except (ValueError, KeyError, TypeError):
        raise MinzhengError(f"{path} is damaged: delete it", f"{path} 已损坏:请删除") from None


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    home.create()
    with (home.work / "alerts.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def raise_alert(
    home: Home, key: str, kind: str, zh: str, en: str, months: Sequence[str] = ()
) -> bool:
    """Open an alert and mail it; False when it was open already, with its text brought up to date and no second mail.

    A mail that cannot be sent is said in `alerts.json` as an alert of its own; the alert is open all the same.
    """
    with _locked(home):
        known = {alert.key: alert for alert in open_alerts(home)}
        since = (
            known[key].since
            if key in known
            else dt.datetime.now(SHANGHAI).isoformat(timespec="seconds")
        )
        alert = Alert(key=key, kind=kind, zh=zh, en=en, since=since, months=list(months))
        _write(home, [*(known | {key: alert}).values()])
    if key in known:
        return False
    try:
        if how := settings(home).mail:
            mail(how, alert)
    except MinzhengError as error:
        if key != "mail":
            raise_alert(home, "mail", "failed", error.zh, str(error))
    else:
        clear_alert(home, "mail")
    return True


def clear_alert(home: Home, key: str) -> bool:
    """Close an alert; False when it was not open."""
    with _locked(home):
        kept = [alert for alert in open_alerts(home) if alert.key != key]
        if len(kept) == len(open_alerts(home)):
            return False
        _write(home, kept)
    return True


def tell_faults(home: Home, key: str, head: str, faults: Sequence[tuple[str, str]]) -> None:
    """Open one alert for what was found wrong with a home, as (English, Chinese) lines under a Chinese heading; close it when nothing is."""
    if not faults:
        clear_alert(home, key)
        return
    chinese = "\n".join([head, *(zh for _, zh in faults[:20])])
    raise_alert(
        home, key, "damaged", chinese, f"{key}: {len(faults)} faults, first: {faults[0][0]}"
    )


def tell_stopped(home: Home, months: Sequence[str], stopped: Mapping[str, str]) -> None:
    """Open an alert for each judged month that a blocking check stopped (`stopped`: by what), close those of the others."""
    for month in months:
        key = f"stopped-{month}"
        if month in stopped:
            chinese = f"{month_zh(month)}核验未通过,结果未更新。\n未通过:{stopped[month]}"
            raise_alert(
                home,
                key,
                "blocked",
                chinese,
                f"{month} did not pass its checks and was not updated",
                [month],
            )
        else:
            clear_alert(home, key)


def _write(home: Home, alerts: list[Alert]) -> None:
    told = {
        "at": dt.datetime.now(SHANGHAI).isoformat(timespec="seconds"),
        "open": [one.model_dump() for one in alerts],
    }
    write_synced(alerts_file(home), json.dumps(told, ensure_ascii=False, indent=1).encode())
    write_banner(home, alerts)


def mail(how: Mail, alert: Alert) -> None:
    """Send one alert; `MinzhengError` says why it did not go out, without password or addresses."""

    message = EmailMessage()
    message["From"], message["To"] = how.sender, ", ".join(how.to)
    message["Subject"] = f"[民政指标] {alert.zh.splitlines()[0][:60]}"
    message.set_content(f"{alert.zh}\n\n{alert.en}\n\n{alert.since}\n")
    # Polars and NumPy: whoever only looks at what is open must not wait for them
    from minzheng.custody.egress import refuse_content

    refuse_content(message.as_bytes(), "mail")
    try:
        with connected(how) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        why = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
        raise MinzhengError(
            f"the alert could not be mailed through {how.host}: {why}",
            f"提醒邮件未能发出({how.host}):{why}",
        ) from None


@contextmanager
def connected(how: Mail) -> Iterator[smtplib.SMTP]:
    """A session with the mail server, TLS and login done; taking leave never fails, whatever the server says to it.

    The machine calls itself by the sender's domain: asking the resolver for its name would need a network.
    """
    password = secret(how.password_file, "mail password", "邮件密码") if how.user else ""
    context = ssl.create_default_context(cafile=how.ca_file) if how.security != "none" else None
    name = how.sender.rpartition("@")[2]
    if how.security == "tls":
        server = smtplib.SMTP_SSL(how.host, how.port, name, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(how.host, how.port, name, timeout=TIMEOUT)
    try:
        if how.security == "starttls":
            server.starttls(context=context)
        if how.user:
            server.login(how.user, password)
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()
