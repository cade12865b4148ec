"""Files put into a receiver's SFTP folder by Debian's own `sftp`: part files, sizes compared, renamed, the manifest last.

Whoever watches the folder sees a file whole or not at all, and knows by `manifest.json` that all are there. Everything may be
done again: what is there is not sent again, a part is continued (its name carries the hash of what it is a part of). The
host key must be the pinned one, the login is by key, and nothing is ever asked.
"""

import hashlib
import re
import subprocess
from itertools import chain
from pathlib import Path

from minzheng.delivery.mail import Outcome
from minzheng.delivery.recipients import ByDrop
from minzheng.publish.release.manifest import MANIFEST, SIGNATURE, read_manifest

SECONDS = 1800
LISTED = re.compile(r"^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\S+\s+(.+)$")
"""A file in `ls -ln`: its size and its path."""
PERMANENT = (
    "Host key verification failed",
    "Permission denied",
    "REMOTE HOST IDENTIFICATION HAS CHANGED",
)


class Refused(Exception):
    """`sftp` ended badly; the text is its last line."""


def put(recipient: ByDrop, folder: Path, name: str, lock: int) -> Outcome:
    """Bring the package into `<recipient.folder>/<name>`; never raises for what a server or a network does.

    `lock`: a descriptor that `sftp` holds too, so that nobody begins anew while one lives that lost its parent.
    """
    session = Session(recipient, folder, lock)
    base = f"{recipient.folder.rstrip('/')}/{name}"
    hashes = {one: entry["sha256"] for one, entry in read_manifest(folder).files.items()}
    ordered = [*sorted(hashes), SIGNATURE, MANIFEST]
    parts = {one: f"{one}.{hashes.get(one, hashed(folder / one))[:16]}.part" for one in ordered}
    above = set().union(*(Path(one).parents for one in ordered)) - {Path()}
    folders = sorted(path.as_posix() for path in above)
    places = [base, *(f"{base}/{one}" for one in folders)]
    try:
        there = session.sizes(base, places)
        sizes = {one: (folder / one).stat().st_size for one in ordered}
        missing = [one for one in ordered if there.get(one) != sizes[one]]
        to_send = [one for one in missing if there.get(parts[one]) != sizes[one]]
        session.run([_upload(folder, base, one, parts[one], there) for one in to_send])
        there = session.sizes(base, places)
        short = [one for one in missing if there.get(parts[one]) != sizes[one]]
        if short:
            session.run(
                [f"rm {quoted(f'{base}/{parts[one]}')}" for one in short if parts[one] in there]
            )
            return Outcome(why=f"{short[0]}: 大小不符，已删除，重新发送", temporary=True)
        session.run(
            [
                f"rename {quoted(f'{base}/{parts[one]}')} {quoted(f'{base}/{one}')}"
                for one in missing
            ]
        )
    except Refused as error:
        told = str(error)
        return Outcome(why=told, temporary=not any(mark in told for mark in PERMANENT))
    return Outcome(accepted=[recipient.destination])


def _upload(folder: Path, base: str, name: str, part: str, there: dict[str, int]) -> str:
    again = "reput" if 0 < there.get(part, 0) < (folder / name).stat().st_size else "put"
    return f"{again} {quoted(name)} {quoted(f'{base}/{part}')}"


class Session:
    """Runs batches of sftp commands, each batch one connection."""

    def __init__(self, recipient: ByDrop, folder: Path, lock: int):
        options = {
            "BatchMode": "yes",
            "LogLevel": "ERROR",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": recipient.known_hosts_file.absolute(),
            "GlobalKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "IdentityFile": recipient.key_file.absolute(),
            "ConnectTimeout": 20,
            "ServerAliveInterval": 15,
            "ServerAliveCountMax": 3,
            "Port": recipient.port,
        }
        stated = chain.from_iterable(("-o", f"{name}={value}") for name, value in options.items())
        self.command = [
            "sftp",
            "-F",
            "/dev/null",
            "-b",
            "-",
            *stated,
            f"{recipient.user}@{recipient.host}",
        ]
        self.folder, self.lock = folder, lock

    def run(self, commands: list[str]) -> str:
        """What a batch printed; `Refused` where a command failed or the connection was lost."""
        if not commands:
            return ""
        try:
            done = subprocess.run(
                self.command,
                cwd=self.folder,
                input="".join(f"{one}\n" for one in commands),
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
                pass_fds=(self.lock,),
                env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            )
        except subprocess.TimeoutExpired:
            raise Refused("sftp: 超时") from None
        except FileNotFoundError:
            raise Refused("sftp 未安装（Debian 包 openssh-client）: Permission denied") from None
        if done.returncode:
            said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            known = next((line for line in said if any(mark in line for mark in PERMANENT)), None)
            raise Refused(known or (said[-1] if said else f"sftp ended with {done.returncode}"))
        return done.stdout

    def sizes(self, base: str, places: list[str]) -> dict[str, int]:
        """The files below `base` with their sizes; makes the folders `places` where they are missing."""
        told = self.run(
            [f"-@mkdir {quoted(place)}" for place in places]
            + [f"@ls -ln {quoted(place)}" for place in places]
        )
        found = [match for line in told.splitlines() if (match := LISTED.match(line))]
        return {match[2].removeprefix(f"{base}/"): int(match[1]) for match in found}


def quoted(path: str) -> str:
    """A path as sftp's batch takes it; one that could be a pattern, an option or a second command is refused."""
    if not re.fullmatch(r"[\w./][\w./ ()（）·-]*", path):
        raise Refused(f"Permission denied: {path!r} 不能作为文件名报送")
    return f'"{path}"'


def hashed(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
