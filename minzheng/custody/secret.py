"""Secrets come from files that nobody else can read, or from the environment; never from settings or the command line."""

from pathlib import Path

from minzheng.errors import MinzhengError


def secret(path: Path | None, what: str, zh: str) -> str:
    """The one line in a secret's file; `MinzhengError` names `what` where the file is missing or others can read it."""
    if path is None or not path.is_file() or path.stat().st_mode & 0o077:
        raise MinzhengError(
            f"the {what} file is missing or can be read by others: set its mode to 0600",
            f"{zh}文件缺失或他人可读：请设为 0600",
        )
    return path.read_text(encoding="utf-8").strip()
