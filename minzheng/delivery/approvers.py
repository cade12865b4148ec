"""Who may approve, and how they prove it: an Ed25519 key each, drawn from a passphrase only they know, or in a file of theirs.

Public keys stand in the ledger. The first approver is taken at their word; every later change is signed by one who is
already there, so that nobody who can write the ledger, but knows no passphrase, becomes an approver.
"""

import base64
import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import user
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.release.manifest import RAW, key_id_of, signing_key

KIND = "approver"
SHORTEST_PASSPHRASE = 10
SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26, "dklen": 32}
"""Memory-hard (RFC 7914): about 0.1 s and 32 MB a guess."""


@dataclass(frozen=True)
class Approver:
    """A person who may approve; `salt` is empty where the key is in a file."""

    name: str
    public_key: bytes
    salt: bytes

    @property
    def key_id(self) -> str:
        """What the approver can compare by eye."""
        return key_id_of(self.public_key)

    def signed(self, statement: Mapping[str, Any], signature: str) -> bool:
        """Whether this person's key made the signature over the statement."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(base64.b64decode(signature), canonical(statement))
        except (InvalidSignature, ValueError):
            return False
        return True


def canonical(statement: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON with sorted keys."""
    return json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(key: Ed25519PrivateKey, statement: Mapping[str, Any]) -> str:
    """The signature over a statement, base64."""
    return base64.b64encode(key.sign(canonical(statement))).decode()


def same_person(one: str, other: str) -> bool:
    """Whether two spellings are one name: width and spaces do not count."""
    return spelling(one) == spelling(other)


def spelling(name: str) -> str:
    """A name without what differs from typist to typist."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def approvers(home: Home) -> dict[str, Approver]:
    """Those who may approve now, by name; `MinzhengError` where a change is not signed by one of them."""
    found: dict[str, Approver] = {}
    with Ledger(home) as ledger:
        events = list(ledger.events(KIND))
    for position, event in enumerate(events):
        change, by = event.body["change"], event.body["signed_by"]
        admitted = not found or (by in found and found[by].signed(change, event.body["signature"]))
        if not admitted or change["position"] != position:  # an old change written again is none
            raise MinzhengError(
                f"the approver {change['name']} was not admitted by another approver: the ledger was tampered with",
                f"批准人“{change['name']}”未经其他批准人同意登记：台账可能被改动，请停用并核查",
            )
        if change["action"] == "add":
            decoded = [base64.b64decode(change[part]) for part in ("public_key", "salt")]
            found[change["name"]] = Approver(change["name"], *decoded)
        else:
            del found[change["name"]]
    return found


def private_key(passphrase: str, salt: bytes) -> Ed25519PrivateKey:
    """The key that a passphrase stands for."""
    text = unicodedata.normalize("NFKC", passphrase)
    if len(text) < SHORTEST_PASSPHRASE:
        raise WrongCall(
            f"a passphrase has at least {SHORTEST_PASSPHRASE} characters",
            f"口令至少 {SHORTEST_PASSPHRASE} 个字符",
        )
    return Ed25519PrivateKey.from_private_bytes(hashlib.scrypt(text.encode(), salt=salt, **SCRYPT))


def unlocked(home: Home, name: str, proof: str | Path) -> Ed25519PrivateKey:
    """The key of a registered approver, from their passphrase (text) or key file (path)."""
    known = approvers(home)
    if name not in known:
        raise MinzhengError(
            f"{name} is no approver; there are: {', '.join(known) or 'none'} (minzheng approvers add)",
            f"“{name}”未登记为批准人；已登记：{'、'.join(known) or '无'}（minzheng approvers add）",
        )
    key = signing_key(proof) if isinstance(proof, Path) else private_key(proof, known[name].salt)
    if key.public_key().public_bytes(*RAW) != known[name].public_key:
        raise MinzhengError(
            f"this is not the passphrase or key of {name}", f"口令或密钥与“{name}”登记的不符"
        )
    return key


def admit(
    home: Home, name: str, proof: str | Path, by: str = "", by_proof: str | Path = ""
) -> Approver:
    """Register an approver; from the second one on, `by` (with their proof) admits them."""
    name = name.strip()
    known = approvers(home)
    if not name:
        raise WrongCall("an approver needs a name", "请填写批准人姓名")
    if any(same_person(name, other) for other in known):
        raise MinzhengError(f"{name} is an approver already", f"“{name}”已登记为批准人")
    salt = b"" if isinstance(proof, Path) else secrets.token_bytes(16)
    key = signing_key(proof) if isinstance(proof, Path) else private_key(proof, salt)
    new = Approver(name, key.public_key().public_bytes(*RAW), salt)
    if salt and new.key_id.isdecimal():  # see `new_key`
        return admit(home, name, proof, by, by_proof)
    encoded = {
        "public_key": base64.b64encode(new.public_key).decode(),
        "salt": base64.b64encode(salt).decode(),
    }
    _change(
        home,
        {"action": "add", "name": name, **encoded},
        by or name,
        key if not known else None,
        by_proof,
    )
    return new


def dismiss(home: Home, name: str, by: str, by_proof: str | Path) -> None:
    """Strike an approver off, on the word of one who remains or their own; what they approved must be sent by then."""
    known = approvers(home)
    if name not in known:
        raise MinzhengError(f"{name} is no approver", f"“{name}”未登记为批准人")
    if len(known) == 1:
        raise MinzhengError(
            "the last approver cannot be struck off", "最后一名批准人不能撤销，请先登记接任者"
        )
    _change(home, {"action": "remove", "name": name}, by, None, by_proof)


def _change(
    home: Home, change: dict[str, str], by: str, key: Ed25519PrivateKey | None, by_proof: str | Path
) -> None:
    key = key or unlocked(home, by, by_proof)
    with Ledger(home) as ledger:
        change = {**change, "position": sum(1 for _ in ledger.events(KIND))}
        ledger.record(
            KIND, {"change": change, "signed_by": by, "signature": sign(key, change), "by": user()}
        )
