"""Who may be sent what, and how: `delivery.toml` in the home, the allow-list. Unknown keys are refused.

Secrets are never in it: it names files (mode 0600). The mail server is that of `settings.toml`.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from minzheng.contracts.datasets import Strict
from minzheng.contracts.handwritten import read_toml
from minzheng.custody.home import Home
from minzheng.custody.settings import Mail, settings
from minzheng.errors import Fault, MinzhengError

EDITION_ZH = {"prefecture": "报州版", "public": "公开版"}
"""The editions that may leave the bureau."""
SHORTEST_PASSWORD = 12
"""Characters of an archive's password: the format derives its key with 1,000 rounds only."""

Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}$")]
Name = Annotated[str, Field(pattern=r"^[\w（）()·-]{1,40}$")]


class Recipient(Strict):
    """Who gets which edition; `name` is what commands and the outbox call it."""

    name: Name
    edition: Literal["prefecture", "public"]


class ByHand(Recipient):
    """A person uploads the package into the office's document system (OA) and enters the receipt."""

    channel: Literal["oa"]

    @property
    def destination(self) -> str:
        """Where it goes, as it is approved."""
        return "oa"


class ByMail(Recipient):
    """One message to every address; with `archive_password_file`, only an AES-256 archive is attached."""

    channel: Literal["mail"]
    addresses: list[Address] = Field(min_length=1)
    archive_password_file: Path | None = None

    @property
    def destination(self) -> str:
        """Where it goes, as it is approved."""
        return (
            "mail "
            + " ".join(sorted(self.addresses))
            + (" AES-256" if self.archive_password_file else "")
        )


class ByDrop(Recipient):
    """Files put into a folder of an SFTP server whose host key is pinned; login by key."""

    channel: Literal["sftp"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_][A-Za-z0-9.:_-]*$")]
    port: int = 22
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]
    folder: str = "."
    key_file: Path
    known_hosts_file: Path

    @field_validator("folder")
    @classmethod
    def _one_line(cls, folder: str) -> str:
        if re.search(r"[\r\n\0]", folder):
            raise Fault("a folder's name is one line", "目录名不能换行")
        return folder

    @property
    def destination(self) -> str:
        """Where it goes, as it is approved."""
        return f"sftp {self.user}@{self.host}:{self.port}/{self.folder}"


AnyRecipient = Annotated[ByHand | ByMail | ByDrop, Field(discriminator="channel")]


class AllowList(Strict):
    """`delivery.toml`, the allow-list. Without one there is a single recipient: the prefecture, by hand."""

    recipients: list[AnyRecipient] = Field(
        alias="recipient",
        min_length=1,
        default=[ByHand(name="上级民政部门", edition="prefecture", channel="oa")],
    )

    def recipient(self, name: str) -> AnyRecipient:
        """The recipient of that name, or which there are."""
        found = {one.name: one for one in self.recipients}
        if name not in found:
            raise MinzhengError(
                f"no recipient {name} in delivery.toml; there are: {', '.join(found)}",
                f"delivery.toml 中没有收件单位“{name}”，只有：{'、'.join(found)}",
            )
        return found[name]


def allow_list(home: Home) -> AllowList:
    """Whom the home may send to; `MinzhengError` names what is wrong, never a value."""
    path = home.recipients
    found = read_toml(path, AllowList)
    names = [one.name for one in found.recipients]
    if len(set(names)) < len(names):
        raise MinzhengError(f"{path} names a recipient twice", f"{path} 中收件单位重名")
    if any(isinstance(one, ByMail) for one in found.recipients):
        sender(home)
    return found


def sender(home: Home) -> Mail:
    """The mail server that deliveries go through: over TLS only."""
    found = settings(home).mail
    if found is None or found.security == "none":
        raise MinzhengError(
            f"{home.settings}: recipients by mail need a section [mail] with security starttls or tls",
            f"{home.settings}：有邮件收件单位时须填写 [mail]，且 security 为 starttls 或 tls",
        )
    return found
