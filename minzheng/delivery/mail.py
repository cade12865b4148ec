"""One message handed to a mail server, command by command, so that what happened is known to the byte where it can be.

SMTP cannot promise "exactly once": a server that took the message and fell silent looks like one that did not. `handing`
is called, and must have written it down, before the message is handed over; who never hears an answer after that must
not send again unasked.
"""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from minzheng.custody.settings import Mail
from minzheng.operations.alerts import connected

TEMPORARY = range(400, 500)


@dataclass(frozen=True)
class Outcome:
    """What a server said: who it took the message for, whom it refused and why, and whether trying again may help.

    `unknown`: the message was handed over and no answer came.
    """

    accepted: Sequence[str] = ()
    refused: dict[str, str] = field(default_factory=dict)
    why: str = ""
    temporary: bool = False
    unknown: bool = False


def send(
    server: Mail, addresses: Sequence[str], content: bytes, handing: Callable[[list[str]], None]
) -> Outcome:
    """Send `content` to `addresses`; never raises for what a server or a network does."""
    handed: list[str] = []
    refused: dict[str, str] = {}

    def give(taken: list[str]) -> None:
        handing(taken)
        handed.extend(taken)

    try:
        with connected(server) as session:
            return _transaction(session, server.sender, addresses, content, give, refused)
    except (
        smtplib.SMTPResponseException
    ) as error:  # at the greeting, TLS, login, MAIL or DATA: nothing was taken
        return Outcome(
            refused=refused,
            why=_said(error.smtp_code, error.smtp_error),
            temporary=error.smtp_code in TEMPORARY,
        )
    except ssl.SSLCertVerificationError:
        return Outcome(
            why="the server's certificate is not the one expected: 证书不符，可能有人冒充邮件服务器"
        )
    except smtplib.SMTPNotSupportedError as error:
        return Outcome(why=f"{error}: 邮件服务器不支持所需的加密或登录方式")
    except (OSError, smtplib.SMTPException) as error:
        told = f"{type(error).__name__}: 连接中断或超时"
        return Outcome(refused=refused, why=told, temporary=not handed, unknown=bool(handed))


def _transaction(
    session: smtplib.SMTP,
    sender: str,
    addresses: Sequence[str],
    content: bytes,
    handing: Callable[[list[str]], None],
    refused: dict[str, str],
) -> Outcome:
    size = [f"size={len(content)}"] if session.has_extn("size") else []
    code, reply = session.mail(sender, size)
    if code != 250:
        return Outcome(why=_said(code, reply), temporary=code in TEMPORARY)
    taken, codes = [], set()
    for address in addresses:
        code, reply = session.rcpt(address)
        if code in (250, 251):
            taken.append(address)
        else:
            refused[address] = _said(code, reply)
            codes.add(code)
    temporary = any(code in TEMPORARY for code in codes)
    if not taken:
        return Outcome(
            refused=refused, why="no address was taken: 收件地址均被拒绝", temporary=temporary
        )
    handing(taken)
    code, reply = session.data(content)
    if code != 250:
        return Outcome(refused=refused, why=_said(code, reply), temporary=code in TEMPORARY)
    why = "some addresses were refused: 部分地址被拒绝" if refused else ""
    return Outcome(taken, refused, why, temporary)


def _said(code: int, reply: bytes | str) -> str:
    """The server's answer as one short line of printable characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{code} {''.join(letter if letter.isprintable() else ' ' for letter in text)[:200]}"
