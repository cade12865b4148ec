"""The drop at a receiver's SFTP server, against a real OpenSSH: whole or not at all, the manifest last, taken up again."""

import datetime as dt
import fcntl
import os
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from minzheng.delivery import drop
from minzheng.delivery.approvers import unlocked
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.review import approve, submit
from minzheng.delivery.sending import order, send_waiting
from minzheng.delivery.standing import standing
from minzheng.operations.alerts import open_alerts
from minzheng.publish.release.manifest import read_manifest, verify
from tests.delivery import killed
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, NINE, PASSPHRASE
from tests.delivery.servers import Cutter, sshd

if not (shutil.which("sftp") and Path("/usr/sbin/sshd").exists()) and not os.environ.get("CI"):
    pytest.skip("OpenSSH is not installed (Debian package openssh-server)", allow_module_level=True)

SETTINGS = """
[[recipient]]
name = "州数据交换"
edition = "prefecture"
channel = "sftp"
host = "127.0.0.1"
port = {port}
user = "{server.user}"
folder = "{server.inbox}"
key_file = "{server.key}"
known_hosts_file = "{known}"
"""


@pytest.fixture(scope="module")
def running():
    with sshd() as found:
        yield found


@pytest.fixture
def server(running):
    yield running
    shutil.rmtree(running.inbox)
    running.inbox.mkdir()
    for name in ("requests", "kill"):
        (running.folder / name).unlink(missing_ok=True)


@pytest.fixture
def point(home, recipients, server):
    """`point(port, known)` directs deliveries to a port, with a file of known host keys."""

    def write(port=None, known=None):
        own = known or server.known
        if port:  # the pinned key is the server's, also through a proxy
            own = server.folder / f"known-{port}"
            own.write_text(server.known.read_text().replace(str(server.port), str(port)))
        recipients(SETTINGS.format(port=port or server.port, server=server, known=own))
        return package_of(home, MONTH, allow_list(home).recipients[0])

    return write


@pytest.fixture
def ready(home, draft, freeze, approver, point):
    """`ready(port, known)` submits, approves and releases the month for the drop; a report of some size."""

    def prepare(port=None, known=None) -> Package:
        package = point(port, known)
        draft(report="虚构月报" * 30_000)
        submit(home, MONTH, AUTHOR)
        approve(home, MONTH, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE)
        freeze()
        return package

    return prepare


def sent(package, at=NINE):
    (line,) = order([package], at=at)
    return line


def state(package):
    return standing(package)[1]


def there(server):
    folder = server.inbox / "2024-03-r1"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in files if not name.endswith(".part")}


def test_the_package_arrives_whole_and_verifies(ready, server):
    package = ready()
    line = sent(package)
    assert (state(package), line.fault) == ("delivered", False)
    assert verify(server.inbox / "2024-03-r1") == []
    assert "forms/a1.csv" in there(server)
    assert not list(server.inbox.rglob("*.part"))


def test_a_server_with_another_key_gets_nothing_and_a_person_hears_of_it(
    ready, server, tmp_path, home
):
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True
    )
    public = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {public}\n")
    package = ready(known=tmp_path / "known")
    line = sent(package)
    assert "Host key verification failed" in line.zh or "HOST IDENTIFICATION HAS CHANGED" in line.zh
    assert standing(package)[0].said["failed"]["retry_at"] is None
    assert [alert.kind for alert in open_alerts(home)] == ["undelivered"]
    assert there(server) == set()


def test_a_server_nobody_pinned_gets_nothing(ready, server, tmp_path):
    (tmp_path / "known").write_text("")
    package = ready(known=tmp_path / "known")
    assert "Host key verification failed" in sent(package).zh
    assert there(server) == set()


def test_a_key_the_server_does_not_know_is_refused_without_asking(ready, server, tmp_path, point):
    package = ready()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "own"], check=True
    )
    settings = package.home.path / "delivery.toml"
    settings.write_text(settings.read_text().replace(str(server.key), str(tmp_path / "own")))
    package = package_of(package.home, MONTH, allow_list(package.home).recipients[0])
    assert "Permission denied" in sent(package).zh


def test_a_server_that_is_down_is_tried_again_later(ready, point, server, home):
    package = ready(port=1)
    assert "失败" in sent(package).zh or state(package) == "failed"
    assert standing(package)[0].said["failed"]["retry_at"]
    package = point()
    assert state(package) == "draft", (
        "another port is another destination, which nobody has approved"
    )


