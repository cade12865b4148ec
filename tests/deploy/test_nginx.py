"""The office machine's front: the real nginx before the real read-only webserver refuses what it must."""

import base64
import datetime as dt
import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from minzheng.custody.home import Home
from minzheng.operations.alerts import raise_alert
from minzheng.publish.release.folder import lock
from tests.deploy.servers import free_port, ready

ROOT = Path(__file__).resolve().parents[2]
HOST = "minzheng.example"
PLANNER = "Basic " + base64.b64encode(b"planner:test-only").decode()
MUTATION = urllib.parse.quote("mutation { wipeAssets(assetPartitionRanges: []) { __typename } }")
pytestmark = pytest.mark.nginx

if not shutil.which("nginx") and not os.environ.get("CI"):
    pytest.skip("nginx is not installed (Debian package nginx-light)", allow_module_level=True)


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
    (folder / "server.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )


@pytest.fixture(scope="module")
def front():
    """The port of nginx, with users, certificate and a copied release, before a running read-only webserver."""
    with tempfile.TemporaryDirectory(prefix="front-", ignore_cleanup_errors=True) as name:
        yield from started(Path(name))


def released(home: Home, month: str, text: str) -> None:
    """A frozen release with one page, and `latest` on it."""
    folder = home.published / month / "r1"
    for name in ("bureau", "prefecture", "public"):
        (folder / name / "site").mkdir(parents=True)
        (folder / name / "site" / "index.html").write_text(
            text if name == "bureau" else name, encoding="utf-8"
        )
        (folder / name / "observations.csv").write_text("a\n")
        lock(folder / name, closed=name != "public")
    (home.published / "latest").unlink(missing_ok=True)
    (home.published / "latest").symlink_to(f"{month}/r1")


def started(folder: Path):
    """Copy the releases as the unit does, start both servers, and give nginx's port."""
    folder.chmod(0o755)
    before = os.umask(0o077)
    home = Home(folder / "home").create()
    released(home, "2024-02", "二月")
    mirror(home, folder)
    released(home, "2024-03", "三月<footer></footer>")
    raise_alert(home, "late-2024-04", "late", "2024年4月报送未齐", "late", ["2024-04"])
    mirror(home, folder)
    os.umask(before)
    certificate(folder)
    (folder / "users").write_text("planner:{PLAIN}test-only\n")
    (folder / "users").chmod(
        0o644
    )  # its reader is nginx's user, and this process may make private files only
    port, ui = free_port(), free_port()
    text = (ROOT / "deploy/nginx/minzheng.conf").read_text()
    for old, new in {
        "127.0.0.1:3001": f"127.0.0.1:{ui}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/minzheng/tls/server": str(folder / "server"),
        "/etc/minzheng/users.htpasswd": str(folder / "users"),
        "root /srv/minzheng;": f"root {folder / 'mirror'};",
    }.items():
        assert old in text
        text = text.replace(old, new)
    scratch = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{scratch}{text}\n}}\n"
    )
    environment = os.environ | {"MINZHENG_HOME": str(home.path)}
    options = ["ui", "--read-only", "--port", str(ui), "--path-prefix", "/dagster"]
    command = [sys.executable, "-c", "from minzheng.cli import main; main()", *options]
    web = subprocess.Popen(
        command,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    nginx = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], start_new_session=True
    )
    try:
        ready(port, nginx)
        ready(ui, web)
        yield port
    finally:
        for process in (web, nginx):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def mirror(home: Home, folder: Path) -> None:
    """What minzheng-mirror.service does."""
    subprocess.run(
        [ROOT / "deploy/mirror-releases", home.published, folder / "mirror", folder / "public"],
        check=True,
    )


