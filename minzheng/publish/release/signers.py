"""Whose signature this account knows: the first key it meets is remembered, another one must be named by a person."""

import json
from pathlib import Path

from minzheng.custody.keys import default_key_file
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError


def signers_file() -> Path:
    """`signers.json` beside the key file: the ids of the keys whose signature was once taken for good."""
    return default_key_file().expanduser().with_name("signers.json")


def known_signers() -> list[str]:
    """The ids of the keys known so far, in the order in which they were met."""
    path = signers_file()
    if not path.is_file():
        return []
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return [str(key_id) for key_id in known["known"]]
    except (ValueError, KeyError, TypeError):
        raise MinzhengError(
            f"{path} is damaged: delete it, and name the key with --key",
            f"{path} 已损坏:请删除,并用 --key 指明密钥",
        ) from None


def remember(key_id: str) -> bool:
    """Remember a key; False when it is known already, or nothing can be kept here."""
    known = known_signers()
    if key_id in known:
        return False
    try:
        write_synced(signers_file(), json.dumps({"known": [*known, key_id]}).encode("ascii"))
    except OSError:  # an account without a home of its own: --key does without
        return False
    return True


def refuse_stranger(key_id: str) -> None:
    """`MinzhengError` when other keys are known and this one is not."""
    known = known_signers()
    if known and key_id not in known:
        raise MinzhengError(
            f"signed with key {key_id}, not with one known here ({', '.join(known)}): "
            f"if the bureau announced it, say so with --key {key_id}",
            f"签名密钥为 {key_id},不在本机已知之列({'、'.join(known)}):"
            f"如确为对方公布的密钥,请加 --key {key_id}",
        )
