"""Mail to the prefecture through a real Exim with TLS and login; faults come from a proxy before it."""

import email
import hashlib
import io
import os
import shutil
import signal
import subprocess
import zipfile
from datetime import timedelta

import pytest

from minzheng.custody.ledger import Ledger
from minzheng.delivery.approvers import unlocked
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recalling import notify, recall
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.review import approve, submit
from minzheng.delivery.sending import acknowledge, fill_outbox, order, rehearse, send_waiting
from minzheng.delivery.standing import standing
from minzheng.delivery.steps import deliveries
from minzheng.operations import alerts
from minzheng.publish.release.manifest import verify
from tests.delivery import killed
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, NINE, PASSPHRASE
from tests.delivery.servers import PASSWORD, USER, Proxy, exim
from tests.place import AREA, AREA_NAME

if (not shutil.which("exim4") or os.getuid()) and not os.environ.get("CI"):
    pytest.skip(
        "Exim is not installed, or we are not root (Debian package exim4-daemon-light)",
        allow_module_level=True,
    )

SETTINGS = """
[contacts.{AREA}]
name = "虚构科员"
phone = "0970-0000000"

[mail]
host = "127.0.0.1"
port = {port}
ca_file = "{ca}"
sender = "tongji@bureau.example"
user = "{user}"
password_file = "{password}"
to = ["clerk@bureau.example"]
""".replace("{AREA}", AREA)
RECIPIENT = """
[[recipient]]
name = "州民政局"
edition = "prefecture"
channel = "mail"
addresses = [{addresses}]
{more}
"""
ONE, TWO, NOBODY = (
    '"tongji@prefecture.example"',
    '"bangong@prefecture.example"',
    '"nobody@prefecture.example"',
)


@pytest.fixture(scope="module")
def server():
    with exim() as running:
        yield running


@pytest.fixture
def proxy(server):
    found = Proxy(server)
    yield found
    found.close()
    server.empty()


@pytest.fixture
def sending(home, draft, freeze, approver, recipients, proxy, server, tmp_path, monkeypatch):
    """`sending(addresses)` submits, approves and releases the month for the recipient behind the proxy."""

    def prepare(
        addresses=ONE, *, month=MONTH, more="", password=PASSWORD, timeout=20, ca=None, **approval
    ) -> Package:
        secret = tmp_path / "mail.password"
        secret.write_text(password)
        secret.chmod(0o600)
        told = {
            "port": proxy.port,
            "ca": ca or server.folder / "server.crt",
            "user": USER,
            "password": secret,
        }
        home.settings.write_text(SETTINGS.format(**told))
        recipients(RECIPIENT.format(addresses=addresses, more=more))
        monkeypatch.setattr(alerts, "TIMEOUT", timeout)
        draft(month)
        submit(home, month, AUTHOR)
        approve(home, month, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE, **approval)
        freeze(month)
        return package_of(home, month, allow_list(home).recipients[0])

    return prepare


def told_of(home):
    """The open alerts about deliveries; that an alert itself could not be mailed is one of its own."""
    return [alert for alert in alerts.open_alerts(home) if alert.key != "mail"]


def state(package):
    return standing(package)[1]


def sent(package, at=NINE, **said):
    (line,) = order([package], at=at, **said)
    return line


def steps(package):
    with Ledger(package.home) as ledger:
        found = [event.body for event in ledger.events("delivery")]
    return [one["step"] for one in found if one["package"] == package.name]