def ask(
    port: int,
    path: str,
    *,
    user: bool = True,
    host: str = HOST,
    body: bytes | None = None,
    **headers: str,
) -> int:
    """The status of a request."""
    trust = ssl._create_unverified_context()
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data=body)
    request.add_header("Host", host)
    if user:
        request.add_header("Authorization", PLANNER)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_planner_with_a_password_sees_pages_and_control_room(front):
    """nginx's workers have no way into the home: what they serve are copies, the newest first."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", front, context=ssl._create_unverified_context()
    )
    connection.request("GET", "/", headers={"Host": HOST, "Authorization": PLANNER})
    answer = connection.getresponse()
    assert (answer.status, urllib.parse.urlsplit(answer.headers["Location"]).path) == (
        302,
        "/latest/bureau/site/index.html",
    )
    answer.read()
    connection.request(
        "GET", "/latest/bureau/site/index.html", headers={"Host": HOST, "Authorization": PLANNER}
    )
    page = connection.getresponse().read().decode()
    assert page.startswith("三月<footer>")
    assert 'href="/dagster/"' in page
    connection.request(
        "GET",
        "/dagster/pages/2024-03/site/index.html",
        headers={"Host": HOST, "Authorization": PLANNER},
    )
    led = connection.getresponse()
    assert led.headers["Location"].endswith("/latest/bureau/site/index.html")
    led.read()
    for path in (
        "/latest/bureau/observations.csv",
        "/2024-02/r1/bureau/site/",
        "/dagster/server_info",
        "/dagster/",
    ):
        assert ask(front, path) == 200, path
    assert ask(front, "/dagster/drafts/2024-03/bureau/site/index.html") == 404


@pytest.mark.parametrize(
    "path", ["/", "/latest/bureau/site/index.html", "/latest/", "/dagster/", "/dagster/graphql"]
)
def test_nobody_comes_in_without_a_password(front, path):
    assert ask(front, path, user=False) == (405 if path == "/dagster/graphql" else 401)
    assert ask(front, path, user=False, body=b"{}", Content_Type="application/json") in (401, 403)


def test_what_is_late_now_is_served_beside_the_releases_asked_for_anew_each_time(front):
    connection = http.client.HTTPSConnection(
        "127.0.0.1", front, context=ssl._create_unverified_context()
    )
    connection.request("GET", "/status.js", headers={"Host": HOST, "Authorization": PLANNER})
    answer = connection.getresponse()
    assert "2024年4月报送未齐" in answer.read().decode()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert ask(front, "/status.js", user=False) == 401


def test_nothing_else_beside_the_releases_is_served(front):
    for path in (
        "/../home/vault/KEY",
        "/%2e%2e/users",
        "/.latest",
        "/latest/../../users",
        "/2024-03/",
        "/latest/prefecture/observations.csv",
        "/latest/public/site/index.html",
    ):
        assert ask(front, path) in (400, 403, 404), path


@pytest.mark.parametrize("path", ["/", "/dagster/graphql"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "minzheng.example.evil.example"])
def test_a_foreign_host_is_refused(front, host, path):
    assert ask(front, path, host=host) == 421


def test_another_site_cannot_post_in_a_planners_name(front):
    query = b'{"query": "{ version }"}'
    own = {"Content_Type": "application/json", "Origin": f"https://{HOST}"}
    assert ask(front, "/dagster/graphql", body=query, **own) == 200
    assert (
        ask(front, "/dagster/graphql", body=query, **(own | {"Origin": "https://evil.example"}))
        == 403
    )
    assert ask(front, "/dagster/graphql", body=query, **(own | {"Origin": "null"})) == 403
    assert ask(front, "/dagster/graphql", body=query, **own, Sec_Fetch_Site="cross-site") == 403
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert ask(front, f"/dagster/graphql?query={MUTATION}", body=b"a=b", **form) == 415


@pytest.mark.parametrize(
    "graphql", ["graphql", "graph%71l", "graphql/", "/graphql", "./graphql", "x/../graphql"]
)
@pytest.mark.parametrize("query", ["query", "%71uery"])
def test_a_get_cannot_change_anything(front, graphql, query):
    assert ask(front, f"/dagster/{graphql}?{query}={MUTATION}") in (405, 404)


def test_only_graphql_takes_a_post(front):
    for path in (
        "/index.html",
        "/latest/bureau/site/index.html",
        "/dagster/",
        "/dagster/report_asset_materialization/a",
    ):
        assert ask(front, path, body=b"{}", Content_Type="application/json") in (403, 405), path


def test_even_a_rightful_post_changes_nothing_in_the_read_only_ui(front):
    body = b'{"query": "mutation { reloadWorkspace { __typename } }"}'
    request = urllib.request.Request(f"https://127.0.0.1:{front}/dagster/graphql", data=body)
    request.add_header("Host", HOST)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", PLANNER)
    with urllib.request.urlopen(
        request, context=ssl._create_unverified_context(), timeout=30
    ) as answer:
        assert b"UnauthorizedError" in answer.read()


def test_the_public_folder_holds_the_public_edition_alone_and_planners_get_the_bureau_s(tmp_path):
    home = Home(tmp_path / "home").create()
    released(home, "2024-03", "三月")
    old = home.published / "2024-02" / "r1"
    (old / "site").mkdir(parents=True)
    (old / "site" / "index.html").write_text("0.1.0")
    (old / "manifest.json").write_text("{}")
    mirror(home, tmp_path)
    held = {
        path.relative_to(tmp_path).as_posix()
        for name in ("mirror", "public")
        for path in (tmp_path / name).rglob("index.html")
    }
    assert held == {
        "mirror/2024-02/r1/site/index.html", "mirror/2024-03/r1/bureau/site/index.html", "public/2024-03/r1/site/index.html",
    }  # fmt: skip
    assert (tmp_path / "public" / "2024-03" / "r1" / "site" / "index.html").read_text() == "public"
    assert (tmp_path / "public" / "latest" / "site" / "index.html").is_file()
    assert not (tmp_path / "public" / "status.js").exists()
    for path in home.published.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
