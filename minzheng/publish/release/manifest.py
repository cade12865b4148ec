"""The manifest of a release: SHA-256 and SM3 of every file, what it was made from, an Ed25519 signature beside it.

`verify` needs nothing but the folder: the public key travels in the manifest; who knows the bureau's key id (`key_id`)
compares it with the one announced.
"""

import base64
import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minzheng.contracts.editions import editions
from minzheng.custody.keys import default_key_file
from minzheng.errors import MinzhengError, printable

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LARGEST = (
    64 << 20
)  # bytes of a manifest; that of a release with a page an indicator has a fifth of one
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True)
class InputHash:
    """One file that the release was made from."""

    name: str
    sha256: str
    dataset: str = ""
    month: str = ""


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says."""

    content: dict[str, Any]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Relative path to size, sha256 and sm3."""
        return self.content["files"]

    @property
    def release(self) -> str:
        """The release's name, for example 2024-03-r1."""
        return self.content["release"]

    def to_bytes(self) -> bytes:
        """The JSON text: sorted keys, UTF-8, a final newline."""
        return (
            json.dumps(self.content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        ).encode()


def signing_key_file() -> Path:
    """`signing.pem` beside the key file, outside home and repository."""
    return default_key_file().with_name("signing.pem")


def signing_key(path: Path | None = None) -> Ed25519PrivateKey:
    """The signing key, made (0600) on first use; refuses one that others can read or that is damaged."""
    path = path or signing_key_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create_key(path)
    if path.stat().st_mode & 0o077:
        raise MinzhengError(
            f"signing key {path} can be read by others: run `chmod 600 {path}`",
            f"签名密钥 {path} 他人可读:请收紧权限(chmod 600)",
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise MinzhengError(
            f"signing key {path} is damaged: restore it from its backup",
            f"签名密钥 {path} 已损坏:请从备份恢复",
        )
    return key


def new_key() -> Ed25519PrivateKey:
    """A key whose id holds a letter: sixteen digits could pass for a bank account, and the gate would let nothing out."""
    while True:
        key = Ed25519PrivateKey.generate()
        if not key_id_of(key.public_key().public_bytes(*RAW)).isdecimal():
            return key


def _create_key(path: Path) -> None:
    pem = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it first
        return
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def file_hashes(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file below `folder` but the manifest's own two: relative path to size, sha256, sm3."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name: _hashes(path) for name, path in named.items() if name not in (MANIFEST, SIGNATURE)
    }


def _hashes(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    hashes = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    if "sm3" in hashlib.algorithms_available:
        hashes["sm3"] = hashlib.new("sm3", content).hexdigest()
    return hashes


def write_manifest(folder: Path, content: dict[str, Any], key: Ed25519PrivateKey) -> Manifest:
    """Write manifest.json over `content`, the files' hashes and the public key; sign it."""
    public = key.public_key().public_bytes(*RAW)
    signer = {
        "algorithm": "Ed25519",
        "key_id": key_id_of(public),
        "public_key": base64.b64encode(public).decode(),
    }
    manifest = Manifest({**content, "files": file_hashes(folder), "signature": signer})
    data = manifest.to_bytes()
    (folder / MANIFEST).write_bytes(data)
    (folder / SIGNATURE).write_bytes(base64.b64encode(key.sign(data)) + b"\n")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a release folder; `MinzhengError` where there is none or it is not JSON."""
    try:
        content = json.loads(_small(folder / MANIFEST))
        files = {str(name): dict(hashes) for name, hashes in content["files"].items()}
        return Manifest({**content, "release": str(content["release"]), "files": files})
    except FileNotFoundError:
        raise MinzhengError(f"no {MANIFEST} in {folder}", f"{folder} 中没有 {MANIFEST}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MinzhengError(
            f"{MANIFEST} in {folder} cannot be read", f"{folder} 中的 {MANIFEST} 无法读取"
        ) from None


def verify(
    folder: Path, of: Callable[[str], bool] = lambda _: True, key_id: str | None = None
) -> list[str]:
    """What is wrong with the release: tampered, missing or extra files, a bad signature; empty when nothing is.

    Only regular files that the manifest promises, at the size it promises, are read: nothing in a hostile folder is waited
    for or followed. `of`: which files' bytes are looked into. `key_id`: the key that must have signed, when one is known.
    """
    manifest = read_manifest(folder)
    found, promised = _members(folder), manifest.files
    faults = [f"missing: {name}" for name in sorted(promised.keys() - found.keys())]
    faults += [f"extra: {name}" for name in sorted(found.keys() - promised.keys())]
    for name in sorted(promised.keys() & found.keys()):
        if not stat.S_ISREG(found[name].st_mode):
            faults.append(f"not a regular file: {name}")
        elif of(name) and _differ(promised[name], folder / name, found[name].st_size):
            faults.append(f"tampered: {name}")
    faults += _edition_faults(folder, manifest) + _signature_faults(folder, manifest, key_id)
    return [printable(fault) for fault in faults]


def _edition_faults(folder: Path, manifest: Manifest) -> list[str]:
    """An edition that lies where another one should: the folder bears the name of what it holds."""
    told = manifest.content.get("edition")
    other = folder.name in editions() and told is not None and folder.name != told
    return [f"another edition: {folder.name} holds {told}"] if other else []


def _members(folder: Path) -> dict[str, os.stat_result]:
    """Whatever lies below `folder` but the manifest's own two, and what it is; of folders the empty ones only."""
    found = {}
    for path in folder.rglob("*"):
        name, facts = path.relative_to(folder).as_posix(), path.lstat()
        full = stat.S_ISDIR(facts.st_mode) and any(path.iterdir())
        if not full and name not in (MANIFEST, SIGNATURE):
            found[name] = facts
    return found


def _differ(promised: dict[str, Any], path: Path, size: int) -> bool:
    """Hashes that only one side knows (no SM3 in this Python's OpenSSL) do not count; SHA-256 always does."""
    if promised.get("bytes") != size:
        return True
    found = _hashes(path)
    return any(
        promised.get(name) != found[name]
        for name in ("sha256", "sm3")
        if name == "sha256" or (name in promised and name in found)
    )


def signer(manifest: Manifest) -> str:
    """The id of the key that a manifest says it was signed with: from the key itself, not from its name."""
    try:
        public = base64.b64decode(manifest.content["signature"]["public_key"])
    except (ValueError, KeyError, TypeError):
        return ""
    return key_id_of(public)


def key_id_of(public: bytes) -> str:
    """How a public key is called where people compare it: 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def _signature_faults(folder: Path, manifest: Manifest, key_id: str | None) -> list[str]:
    try:
        signature = base64.b64decode(_small(folder / SIGNATURE), validate=False)
        public = base64.b64decode(manifest.content["signature"]["public_key"])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _small(folder / MANIFEST))
    except FileNotFoundError:
        return [f"missing: {SIGNATURE}"]
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return [f"tampered: {MANIFEST} (the signature does not match)"]
    if key_id is not None and signer(manifest) != key_id:
        return [f"signed by another key: {signer(manifest)}, not {key_id}"]
    return []


def _small(path: Path) -> bytes:
    """The bytes of a regular file of some size at most; `ValueError` for anything else."""
    facts = path.lstat()
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
        raise ValueError
    return path.read_bytes()