def test_a_month_arrives_whole_with_chinese_names_and_the_same_bytes(sending, server):
    package = sending(f"{ONE}, {TWO}")
    assert not sent(package).fault
    server.settle()
    (message,) = server.messages()
    assert message["Subject"] == f"{AREA_NAME}民政局2024年3月民政指标月报（第1版）"
    assert sorted(message["Envelope-to"].split(", ")) == [
        "bangong@prefecture.example",
        "tongji@prefecture.example",
    ]
    text = message.get_body().get_content()
    assert "虚构科员" in text
    assert package.receipt in text
    attached = {
        part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()
    }
    title = message["Subject"]
    assert [*attached] == [f"{title}.docx", f"{title}.zip"]
    assert attached[f"{title}.docx"] == (package.folder / "report.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(attached[f"{title}.zip"])) as archive:
        archive.extractall(package.shelf / "received")
    assert verify(package.shelf / "received" / "2024-03-r1") == []
    assert steps(package) == ["submitted", "approved", "ordered", "started", "handed", "delivered"]


def test_nothing_is_sent_twice_whoever_asks(sending, server, home):
    package = sending()
    sent(package)
    assert "已送达" in sent(package).zh
    assert "已送达" in sent(package, resend=True).zh
    assert send_waiting(home, NINE + timedelta(days=9)) == []
    server.settle()
    assert len(server.messages()) == 1


def test_a_dry_run_says_what_would_go_where_and_opens_no_connection(sending, proxy, home):
    sending()
    (line,) = rehearse(fill_outbox(home, MONTH))
    assert "将发邮件至tongji@prefecture.example" in line.zh
    assert proxy.seen == []


def test_what_is_not_approved_not_released_or_too_early_is_not_sent(sending, proxy, home, draft):
    package = sending(not_before=NINE + timedelta(hours=2))
    line = sent(package)
    assert ("不早于：2024-04-18 11:00" in line.zh, line.fault, proxy.seen) == (True, False, [])
    assert state(package) == "ordered"
    assert send_waiting(home, NINE + timedelta(hours=1)) == []
    assert proxy.seen == []
    (line,) = send_waiting(home, NINE + timedelta(hours=2))
    assert state(package) == "delivered"


def test_bytes_that_changed_after_approval_do_not_leave(sending, proxy):
    package = sending()
    (package.folder / "report.docx").write_text("改过的月报")
    line = sent(package)
    assert line.fault
    assert proxy.seen == []
    assert state(package) == "draft"


TLS, LOGIN = ["EHLO", "STARTTLS", "EHLO"], ["AUTH"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("CONNECT", "before", "421 too busy"), "421"),
        (("CONNECT", "before", "drop"), "连接中断"),
        (("EHLO", "before", "drop"), "连接中断"),
        (("MAIL", "before", "451 4.7.1 greylisted"), "451 4.7.1 greylisted"),
        (("RCPT", "before", "451 4.7.1 greylisted"), "451 4.7.1 greylisted"),
        (("RCPT", "after", "drop"), "连接中断"),
        (("DATA", "before", "452 4.3.1 disk full"), "452 4.3.1 disk full"),
        (("END", "before", "451 4.3.0 later"), "451 4.3.0 later"),
    ],
)
def test_what_fails_for_a_time_before_the_message_is_taken_goes_by_itself_later(
    sending, server, proxy, home, fault, told
):
    package = sending()
    proxy.fault = fault
    line = sent(package)
    assert told in line.zh
    assert state(package) == "failed"
    assert told_of(home) == []
    assert send_waiting(home, NINE + timedelta(minutes=14)) == []
    (line,) = send_waiting(home, NINE + timedelta(minutes=15))
    assert state(package) == "delivered", line
    server.settle()
    assert len(server.messages()) == 1


def test_waits_grow_a_person_hears_of_it_and_in_the_end_it_stays(sending, proxy, home):
    package = sending()
    proxy.fault, proxy.always = ("MAIL", "before", "451 later"), True
    at, waits, told = NINE, [], []
    sent(package, at)
    while again := standing(package)[0].said["failed"]["retry_at"]:
        due = type(NINE).fromisoformat(again)
        waits.append((due - at) // timedelta(minutes=1))
        at = due
        send_waiting(home, at)
        told.append(len(told_of(home)))
    assert waits == [15, 60, 240, 720, 1440]
    assert told == [0, 1, 1, 1, 1]
    assert send_waiting(home, at + timedelta(days=99)) == []
    proxy.fault = None
    assert not sent(package, at).fault
    assert told_of(home) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("MAIL", "before", "550 5.7.1 not you"), "550 5.7.1 not you"),
        (("RCPT", "before", "550 5.1.1 no such user"), "550 5.1.1 no such user"),
        (("END", "before", "554 5.6.0 refused"), "554 5.6.0 refused"),
        (("EHLO", "before", "strip"), "不支持"),
    ],
)
def test_a_refusal_for_good_waits_for_a_person_at_once(sending, proxy, home, server, fault, told):
    package = sending()
    proxy.fault, proxy.always = fault, True
    line = sent(package)
    assert told in line.zh
    assert [alert.kind for alert in told_of(home)] == ["undelivered"]
    assert send_waiting(home, NINE + timedelta(days=9)) == []
    assert server.messages() == []


