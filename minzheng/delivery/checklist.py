"""What must be true before a month leaves: judged where a machine can, left open (□) where a person must look."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from minzheng.custody.ledger import SHANGHAI
from minzheng.delivery.package import Package, built, edition
from minzheng.delivery.recipients import EDITION_ZH
from minzheng.delivery.standing import standing
from minzheng.months import month_zh
from minzheng.publish.release.manifest import verify

AFTER_APPROVAL = ("approved", "released", "embargo")
"""What is still open when a person approves."""


@dataclass(frozen=True)
class Item:
    """One line: done (True), not done (False, which forbids sending) or for a person to see to (None)."""

    code: str
    zh: str
    done: bool | None
    why: str = ""

    @property
    def mark(self) -> str:
        """√, × or an open box."""
        return {True: "√", False: "×", None: "□"}[self.done]


def checklist(package: Package, now: dt.datetime | None = None) -> list[Item]:
    """The checklist of a package in the outbox, in the order in which an office works."""
    return list(_items(package, now or dt.datetime.now(SHANGHAI)))


def blocking(
    package: Package, before: str = "sending", now: dt.datetime | None = None
) -> list[Item]:
    """The items that forbid approving (`before="approval"`) or sending."""
    faults = [item for item in checklist(package, now) if item.done is False]
    return (
        [item for item in faults if item.code not in AFTER_APPROVAL]
        if before == "approval"
        else faults
    )


def _items(package: Package, now: dt.datetime) -> Iterator[Item]:
    manifest = edition(package)
    failed = manifest.content["checks"]["blocking"]
    yield Item(
        "checks", "各项核验无阻断", not failed, f"未通过：{'、'.join(failed)}" if failed else ""
    )
    left_open = manifest.content.get("open", [])
    told = f"{'、'.join(left_open)}：minzheng report fill，再生成草稿" if left_open else ""
    yield Item("filled", "月报没有空缺", not left_open, told)
    for name, items in sorted(manifest.content.get("blank", {}).items()):
        if items:
            yield Item(
                "form", f"{name} 表各项已填", None, f"空白{len(items)}项。{_by_reason(items)}"
            )
    for name, why in sorted(manifest.content.get("unmade", {}).items()):
        yield Item("unmade", f"{name} 已生成", None, why)
    same, zh = built(package), EDITION_ZH[package.recipient.edition]
    yield Item(
        "edition",
        f"内容与{zh}逐字节一致",
        same,
        "" if same else "尚未送审，或草稿已变：minzheng submit",
    )
    faults = verify(package.folder) if same else []
    yield Item("package", "报送包完整，校验值和签名相符", not faults, "；".join(faults[:3]))
    yield Item("identities", "已逐字节检查，不含个人信息", True)
    one, state, approval = standing(package)
    author = one.said.get("submitted", {}).get("prepared_by", "")
    yield Item(
        "submitted",
        "已送审",
        bool(author) and state != "draft",
        f"填报人：{author}" if author else "minzheng submit",
    )
    told = (
        f"{approval.by}，{approval.at[:16]}，密钥标识 {approval.key_id}"
        if approval
        else "minzheng approve"
    )
    yield Item("approved", "已由填报人以外的批准人批准", approval is not None, told)
    released, version = package.released, f"{month_zh(package.month)}第{package.revision}版"
    yield Item("released", f"{version}已发布", released, "" if released else "minzheng release")
    early = approval is not None and approval.not_before is not None and now < approval.not_before
    until = f"{approval.not_before:%Y-%m-%d %H:%M}" if approval and approval.not_before else "未设"
    yield Item("embargo", "已到可报送时间", not early, f"不早于：{until}")
    yield Item("superseded", "没有更新的版本", not package.superseded)
    yield Item("signed", "文号、签发人、印章已核对", None)
    if package.recipient.channel == "oa":
        yield Item(
            "uploaded",
            "已上传办公系统，并登记回执（minzheng acknowledge）",
            None,
            f"回执编号 {package.receipt}",
        )


def _by_reason(items: Mapping[str, str] | Sequence[str]) -> str:
    """Blank items of a form under why they are blank; releases of before told no reasons."""
    found: dict[str, list[str]] = {}
    known = items if isinstance(items, Mapping) else dict.fromkeys(items, "未报、未收集或待签名")
    for item, why in known.items():
        found.setdefault(why, []).append(item)
    return "；".join(f"{why}：{'、'.join(names)}" for why, names in found.items())
