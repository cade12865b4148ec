"""Between sshd and Debian's sftp-server, as sshd's subsystem: sees each SFTP request and its answer, and kills at one of them.

`between.py FOLDER`: requests are listed in `FOLDER/requests`; `FOLDER/kill` holds "NAME NTH MOMENT PID": before the NTH request
of that name (over all connections) reaches the server, or after the server answered it, PID is killed and the line is cut.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

SERVER = "/usr/lib/openssh/sftp-server"
NAMES = {1: "INIT", 3: "OPEN", 4: "CLOSE", 6: "WRITE", 7: "LSTAT", 8: "FSTAT", 10: "FSETSTAT", 11: "OPENDIR", 12: "READDIR",
         13: "REMOVE", 14: "MKDIR", 16: "REALPATH", 17: "STAT", 18: "RENAME", 200: "EXTENDED"}  # fmt: skip


def packets(source):
    """Each packet with its length in front."""
    while len(head := source.read(4)) == 4:
        yield head + source.read(struct.unpack(">I", head)[0])


def number(packet: bytes) -> bytes:
    """What ties an answer to its request; INIT and its answer have none."""
    return b"" if packet[4] in (1, 2) else packet[5:9]


def main(folder: Path) -> None:
    """Relay until either side ends."""
    seen, order = folder / "requests", folder / "kill"
    name, nth, moment, victim = order.read_text().split() if order.exists() else ("", 0, "", 0)
    waiting: list[bytes] = []
    server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def die() -> None:
        os.kill(int(victim), signal.SIGKILL)
        order.unlink()
        server.kill()
        os._exit(1)

    def answers() -> None:
        for packet in packets(server.stdout):
            if waiting and number(packet) == waiting[0]:
                die()
            os.write(1, packet)
        os._exit(0)

    threading.Thread(target=answers, daemon=True).start()
    for packet in packets(sys.stdin.buffer):
        what = NAMES.get(packet[4], str(packet[4]))
        with seen.open("a") as log:
            log.write(f"{what}\n")
        if what == name and seen.read_text().split().count(name) == int(nth):
            if moment == "before":
                die()
            waiting.append(number(packet))
        server.stdin.write(packet)
        server.stdin.flush()
    server.stdin.close()
    server.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