def test_a_wrong_password_and_a_server_that_is_not_the_pinned_one_stop_before_the_message(
    sending, proxy, server, tmp_path
):
    package = sending(password="wrong")
    assert "535" in sent(package).zh
    other = tmp_path / "other"
    other.mkdir()
    from tests.delivery.servers import certificate

    certificate(other)
    package = sending(month="2024-04", ca=other / "server.crt")
    proxy.seen.clear()
    assert "证书不符" in sent(package).zh
    assert not [one for one in proxy.seen if one.startswith(("AUTH", "MAIL"))]
    assert server.messages() == []


def test_some_addresses_refused_are_told_by_name_and_the_others_get_it_once(sending, server, home):
    package = sending(f"{ONE}, {NOBODY}")
    line = sent(package)
    assert "nobody@prefecture.example 550" in line.zh
    assert state(package) == "failed"
    assert sent(package).fault
    server.settle()
    assert [message["Envelope-to"] for message in server.messages()] == [
        "tongji@prefecture.example"
    ]


def test_a_full_mailbox_gets_it_when_there_is_room_and_the_other_address_no_second_one(
    sending, server, home
):
    package = sending(f"{ONE}, {TWO}")
    (server.folder / "full").write_text("")
    assert "bangong@prefecture.example 452" in sent(package).zh or "451" in sent(package).zh
    (server.folder / "full").unlink()
    send_waiting(home, NINE + timedelta(minutes=15))
    assert state(package) == "delivered"
    server.settle()
    got = sorted(message["Envelope-to"] for message in server.messages())
    assert got == ["bangong@prefecture.example", "tongji@prefecture.example"]
    assert len({message["Message-ID"] for message in server.messages()}) == 1


@pytest.mark.parametrize(
    "fault", [("END", "after", "drop"), ("END", "after", "stall"), ("END", "before", "drop")]
)
def test_after_a_lost_answer_nobody_sends_again_unasked(sending, server, proxy, home, fault):
    package = sending(timeout=1)
    proxy.fault = fault
    line = sent(package)
    assert (state(package), line.fault) == ("unknown", True)
    assert "请向收件单位核实" in told_of(home)[0].zh
    assert sent(package).fault
    assert send_waiting(home, NINE + timedelta(days=9)) == []
    server.settle()
    assert len(server.messages()) == (0 if fault[1] == "before" else 1)


def test_a_person_s_word_sends_the_very_same_message_again(sending, server, proxy):
    package = sending()
    proxy.fault = ("END", "after", "drop")
    sent(package)
    assert not sent(package, NINE + timedelta(days=1), resend=True, by="虚构科员").fault
    server.settle()
    first, second = server.messages()
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert [one.get_payload() for one in first.walk()][1:] == [
        one.get_payload() for one in second.walk()
    ][1:]
    assert steps(package)[-4:] == ["resent", "started", "handed", "delivered"]


def test_a_receipt_ends_the_doubt_without_another_message(sending, server, proxy, home):
    package = sending()
    proxy.fault = ("END", "after", "drop")
    sent(package)
    acknowledge(package, "电话，虚构人，4月18日", "虚构科员")
    assert (state(package), told_of(home)) == ("acknowledged", [])
    assert not sent(package).fault
    server.settle()
    assert len(server.messages()) == 1


