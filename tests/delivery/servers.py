"""Real servers on loopback: Debian's Exim with TLS and login, OpenSSH's sshd, and a proxy before Exim that makes faults.

Exim, since the OpenSMTPD of Debian 12 cannot finish a TLS handshake with OpenSSL 3 (OpenSMTPD issue 1239).
"""

import contextlib
import datetime as dt
import email
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from email import policy
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.deploy.servers import free_port, ready

USER, PASSWORD = "bureau", "test-only"
KNOWN = ("tongji", "bangong", "clerk")
"""Who has a mailbox: two at the prefecture, and the clerk who gets the alerts."""
CONFIGURATION = """
primary_hostname = localhost
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_certificate = {folder}/server.crt
tls_privatekey = {folder}/server.key
tls_advertise_hosts = *
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
host_lookup =
rfc1413_hosts =
keep_environment =
smtputf8_advertise_hosts =
acl_smtp_rcpt = rcpt
acl_smtp_data = data
message_size_limit = 20M
begin acl
rcpt:
  require authenticated = *
  defer local_parts = bangong
        condition = ${{if exists{{{folder}/full}}}}
        message = 4.2.2 mailbox full
  deny !local_parts = {known}
       message = 5.1.1 no such user
  accept domains = prefecture.example : bureau.example
data:
  accept
begin routers
all:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = {folder}/box
  maildir_format
  create_directory
  envelope_to_add
  batch_max = 100
  user = {runs_as}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""
RUNS_AS = "Debian-exim"
BETWEEN = Path(__file__).with_name("between.py")


def certificate(folder: Path) -> None:
    """A certificate for localhost and 127.0.0.1, signed by itself."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.key").write_bytes(key.private_bytes(*form))


class Exim:
    """A running Exim: its port, its certificate, the messages in its only mailbox folder."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port

    def messages(self) -> list[email.message.EmailMessage]:
        """The deliveries in the mailbox, in order; alerts to the clerk are none."""
        new = self.folder / "box" / "new"
        paths = (
            sorted(new.iterdir(), key=lambda path: path.stat().st_mtime_ns) if new.is_dir() else []
        )
        read = (
            email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths
        )
        return [message for message in read if "X-Delivery-Id" in message]

    def settle(self) -> None:
        """Bring what lies in the queue to the mailbox, and wait until it is empty."""
        command = ["exim4", "-C", str(self.folder / "exim.conf")]
        while (
            subprocess.run(
                [*command, "-bpc"], capture_output=True, text=True, check=True
            ).stdout.strip()
            != "0"
        ):
            subprocess.run([*command, "-qff"], stderr=subprocess.DEVNULL, check=True)

    def empty(self) -> None:
        """Forget every message."""
        self.settle()
        shutil.rmtree(self.folder / "box", ignore_errors=True)
        (self.folder / "full").unlink(missing_ok=True)


@contextlib.contextmanager
def exim():
    """Exim in a folder of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="exim-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        certificate(folder)
        (folder / "spool").mkdir()
        shutil.chown(folder, pwd.getpwnam(RUNS_AS).pw_uid)
        for path in folder.iterdir():
            shutil.chown(path, pwd.getpwnam(RUNS_AS).pw_uid)
        told = {
            "folder": folder,
            "port": port,
            "user": USER,
            "password": PASSWORD,
            "runs_as": RUNS_AS,
        }
        configuration = folder / "exim.conf"
        configuration.write_text(CONFIGURATION.format(known=" : ".join(KNOWN), **told))
        configuration.chmod(0o644)
        command = ["exim4", "-bdf", "-q1h", "-C", str(configuration)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            ready(port, process)
            yield Exim(folder, port)
        finally:
            process.terminate()
            process.wait()


class Proxy:
    """Between a client and Exim: reads every command in clear, for it holds the certificate, and makes one fault.

    `fault` is (command, moment, deed): command is an SMTP verb, CONNECT, or END for the end of the message; moment is
    `before` it reaches Exim, `after` Exim answered and before the client hears it, `heard` after the client was told;
    deed is `drop`, `kill` (the process `victim`, with SIGKILL), `stall`, `strip` (STARTTLS from the greeting) or an answer
    to give instead (`451 ...`). Each fault happens once unless `always`.
    """

    def __init__(self, server: Exim):
        self.server, self.fault, self.always, self.victim = server, None, False, 0
        self.seen: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.certificate.load_cert_chain(server.folder / "server.crt", server.folder / "server.key")
        self.done = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.done.set()
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._session, args=(client,), daemon=True).start()

    def _session(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, Dropped),
            socket.create_connection(("127.0.0.1", self.server.port)) as own,
        ):
            try:
                self._relay(client, own)
            finally:
                client.close()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        self._at(client, "CONNECT", "before")
        reader, answers = client.makefile("rb"), server.makefile("rb")
        client.sendall(reply(answers))
        while line := reader.readline():
            verb = line[:8].split()[0].decode().upper()
            if self._at(client, verb, "before"):
                continue
            server.sendall(line)
            answer = reply(answers)
            if verb == "EHLO" and self._deed("EHLO", "before") == "strip":
                answer = b"".join(
                    part for part in answer.splitlines(True) if b"STARTTLS" not in part
                )
            self._at(client, verb, "after")
            client.sendall(answer)
            self._at(client, verb, "heard")
            if verb == "STARTTLS":
                client = self.certificate.wrap_socket(client, server_side=True)
                server = ssl._create_unverified_context().wrap_socket(server)
                reader, answers = client.makefile("rb"), server.makefile("rb")
            elif verb == "DATA" and answer.startswith(b"354"):
                self._message(client, server, reader, answers)

    def _message(self, client, server, reader, answers) -> None:
        content = b"".join(iter(reader.readline, b".\r\n"))
        if self._at(client, "END", "before"):
            raise Dropped  # the server still waits for the end of the message
        server.sendall(content + b".\r\n")
        answer = reply(answers)
        self._at(client, "END", "after")
        client.sendall(answer)
        self._at(client, "END", "heard")

    def _deed(self, verb: str, moment: str) -> str:
        return self.fault[2] if self.fault and self.fault[:2] == (verb, moment) else ""

    def _at(self, client: socket.socket, verb: str, moment: str) -> bool:
        """Do the deed of this command and moment; True where the client was answered instead of the server asked."""
        self.seen.append(f"{verb} {moment}")
        deed = self._deed(verb, moment)
        if not deed or deed == "strip":
            return False
        if not self.always:
            self.fault = None
        if deed == "kill":
            os.kill(self.victim, signal.SIGKILL)
            raise Dropped
        if deed == "stall":
            self.done.wait()
        if deed in ("drop", "stall"):
            raise Dropped
        client.sendall(deed.encode() + b"\r\n")
        return True


