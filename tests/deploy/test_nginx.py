"""The office machine's front: the real nginx before the real read-only webserver refuses what it must."""

import base64
import datetime as dt
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from minzheng.home import Home

ROOT = Path(__file__).resolve().parents[2]
HOST = "minzheng.example"
pytestmark = pytest.mark.nginx

if not shutil.which("nginx") and not os.environ.get("CI"):
    pytest.skip("nginx is not installed (Debian package nginx-light)", allow_module_level=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "server.crt").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def ready(port: int, process: subprocess.Popen) -> None:
    """Wait until something listens on the port; fail when the process that should has ended."""
    while process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"the server ended with {process.returncode}")


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """The port of nginx, with users, certificate and a release page, before a running read-only webserver."""
    folder = tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    home = Home(folder / "home").create()
    site = folder / "site"
    site.mkdir()
    (site / "index.html").write_text("民政", encoding="utf-8")
    certificate(folder)
    (folder / "users").write_text("planner:{PLAIN}test-only\n")
    port, ui = free_port(), free_port()
    text = (ROOT / "deploy/nginx/minzheng.conf").read_text()
    for old, new in {
        "127.0.0.1:3001": f"127.0.0.1:{ui}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/minzheng/tls/server": str(folder / "server"),
        "/etc/minzheng/users.htpasswd": str(folder / "users"),
        "/var/lib/minzheng/published/latest/site": str(site),
    }.items():
        assert old in text
        text = text.replace(old, new)
    scratch = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{scratch}{text}\n}}\n"
    )
    environment = os.environ | {"MINZHENG_HOME": str(home.path)}
    options = ["ui", "--read-only", "--port", str(ui), "--path-prefix", "/dagster"]
    command = [sys.executable, "-c", "from minzheng.cli import main; main()", *options]
    web = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    nginx = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], start_new_session=True)
    try:
        ready(port, nginx)
        ready(ui, web)
        yield port
    finally:
        for process in (web, nginx):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def ask(port: int, path: str, *, user: bool = True, host: str = HOST, body: bytes | None = None, **headers: str) -> int:
    """The status of a request."""
    trust = ssl._create_unverified_context()
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data=body)
    request.add_header("Host", host)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(b"planner:test-only").decode())
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_planner_with_a_password_sees_pages_and_control_room(front):
    assert ask(front, "/") == 200
    assert ask(front, "/dagster/server_info") == 200


def test_nobody_comes_in_without_a_password(front):
    assert ask(front, "/", user=False) == 401
    assert ask(front, "/dagster/server_info", user=False) == 401


def test_a_foreign_host_is_refused(front):
    assert ask(front, "/", host="evil.example") == 421


def test_another_site_cannot_post_in_a_planners_name(front):
    query = b'{"query": "{ version }"}'
    own = {"Content_Type": "application/json", "Origin": f"https://{HOST}"}
    assert ask(front, "/dagster/graphql", body=query, **own) == 200
    assert ask(front, "/dagster/graphql", body=query, **(own | {"Origin": "https://evil.example"})) == 403
    assert ask(front, "/dagster/graphql", body=query, **own, Sec_Fetch_Site="cross-site") == 403


def test_a_get_cannot_change_anything(front):
    mutation = urllib.parse.quote("mutation { wipeAssets(assetPartitionRanges: []) { __typename } }")
    assert ask(front, f"/dagster/graphql?query={mutation}") == 405
    assert ask(front, "/index.html", body=b"x") in (403, 405)


def test_even_a_rightful_post_changes_nothing_in_the_read_only_ui(front):
    body = b'{"query": "mutation { reloadWorkspace { __typename } }"}'
    request = urllib.request.Request(f"https://127.0.0.1:{front}/dagster/graphql", data=body)
    request.add_header("Host", HOST)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Basic " + base64.b64encode(b"planner:test-only").decode())
    with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=30) as answer:
        assert b"UnauthorizedError" in answer.read()
