"""What one recipient gets: the edition's files byte by byte, a letter, what changed since last time, a page that checks it.

`outbox/<month>/r<n>/<recipient>/`. What a person approves is the payload: every file but the manifest, and where it goes.
The manifest then says who approved, and is signed; the same files before and after.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minzheng.contracts.report import report_plan
from minzheng.custody.egress import refuse_identities
from minzheng.custody.home import Home
from minzheng.delivery.changes import changes, lines, summary, write_changes
from minzheng.delivery.recipients import AnyRecipient
from minzheng.delivery.steps import course, deliveries, package_name
from minzheng.errors import MinzhengError
from minzheng.months import month_zh
from minzheng.publish.release.folder import staged
from minzheng.publish.release.manifest import (
    MANIFEST,
    RAW,
    Manifest,
    file_hashes,
    key_id_of,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from minzheng.publish.release.published import revisions
from minzheng.publish.report.filled import filled
from minzheng.publish.site.assets import colours_css

PAGE = Path(__file__).with_name("verify.html")
LETTER, CHANGES = "letter.txt", "changes.xlsx"
SENT = ("delivered", "acknowledged")


@dataclass(frozen=True)
class Package:
    """One revision of a month for one recipient."""

    home: Home
    month: str
    revision: int
    recipient: AnyRecipient

    @property
    def name(self) -> str:
        """`2024-03-r1`."""
        return package_name(self.month, self.revision)

    @property
    def shelf(self) -> Path:
        """The folder of the revision in the outbox."""
        return self.home.outbox / self.month / f"r{self.revision}"

    @property
    def folder(self) -> Path:
        """What the recipient gets."""
        return self.shelf / self.recipient.name

    @property
    def released(self) -> bool:
        """Whether the revision is frozen."""
        return self._release.is_dir()

    @property
    def superseded(self) -> bool:
        """Whether a later revision of the month is frozen."""
        return any(one.number > self.revision for one in revisions(self.home, self.month))

    @property
    def _release(self) -> Path:
        return self.home.published / self.month / f"r{self.revision}"

    @property
    def source(self) -> Path:
        """The edition's folder: of the frozen revision, else of the draft; a release of 0.1.0 is the prefecture's edition."""
        base = self._release if self.released else self.home.drafts / self.month
        alone = self.recipient.edition == "prefecture" and (base / MANIFEST).is_file()
        return base if alone else base / self.recipient.edition

    @property
    def receipt(self) -> str:
        """The number by which the recipient acknowledges: eight characters of the package's and recipient's hash."""
        return (
            hashlib.sha256(f"{self.name}\0{self.recipient.name}".encode()).hexdigest()[:8].upper()
        )

    @property
    def particulars(self) -> dict[str, Any]:
        """What letters and forms name."""
        own = filled(self.home, self.month)
        return {
            "office": report_plan().office,
            "recipient": self.recipient.name,
            "month": month_zh(self.month),
            "revision": self.revision,
            "receipt": self.receipt,
            "contact": own.contact or "",
            "telephone": own.telephone or "",
        }

    @property
    def subject(self) -> str:
        """The title of the message."""
        return course().subject.format(**self.particulars)


def next_revision(home: Home, month: str) -> int:
    """The revision that the month's draft would become."""
    return len(revisions(home, month)) + 1


def package_of(home: Home, month: str, recipient: AnyRecipient, *, draft: bool = False) -> Package:
    """The package of the month's newest frozen revision; of the draft where none is frozen, or where it is asked for."""
    newest = len(revisions(home, month))
    return Package(home, month, newest + 1 if draft or not newest else newest, recipient)


