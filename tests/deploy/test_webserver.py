"""The clerk's own webserver, without nginx, against a page of another site in the clerk's browser: nothing acts."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

from minzheng.custody.home import Home
from pipelines.webserver.chinese import in_chinese
from pipelines.webserver.pages import START_PAGE
from tests.deploy.servers import free_port, ready

ROOT = Path(__file__).resolve().parents[2]
MUTATION = "mutation { setNuxSeen }"
"""Changes something that shows in the answer, whatever is loaded."""
DEFINITIONS = "import dagster as dg\n\ndefs = dg.Definitions()\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The port of a webserver in which everything may be changed."""
    folder = tmp_path_factory.mktemp("clerk")
    (folder / "empty.py").write_text(DEFINITIONS)
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "pipelines.webserver",
        "-f",
        str(folder / "empty.py"),
        "-h",
        "127.0.0.1",
    ]
    shelved(Home(folder / "home").create())
    environment = os.environ | {"DAGSTER_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    environment |= {"MINZHENG_HOME": str(folder / "home")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen(
        [*command, "-p", str(port)], env=environment, start_new_session=True, cwd=folder, **quiet
    )
    try:
        ready(port, web)
        yield port
    finally:
        os.killpg(web.pid, signal.SIGTERM)
        web.wait()


def shelved(home: Home) -> None:
    """A release of February and a draft of March, each with more in its folder than pages."""
    files = ("bureau/site/index.html", "bureau/charts/progress.svg", "bureau/snapshot.duckdb")
    for month in (home.published / "2024-02" / "r1", home.drafts / "2024-03"):
        for name in (*files, "prefecture/site/index.html"):
            (month / name).parent.mkdir(parents=True, exist_ok=True)
            (month / name).write_text(f"{month.name}<footer></footer>", encoding="utf-8")
    (home.published / "2024-02" / "r1" / "bureau" / "manifest.json").write_text("{}")


def ask(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, str]:
    """Status and text of a request; headers with `_` for `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    named = {"Host": f"127.0.0.1:{port}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


JSON = {"Content_Type": "application/json"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
QUERY = "?query=" + urllib.parse.quote(MUTATION)
HIDDEN = "?%71uery=" + urllib.parse.quote(MUTATION)
BODY = json.dumps({"query": MUTATION})
HOST, OTHER = "evil.example", {"Origin": "https://evil.example"}


def test_a_page_of_our_own_may_act(server):
    own = {"Origin": f"http://127.0.0.1:{server}", "Sec_Fetch_Site": "same-origin"}
    assert ask(server, "POST", "/graphql", BODY, **JSON, **own) == (
        200,
        '{"data":{"setNuxSeen":true}}',
    )
    assert ask(server, "GET", "/server_info")[0] == 200
    assert "<html" in ask(server, "GET", "/runs")[1]


def test_the_start_opens_the_newest_month(server):
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=30)
    connection.request("GET", "/")
    assert connection.getresponse().headers["Location"] == f"{START_PAGE}&partition=2024-03"


@pytest.mark.parametrize(
    ("asked", "led_to", "holds"),
    [
        ("/pages/2024-03/site/index.html", "/drafts/2024-03/bureau/site/index.html", "2024-03"),
        ("/pages/2024-02/site/index.html", "/published/2024-02/r1/bureau/site/index.html", "r1"),
        ("/pages/2023-01/site/index.html", "/published/2024-02/r1/bureau/site/index.html", "r1"),
    ],
)
def test_the_pages_of_a_month_stand_beside_the_ui_and_lead_back(server, asked, led_to, holds):
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=30)
    connection.request("GET", asked)
    assert connection.getresponse().headers["Location"] == led_to
    assert ask(server, "GET", led_to) == (
        200,
        f'{holds}<p class="wide"><a href="/">控制室 Control room</a></p></footer>'.replace(
            holds, f"{holds}<footer>", 1
        ),
    )


@pytest.mark.parametrize(
    "path",
    [
        "/drafts/2024-03/bureau/snapshot.duckdb",
        "/drafts/2024-03/prefecture/site/index.html",
        "/drafts/bureau/../../ledger/ledger.sqlite",
        "/published/../bureau/settings.json",
    ],
)
def test_nothing_else_of_the_home_is_served(server, path):
    assert ask(server, "GET", path)[0] == 404
    assert (
        ask(server, "GET", "/drafts/2024-03/bureau/site/index.html", Host="evil.example")[0] == 421
    )


def test_every_page_of_the_ui_brings_the_chinese_words(server):
    page = ask(server, "GET", "/runs")[1]
    assert '<html lang="zh-CN">' in page
    assert 'src="/words.js"' in page
    assert '"Runs": "运行"' in ask(server, "GET", "/words.js")[1]


def test_a_page_without_a_place_for_the_words_is_a_fault():
    with pytest.raises(LookupError):
        in_chinese("<html><body></body></html>", "")


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "headers"),
    [
        pytest.param(405, "GET", "/graphql" + QUERY, None, {}, id="a picture of another site"),
        pytest.param(405, "GET", "/graphql" + HIDDEN, None, {}, id="its query spelled otherwise"),
        pytest.param(405, "GET", "/graph%71l" + QUERY, None, {}, id="its path spelled otherwise"),
        pytest.param(405, "HEAD", "/graphql" + QUERY, None, {}, id="only asking for the head"),
        pytest.param(403, "POST", "/graphql" + QUERY, "a=b", FORM | OTHER, id="a form of another site"),
        pytest.param(415, "POST", "/graphql" + QUERY, "a=b", FORM, id="a form that tells no origin"),
        pytest.param(415, "POST", "/graphql", MUTATION, {"Content_Type": "text/plain"}, id="plain text"),
        pytest.param(415, "POST", "/graphql", MUTATION, {"Content_Type": "application/graphql"}, id="GraphQL text"),
        pytest.param(403, "POST", "/graphql", BODY, JSON | OTHER, id="a script of another site"),
        pytest.param(403, "POST", "/graphql", BODY, JSON | {"Origin": "null"}, id="a sandboxed frame"),
        pytest.param(403, "POST", "/graphql", BODY, JSON | {"Sec_Fetch_Site": "cross-site"}, id="as the browser says"),
        pytest.param(421, "POST", "/graphql", BODY, JSON | {"Host": HOST}, id="a name bound to loopback"),
        pytest.param(421, "GET", "/", None, {"Host": f"{HOST}:3000"}, id="reading under a foreign name"),
        pytest.param(421, "GET", "/", None, {"Host": "127.0.0.1.evil.example"}, id="a name that begins like ours"),
        pytest.param(405, "POST", "/report_asset_materialization/a", "{}", JSON, id="a forged report of an asset"),
        pytest.param(405, "DELETE", "/graphql", None, {}, id="another method"),
    ],
)  # fmt: skip
def test_nothing_of_another_site_acts(server, status, method, path, body, headers):
    assert ask(server, method, path, body, **headers)[0] == status


def test_another_site_cannot_listen(server):
    shake = "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    shake += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-ws\r\nSec-WebSocket-Key: {key}\r\nOrigin: {origin}\r\n\r\n"
    answers = []
    for origin in (f"http://127.0.0.1:{server}", "https://evil.example"):
        with socket.create_connection(("127.0.0.1", server), timeout=30) as line:
            line.sendall(
                shake.format(port=server, key="AAAAAAAAAAAAAAAAAAAAAA==", origin=origin).encode()
            )
            answers.append(line.recv(64).split(b"\r\n")[0])
    assert answers == [b"HTTP/1.1 101 Switching Protocols", b"HTTP/1.1 403 Forbidden"]
