"""Sealing a large file block by block, so that neither side needs it in memory: AES-256-GCM with a key of the file's own.

Layout: the head of every sealed file (`minzheng.custody.keys`), a mark where others have a nonce, a salt of 32 bytes, then each block with
its tag. The nonce of a block is its number and whether it is the last: none can be left out, moved or added.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"IN BLOCKS/01"
SALT, TAG, SIZE = 32, 16, 1 << 20


def seal_blocks(blocks: Iterable[bytes], key: bytes, head: bytes, name: str) -> Iterator[bytes]:
    """The sealed file of these blocks, piece by piece; `name` is bound to it."""
    salt = secrets.token_bytes(SALT)
    cipher, bound = _cipher(key, salt), head + name.encode("utf-8")
    yield head + MARK + salt
    waiting, number = b"", 0
    for piece in _even(blocks):
        if number:
            yield cipher.encrypt(_nonce(number, False), waiting, bound)
        waiting, number = piece, number + 1
    yield cipher.encrypt(_nonce(max(number, 1), True), waiting, bound)


def unseal_blocks(file: BinaryIO, key: bytes, head: bytes, name: str) -> Iterator[bytes]:
    """The blocks of a sealed file whose head and mark were read; `InvalidTag` for a wrong key or any change."""
    cipher, bound = _cipher(key, file.read(SALT)), head + name.encode("utf-8")
    sealed, number = file.read(SIZE + TAG), 1
    while True:
        following = file.read(SIZE + TAG)
        if len(sealed) < TAG:
            raise InvalidTag
        yield cipher.decrypt(_nonce(number, not following), sealed, bound)
        if not following:
            return
        sealed, number = following, number + 1


def _even(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of one size, the last one shorter."""
    rest = b""
    for block in blocks:
        rest = rest + block if rest else block
        while len(rest) >= SIZE:
            yield rest[:SIZE]
            rest = rest[SIZE:]
    if rest:
        yield rest


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"blocks/" + salt, hashlib.sha256))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
