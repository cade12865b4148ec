"""Faults a user can foresee: one clear line, a Chinese one where a clerk reads it, and the exit status."""


class MinzhengError(Exception):
    """A foreseeable fault. `str()` is one English line; `zh` the same for a clerk; `status` the exit status.

    The text may name files, months, datasets and rules; it never holds a value read from a person's row.
    """

    status = 1

    def __init__(self, message: str, zh: str | None = None):
        super().__init__(message)
        self.zh = zh or message


class WrongCall(MinzhengError):
    """The command was called wrongly: exit status 2."""

    status = 2