class Dropped(Exception):
    """The line is cut."""


def reply(answers) -> bytes:
    """One reply of a server, all its lines."""
    lines = []
    for line in iter(answers.readline, b""):
        lines.append(line)
        if line[3:4] == b" ":
            return b"".join(lines)
    raise Dropped


class Cutter:
    """Between sftp and sshd: after `bytes_left` bytes to the server it cuts the line, or kills `victim` first."""

    def __init__(self, port: int, bytes_left: int, victim: int = 0):
        self.server_port, self.left, self.victim, self.carried = port, bytes_left, victim, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
                threading.Thread(
                    target=self._pass, args=(client, server, True), daemon=True
                ).start()
                threading.Thread(
                    target=self._pass, args=(server, client, False), daemon=True
                ).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(4096):
                self.carried += counted * len(content)
                if counted and self.left is not None and self.carried > self.left:
                    if self.victim:
                        os.kill(self.victim, signal.SIGKILL)
                    break
                target.sendall(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.socket.close()


class Sshd:
    """A running sshd: port, the folder it serves, the client's key and the pinned host key."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port
        self.inbox, self.key, self.known = folder / "in", folder / "client", folder / "known"

    @property
    def user(self) -> str:
        return pwd.getpwuid(os.getuid()).pw_name

    def kills(self, name: str, nth: int, moment: str, victim: int) -> None:
        """Kill a process at an SFTP request to come (`between`)."""
        (self.folder / "fresh").write_text(f"{name} {nth} {moment} {victim}")
        (self.folder / "fresh").rename(self.folder / "kill")


@contextlib.contextmanager
def sshd():
    """OpenSSH's server in a folder of its own, with keys of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="sshd-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        for key in ("host", "client"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True
            )
        server = Sshd(folder, port)
        server.inbox.mkdir()
        public = " ".join((folder / "host.pub").read_text().split()[:2])
        server.known.write_text(f"[127.0.0.1]:{port} {public}\n")
        (folder / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/client.pub\n"
            f"StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\nSubsystem sftp {sys.executable} -IS {BETWEEN} {folder}\n"
            "PermitRootLogin yes\n"
            "KexAlgorithms curve25519-sha256\n"  # the usual one adds a lattice: a third of a connection's processor time
        )
        Path("/run/sshd").mkdir(exist_ok=True)  # where it is not run by the system, nobody made it
        command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd_config")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            ready(port, process)
            yield server
        finally:
            process.terminate()
            process.wait()