def test_an_archive_with_a_password_is_all_that_is_attached(sending, server, tmp_path):
    secret = tmp_path / "archive.password"
    secret.write_text("一句很长的压缩包口令十二字")
    secret.chmod(0o600)
    package = sending(more=f'archive_password_file = "{secret}"')
    sent(package)
    server.settle()
    (message,) = server.messages()
    (part,) = message.iter_attachments()
    closed = tmp_path / "closed.zip"
    closed.write_bytes(part.get_payload(decode=True))
    opened = ["bsdtar", "-xOf", closed, "--passphrase", secret.read_text()]
    content = subprocess.run(opened, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "2024-03-r1/manifest.json" in archive.namelist()
    assert b"manifest.json" not in closed.read_bytes()
    wrong = subprocess.run([*opened[:-1], "another password"], capture_output=True, check=False)
    assert wrong.returncode
    assert (
        secret.read_text().encode()
        not in package.shelf.joinpath(f"{package.recipient.name}.eml").read_bytes()
    )


def test_months_that_waited_go_in_order_and_a_replaced_one_not_at_all(
    sending, server, home, draft, freeze
):
    later = NINE + timedelta(days=3)
    for month in ("2024-04", "2024-03", "2024-05"):
        sent(sending(month=month, not_before=later))
    draft("2024-04", revision=2, report="更正")
    freeze("2024-04", revision=2)
    send_waiting(home, later)
    server.settle()
    months = [message["Subject"][6:13] for message in server.messages()]
    assert months == ["2024年3月", "2024年5月"]


def test_the_password_and_the_passphrase_are_nowhere_in_the_home(sending, server, home):
    sent(sending())
    everything = b"".join(path.read_bytes() for path in home.path.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in everything
    assert PASSPHRASE.encode() not in everything


def test_what_was_sent_is_kept_byte_for_byte_beside_the_package(sending, server):
    package = sending()
    sent(package)
    server.settle()
    kept = email.message_from_bytes((package.shelf / "州民政局.eml").read_bytes())
    (message,) = server.messages()
    assert kept["Message-ID"] == message["Message-ID"]
    ours, theirs = (
        [one.get_payload(decode=True) for one in mail.walk()][1:] for mail in (kept, message)
    )
    assert [hashlib.sha256(one).digest() for one in ours] == [
        hashlib.sha256(one).digest() for one in theirs
    ]
    assert {one.state for one in deliveries(package.home).values()} == {"delivered"}


def outcome(package, server):
    """Go on as the machine would after a crash; (messages before a person speaks, after, Message-IDs)."""
    send_waiting(package.home, NINE + timedelta(days=1))
    server.settle()
    unasked = len(server.messages())
    if state(package) == "unknown":
        assert [alert.kind for alert in told_of(package.home)] == ["undelivered"]
        sent(package, NINE + timedelta(days=2), resend=True)
    elif (
        state(package) == "approved"
    ):  # the order itself was not written: the person who gave it saw it fail
        assert unasked == 0
        sent(package, NINE + timedelta(days=2))
        server.settle()
        unasked = len(server.messages())
    server.settle()
    return unasked, len(server.messages()), len({one["Message-ID"] for one in server.messages()})


VERBS = ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "END", "QUIT"]


@pytest.mark.parametrize("moment", ["before", "after", "heard"])
@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_any_command_no_message_is_lost_and_none_goes_twice_unasked(
    sending, server, proxy, tmp_path, verb, moment
):
    package = sending()
    process = killed.started(package.home, os.environ["MINZHENG_KEY_FILE"])
    proxy.victim, proxy.fault = process.pid, (verb, moment, "kill")
    process.join()
    assert process.exitcode in (-signal.SIGKILL, 0)
    assert (process.exitcode == 0) == (proxy.fault is not None), (
        "it ended by itself where the moment never came"
    )
    after_a_crash(package, server)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_killed_at_any_write_no_message_is_lost_and_none_goes_twice_unasked(
    sending, server, write, after
):
    package = sending()
    process = killed.started(package.home, os.environ["MINZHENG_KEY_FILE"], write, after)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    after_a_crash(package, server)


def after_a_crash(package, server):
    unasked, asked, ids = outcome(package, server)
    assert unasked <= 1
    assert asked >= 1
    assert asked - unasked <= 1
    assert ids == 1
    assert state(package) == "delivered"


# --- taking it back -----------------------------------------------------------------------------------------------------


@pytest.fixture
def taken_back(sending, server):
    """`taken_back(addresses)` sends the month and recalls it; the notice is not mailed yet."""

    def prepare(addresses=ONE) -> Package:
        package = sending(addresses)
        sent(package)
        assert recall([package], "附表2有误", APPROVER) == [package]
        return package

    return prepare


def notices(server):
    server.settle()
    return [message for message in server.messages() if message["Subject"].startswith("撤回：")]


def test_who_received_the_month_is_told_of_its_recall_once_and_only_on_a_word(taken_back, server):
    package = taken_back(f"{ONE}, {TWO}")
    assert "将发撤回通知至" in notify(package, really=False).zh
    assert notices(server) == []
    assert not notify(package, really=True).fault
    assert not notify(package, really=True, resend=True).fault
    (notice,) = notices(server)
    assert notice["Envelope-to"].count("@prefecture.example") == 2
    assert "原因：附表2有误" in notice.get_content()
    assert (state(package), steps(package)[-3:]) == (
        "notified",
        ["recalled", "notice_handed", "notified"],
    )


def test_who_did_not_receive_it_or_is_listed_no_more_gets_no_notice(
    taken_back, server, recipients, home
):
    package = taken_back(f"{ONE}, {TWO}, {NOBODY}")
    recipients(RECIPIENT.format(addresses=TWO, more=""))
    package = package_of(home, MONTH, allow_list(home).recipients[0])
    line = notify(package, really=True)
    assert "tongji@prefecture.example 不在 delivery.toml 中" in line.zh
    assert "nobody" not in line.zh
    assert [one["Envelope-to"] for one in notices(server)] == ["bangong@prefecture.example"]
    assert notify(package, really=True).fault
    assert len(notices(server)) == 1
    assert [alert.kind for alert in told_of(home)] == ["undelivered"]


def test_a_month_that_nobody_received_is_recalled_without_a_notice(sending, server, proxy):
    package = sending()
    proxy.fault = ("MAIL", "before", "550 5.7.1 not you")
    sent(package)
    recall([package], "附表2有误", APPROVER)
    assert notify(package, really=True).zh.endswith("已撤回")
    assert notices(server) == []


@pytest.mark.parametrize("word", [{"resend": True}, {"ref": "电话，虚构人，4月19日"}])
def test_a_notice_whose_answer_was_lost_waits_for_a_persons_word(
    taken_back, server, proxy, home, word
):
    package = taken_back()
    proxy.fault = ("END", "after", "drop")
    assert notify(package, really=True).fault
    assert (state(package), notify(package, really=True).fault) == ("notice_unknown", True)
    assert len(notices(server)) == 1
    notify(package, really=True, **word)
    assert (state(package), told_of(home)) == ("notified", [])
    assert len(notices(server)) == (2 if "resend" in word else 1)
    assert len({one["Message-ID"] for one in notices(server)}) == 1


RECALLING = [("MAIL", "before"), ("DATA", "before"), ("END", "before"), ("END", "after"), ("END", "heard")]  # fmt: skip


@pytest.mark.parametrize("at", [*RECALLING, (1, False), (1, True), (2, False), (2, True)])
def test_killed_anywhere_a_notice_is_not_lost_and_does_not_go_twice_unasked(
    taken_back, server, proxy, at
):
    package, key = taken_back(), os.environ["MINZHENG_KEY_FILE"]
    if at in RECALLING:
        process = killed.started(package.home, key, job=killed.notifying)
        proxy.victim, proxy.fault = process.pid, (*at, "kill")
    else:
        process = killed.started(package.home, key, *at, job=killed.notifying)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    notify(package, really=True)
    assert len(notices(server)) <= 1
    notify(package, really=True, resend=True)
    assert 1 <= len(notices(server)) <= 2
    assert state(package) == "notified"