def edition(package: Package) -> Manifest:
    """The manifest of the edition to be sent; `MinzhengError` where there is none, or it is another's, or damaged."""
    source, wanted = package.source, package.recipient.edition
    if not (source / MANIFEST).is_file():
        raise MinzhengError(
            f"{package.name} has no edition {wanted} yet: draft or release it first",
            f"{month_zh(package.month)}第{package.revision}版还没有{wanted}版：请先生成草稿或发布",
        )
    if faults := verify(source):
        raise MinzhengError(
            f"{source} is not what was signed: {faults[0]}",
            f"{source} 与签发时不符：{faults[0]}，不得报送",
        )
    manifest = read_manifest(source)
    said = manifest.content.get("edition", "prefecture"), manifest.release
    if said != (wanted, package.name):
        raise MinzhengError(
            f"{source} holds {said[1]} {said[0]}, not {package.name} {wanted}",
            f"{source} 中是 {said[1]} 的 {said[0]} 版，不是 {package.name} 的 {wanted} 版，不得报送",
        )
    return manifest


def built(package: Package) -> bool:
    """Whether the package in the outbox is there and holds the edition's files as they are now."""
    if not (package.folder / MANIFEST).is_file():
        return False
    promised, there = edition(package).files, file_hashes(package.folder)
    return all(there.get(name, {}).get("sha256") == one["sha256"] for name, one in promised.items())


def build(package: Package) -> None:
    """Write the package whole, replacing what was there; refuses where any byte of it names a person."""
    manifest, before = edition(package), last_sent(package)
    with staged(package.folder) as work:
        for name in manifest.files:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(package.source / name, work / name)
        (work / LETTER).write_text(letter(package, work, before), encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8").replace("<style>\n", f"<style>\n{colours_css()}")
        (work / PAGE.name).write_text(page, encoding="utf-8")
        refuse_identities(work)
        write_manifest(
            work,
            {**manifest.content, **_named(package), "approval": None, "state": "draft"},
            signing_key(),
        )


def _named(package: Package) -> dict[str, Any]:
    return {
        "edition": package.recipient.edition,
        "recipient": package.recipient.name,
        "receipt": package.receipt,
    }


def letter(package: Package, work: Path, before: Path | None) -> str:
    """The letter, and `changes.xlsx` beside it where an earlier package of the recipient is at hand."""
    own, told = filled(package.home, package.month).changes, course().first_time
    if before is not None:
        changed = changes(before, package.source)
        told = summary(changed, read_manifest(before).release)
        write_changes(changed, told, own, work / CHANGES)
        told = "\n".join([told, *lines(changed)])
    told = "\n".join(part for part in (told, own) if part)
    public = signing_key().public_key().public_bytes(*RAW)
    return course().letter.format(**package.particulars, changes=told, key_id=key_id_of(public))


def last_sent(package: Package) -> Path | None:
    """The package that the recipient got last, where it still lies in the outbox."""
    sent = [
        (max(one.said[step]["at"] for step in SENT if step in one.said), one)
        for one in deliveries(package.home).values()
        if one.recipient == package.recipient.name
        and one.package != package.name
        and one.state in SENT
    ]
    if not sent:
        return None
    _, last = max(sent, key=lambda pair: pair[0])
    folder = Package(package.home, last.month, last.revision, package.recipient).folder
    return folder if (folder / MANIFEST).is_file() else None


def payload(package: Package) -> str:
    """The hash that an approval is bound to: every byte of every file but the manifest, their names, and the destination."""
    digest = hashlib.sha256(
        f"{package.name}\0{package.recipient.name}\0{package.recipient.destination}\n".encode()
    )
    for name, one in sorted(file_hashes(package.folder).items()):
        digest.update(f"{name}\0{one['sha256']}\n".encode())
    return digest.hexdigest()


def seal(package: Package, approval: dict[str, Any]) -> None:
    """Write into the package's manifest who approved it, and sign it; the other files stay as they are."""
    content = read_manifest(package.folder).content
    if content["approval"] != approval or verify(package.folder):
        write_manifest(
            package.folder, {**content, "approval": approval, "state": "released"}, signing_key()
        )
