"""The message that carries a package: built once, kept beside it in the outbox, and sent as it is, however often.

Its Message-ID is drawn from what is sent to whom, so that a second sending is the same message to every mail system.
"""

import datetime as dt
import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from minzheng.custody.egress import refuse_content
from minzheng.custody.secret import secret
from minzheng.custody.settings import Mail
from minzheng.custody.vault import write_synced
from minzheng.delivery.archive import closed, zipped
from minzheng.delivery.package import LETTER, Package, payload
from minzheng.delivery.recipients import ByMail

REPORT = "report.docx"
WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"


def delivery_id(package: Package) -> str:
    """32 hex digits: package, recipient, destination and every byte; the same for the same, in all time."""
    return hashlib.sha256(f"delivery\0{payload(package)}".encode()).hexdigest()[:32]


def message_file(package: Package) -> Path:
    """Where the message is kept."""
    return package.shelf / f"{package.recipient.name}.eml"


def compose(package: Package, sender: Mail, at: dt.datetime) -> bytes:
    """The message of a sealed package, written to `message_file` and returned; refuses what would name a person.

    In clear: the report to read at once and the whole package as a zip. With a password: one AES-256 archive.
    """
    recipient: ByMail = package.recipient
    title, number = package.subject, delivery_id(package)
    archive = zipped(package.folder, package.name)
    refuse_content(archive, "package")
    message = envelope(sender, recipient.addresses, title, number, at)
    message.set_content((package.folder / LETTER).read_text(encoding="utf-8"), cte="base64")
    report = package.folder / REPORT
    if recipient.archive_password_file:
        archive = closed(
            archive, secret(recipient.archive_password_file, "archive password", "压缩包口令")
        )
    elif report.is_file():
        message.add_attachment(report.read_bytes(), "application", WORD, filename=f"{title}.docx")
    message.add_attachment(archive, "application", "zip", filename=f"{title}.zip")
    message.set_boundary(f"={number}=")
    content = message.as_bytes(policy=SMTP)
    write_synced(message_file(package), content)
    return content


def envelope(
    sender: Mail, addresses: list[str], title: str, number: str, at: dt.datetime
) -> EmailMessage:
    """A message with its heads and no content yet."""
    message = EmailMessage()
    message["From"], message["To"] = sender.sender, ", ".join(addresses)
    message["Subject"], message["Date"] = title, format_datetime(at)
    message["Message-ID"] = f"<{number}@{sender.sender.rpartition('@')[2]}>"
    message["X-Delivery-Id"] = number
    return message