def test_a_full_or_closed_folder_is_told_and_leaves_no_manifest(ready, server):
    package = ready()
    (server.inbox / "2024-03-r1").write_text("a file where the folder should be")
    assert sent(package).fault
    assert state(package) == "failed"
    (server.inbox / "2024-03-r1").unlink()


def test_what_is_there_is_not_sent_again_and_a_part_is_continued(ready, server, home):
    package = ready()
    sent(package)
    folder = server.inbox / "2024-03-r1"
    report = (folder / "report.docx").read_bytes()
    (folder / "manifest.json").unlink()
    (folder / "report.docx").unlink()
    times = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    cutter = Cutter(server.port, None)
    digest = read_manifest(package.folder).files["report.docx"]["sha256"]
    (folder / f"report.docx.{digest[:16]}.part").write_bytes(report[:-1000])
    known = server.folder / f"known-{cutter.port}"
    known.write_text(server.known.read_text().replace(str(server.port), str(cutter.port)))
    recipient = package.recipient.model_copy(
        update={"port": cutter.port, "known_hosts_file": known}
    )
    with (home.work / "outbox.lock").open("w") as lock:
        assert drop.put(recipient, package.folder, package.name, lock.fileno()).accepted
    assert cutter.carried < 30_000, "only the end of the report and the manifest"
    assert verify(folder) == []
    assert {name: times[name] for name in times} == {
        name: (folder / name).stat().st_mtime_ns for name in times
    }
    cutter.close()


WHOLE = 430_000


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(n, marks=pytest.mark.nightly) if n % 120_000 > 1 else n
        for n in range(1, WHOLE, 30_000)
    ],
)
def test_a_line_cut_anywhere_never_shows_a_file_in_part_and_is_taken_up_again(
    ready, server, home, cut
):
    cutter = Cutter(server.port, cut)
    package = ready(port=cutter.port)
    sent(package)
    folder = server.inbox / "2024-03-r1"
    names = there(server)
    assert all(
        (folder / name).read_bytes() == (package.folder / name).read_bytes() for name in names
    )
    assert "manifest.json" not in names or verify(folder) == []
    assert (state(package) == "delivered") == ("manifest.json" in names)
    cutter.left = None
    send_waiting(home, NINE + dt.timedelta(minutes=15))
    assert state(package) == "delivered"
    assert verify(folder) == []
    cutter.close()


CHANGING = {"MKDIR": 4, "OPEN": 7, "WRITE": 8, "CLOSE": 11, "EXTENDED": 15}
ASKING = {"INIT": 4, "REALPATH": 4, "STAT": 7, "LSTAT": 4, "OPENDIR": 4, "READDIR": 8}
"""SFTP requests of a delivery and how many of each it makes; EXTENDED renames. Of each the first and the last are tried."""
REQUESTS = [(name, k) for name, most in CHANGING.items() for k in (1, most)]
REQUESTS += [
    pytest.param(name, k, marks=pytest.mark.nightly)
    for name, most in ASKING.items()
    for k in (1, most)
]


def test_the_requests_of_a_delivery_are_those_that_are_tried(ready, server):
    sent(ready())
    seen = (server.folder / "requests").read_text().split()
    assert Counter(seen) == CHANGING | ASKING


@pytest.mark.parametrize("moment", ["before", pytest.param("after", marks=pytest.mark.nightly)])
@pytest.mark.parametrize(("name", "nth"), REQUESTS)
def test_killed_at_any_request_the_drop_is_finished_by_itself(
    ready, server, home, name, nth, moment
):
    package = ready()
    process = killed.started(home, os.environ["MINZHENG_KEY_FILE"])
    server.kills(name, nth, moment, process.pid)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert "manifest.json" not in there(server) or verify(server.inbox / "2024-03-r1") == []
    with (
        home.work / "outbox.lock"
    ).open() as lock:  # held by the orphaned sftp as long as it lives
        fcntl.flock(lock, fcntl.LOCK_EX)
    send_waiting(home, NINE + dt.timedelta(minutes=15))
    assert state(package) == "delivered"
    assert verify(server.inbox / "2024-03-r1") == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_killed_at_any_write_the_drop_is_finished(ready, server, home, write, after):
    package = ready()
    process = killed.started(home, os.environ["MINZHENG_KEY_FILE"], write, after)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    if state(package) == "approved":
        sent(package)
    send_waiting(home, NINE + dt.timedelta(minutes=15))
    assert state(package) == "delivered"
    assert verify(server.inbox / "2024-03-r1") == []
