"""A package as one file: a zip with the same bytes each time, and, where it must travel closed, that zip in an AES-256 one.

The closed form is WinZip's AE-2 (winzip.com/win/en/aes_info.html: key by PBKDF2-HMAC-SHA-1, 1,000 rounds; AES-256 in
counter mode, the counter counted from 1 in little-endian; HMAC-SHA-1 cut to 10 bytes), which 7-Zip, WinRAR, 360 and bsdtar
open. It holds one member with a neutral name, so that not even names of files can be read from outside.
"""

import hashlib
import hmac
import io
import secrets
import struct
import zipfile
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from minzheng.delivery.recipients import SHORTEST_PASSWORD
from minzheng.errors import MinzhengError

DAY_ONE = (1980, 1, 1, 0, 0, 0)
BLOCK, SALT, AUTHENTICATION, ROUNDS = 16, 16, 10, 1000
INNER = "package.zip"
AES_EXTRA = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, zipfile.ZIP_DEFLATED)
ENCRYPTED, METHOD_AES, VERSION_AES, DATE = 1, 99, 51, 33


def zipped(folder: Path, root: str) -> bytes:
    """Every file below the folder, under a folder `root`, in order of name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo((Path(root) / path.relative_to(folder)).as_posix(), DAY_ONE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def closed(content: bytes, password: str) -> bytes:
    """The content as the only member of an AES-256 zip; never the same bytes twice, since the salt is drawn anew."""
    if len(password) < SHORTEST_PASSWORD:
        raise MinzhengError(
            f"an archive's password has at least {SHORTEST_PASSWORD} characters",
            f"压缩包口令至少 {SHORTEST_PASSWORD} 个字符",
        )
    salt = secrets.token_bytes(SALT)
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS, 66)
    compress = zlib.compressobj(6, zlib.DEFLATED, -15)
    secret = _counted(compress.compress(content) + compress.flush(), keys[:32])
    data = salt + keys[64:] + secret + hmac.digest(keys[32:64], secret, "sha1")[:AUTHENTICATION]
    name = INNER.encode()
    common = struct.pack(
        "<HHHHHLLLHH",
        VERSION_AES,
        ENCRYPTED,
        METHOD_AES,
        0,
        DATE,
        0,
        len(data),
        len(content),
        len(name),
        len(AES_EXTRA),
    )
    member = b"PK\3\4" + common + name + AES_EXTRA + data
    entry = (
        b"PK\1\2"
        + struct.pack("<H", VERSION_AES)
        + common
        + struct.pack("<HHHLL", 0, 0, 0, 0, 0)
        + name
        + AES_EXTRA
    )
    return (
        member + entry + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(entry), len(member), 0)
    )


def _counted(content: bytes, key: bytes) -> bytes:
    """AES in counter mode with the counter in little-endian, which the library's own mode does not count in."""
    blocks = -(-len(content) // BLOCK)
    counters = b"".join(count.to_bytes(BLOCK, "little") for count in range(1, blocks + 1))
    stream = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(counters)[: len(content)]  # noqa: S305
    mixed = int.from_bytes(content, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(content), "big")
