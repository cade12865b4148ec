"""Keys: pseudonyms by HMAC-SHA-256 with domain separation, sealed files by AES-256-GCM. The key file lies outside home and repository."""

import base64
import binascii
import hashlib
import hmac
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from minzheng.custody import sealing
from minzheng.errors import MinzhengError

MAGIC = b"MZV1"
_NONCE = 12


def default_key_file() -> Path:
    """MINZHENG_KEY_FILE, else `minzheng/key.json` under the user's configuration folder."""
    named = os.environ.get("MINZHENG_KEY_FILE")
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    return Path(named) if named else base / "minzheng" / "key.json"


@dataclass(frozen=True)
class Keys:
    """One key generation. `secret` never leaves this object; `key_id` names it on every sealed file."""

    key_id: str
    secret: bytes = field(repr=False)

    @classmethod
    def create(cls, path: Path | None = None) -> "Keys":
        """Make a new key file, 0600, and return its keys; refuses to overwrite one."""
        path = (path or default_key_file()).expanduser().absolute()
        if any((folder / ".git").exists() for folder in path.parents):
            raise MinzhengError(
                f"the key must not lie in a repository: {path}", f"密钥不得放在代码仓库内:{path}"
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = cls(secrets.token_hex(4), secrets.token_bytes(32))
        content = {
            "key_id": keys.key_id,
            "secret": base64.b64encode(keys.secret).decode(),
            "check": keys.check_value,
        }
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise MinzhengError(
                f"a key file is already there: {path}", f"密钥文件已存在:{path}"
            ) from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        return keys

    @classmethod
    def load(cls, path: Path | None = None) -> "Keys":
        """Read the key file; refuses one that others can read, that is missing or damaged."""
        path = path or default_key_file()
        if not path.is_file():
            raise MinzhengError(
                f"no key file at {path}: run `minzheng keys init`",
                f"找不到密钥文件 {path}:请先运行 minzheng keys init",
            )
        if path.stat().st_mode & 0o077:
            raise MinzhengError(
                f"key file {path} can be read by others: run `chmod 600 {path}`",
                f"密钥文件 {path} 他人可读:请收紧权限(chmod 600)",
            )
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            keys = cls(content["key_id"], base64.b64decode(content["secret"]))
            intact = hmac.compare_digest(keys.check_value, content["check"])
        except (ValueError, KeyError, TypeError):
            intact = False
        if not intact:
            raise MinzhengError(
                f"key file {path} is damaged: restore it from its backup",
                f"密钥文件 {path} 已损坏:请从备份恢复",
            )
        return keys

    @cached_property
    def check_value(self) -> str:
        """What tells two keys apart without telling the key."""
        return self._derive("check").hex()[:16]

    def _derive(self, purpose: str) -> bytes:
        return hmac.new(self.secret, b"minzheng/" + purpose.encode(), hashlib.sha256).digest()

    @cached_property
    def _begun(self) -> dict[str, HMAC]:
        """By domain, an HMAC that has taken in its key and nothing else; each value is hashed by a copy of it."""
        return {}

    def pseudonym(self, domain: str, value: str) -> str:
        """32 hex characters that stand for `value` in `domain` (person, household, account, ...); same in, same out."""
        return self.pseudonyms(domain, [value]).decode()

    def pseudonyms(self, domain: str, values: Iterable[str]) -> bytes:
        """The pseudonyms of these values, 32 characters each, one behind the other."""
        begun = self._begun.get(domain)
        if begun is None:
            begun = self._begun[domain] = HMAC(self._derive("pseudonym/" + domain), SHA256())
        codes = []
        for value in values:
            code = begun.copy()
            code.update(value.encode())
            codes.append(code.finalize()[:16])
        return binascii.hexlify(b"".join(codes))

    def seal(self, content: bytes, name: str) -> bytes:
        """Encrypt `content`; `name` is bound to it, so that two sealed files cannot be exchanged."""
        nonce = secrets.token_bytes(_NONCE)
        cipher = AESGCM(self._derive("seal"))
        head = MAGIC + self.key_id.encode("ascii")
        return head + nonce + cipher.encrypt(nonce, content, head + name.encode("utf-8"))

    def unseal(self, sealed: bytes, name: str) -> bytes:
        """Decrypt what `seal` made; one clear error for a wrong key or a changed byte."""
        head, nonce, body = sealed[:12], sealed[12 : 12 + _NONCE], sealed[12 + _NONCE :]
        if nonce == sealing.MARK:
            return b"".join(self.unseal_blocks(io.BytesIO(sealed), name))
        try:
            return AESGCM(self._derive("seal")).decrypt(nonce, body, head + name.encode("utf-8"))
        except (InvalidTag, ValueError):
            raise MinzhengError(
                f"cannot decrypt {name}: wrong key or changed file",
                f"无法解密 {name}:密钥不对或文件已被改动",
            ) from None

    def seal_blocks(self, blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
        """`seal` for a file too large for memory: the pieces of the sealed file."""
        return sealing.seal_blocks(
            blocks, self._derive("seal"), MAGIC + self.key_id.encode("ascii"), name
        )

    def unseal_blocks(self, file: BinaryIO, name: str) -> Iterator[bytes]:
        """The bytes of a sealed file in blocks, whichever way it was sealed; errors as of `unseal`."""
        head, mark = file.read(12), file.read(_NONCE)
        if mark != sealing.MARK:
            yield self.unseal(head + mark + file.read(), name)
            return
        try:
            yield from sealing.unseal_blocks(file, self._derive("seal"), head, name)
        except InvalidTag:
            raise MinzhengError(
                f"cannot decrypt {name}: wrong key or changed file",
                f"无法解密 {name}:密钥不对或文件已被改动",
            ) from None
