"""Alerts reach a person: the status file, and mail through a real SMTP conversation over a socket."""

import json
import socketserver
import threading

import pytest

from minzheng.custody.secret import secret
from minzheng.errors import MinzhengError
from minzheng.operations import alerts


class Conversation(socketserver.StreamRequestHandler):
    """One client of the smallest server that speaks SMTP (RFC 5321): it keeps each message, or refuses it."""

    def handle(self):
        self.say("220 mail.example ESMTP")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                self.say("250-mail.example\r\n250 8BITMIME")
            elif verb == b"RCPT" and self.server.refuses:
                self.say("550 no such user")
            elif verb == b"DATA":
                self.say("354 go on")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(b"".join(lines))
                self.say("250 kept")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as found:
        found.mails, found.refuses = [], False
        threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def mailing(server, home):
    home.settings.write_text(
        f"""[mail]
host = "127.0.0.1"
port = {server.server_address[1]}
security = "none"
sender = "minzheng@bureau.example"
to = ["clerk@bureau.example"]
"""
    )
    return home.settings


def read(raw):
    from email import message_from_bytes, policy

    return message_from_bytes(raw, policy=policy.default)


def test_an_alert_is_told_in_the_status_file_in_both_languages(home):
    assert alerts.raise_alert(
        home, "run-month-2024-03", "failed", "运行失败:month(2024-03)", "run failed: month 2024-03"
    )
    told = json.loads((home.path / "alerts.json").read_text(encoding="utf-8"))["open"]
    assert [(one["key"], one["kind"], one["zh"]) for one in told] == [
        ("run-month-2024-03", "failed", "运行失败:month(2024-03)")
    ]
    assert (home.path / "alerts.json").stat().st_mode & 0o077 == 0


def test_an_alert_that_opens_is_mailed_once_and_again_after_it_was_closed(home, mailing, server):
    for _ in range(3):
        alerts.raise_alert(
            home,
            "late-2024-03",
            "late",
            "2024年3月报送未齐\n低保花名册:沙柳河镇",
            "2024-03 is late",
        )
    assert len(server.mails) == 1
    message = read(server.mails[0])
    assert message["Subject"] == "[民政指标] 2024年3月报送未齐"
    assert "沙柳河镇" in message.get_content()
    assert alerts.clear_alert(home, "late-2024-03")
    assert not alerts.clear_alert(home, "late-2024-03")
    alerts.raise_alert(home, "late-2024-03", "late", "2024年3月报送未齐", "2024-03 is late")
    assert len(server.mails) == 2


def test_a_refused_mail_is_an_alert_of_its_own_and_names_no_address(home, mailing, server):
    server.refuses = True
    alerts.raise_alert(home, "check-up", "damaged", "体检发现问题", "check-up failed")
    told = {alert.key: alert for alert in alerts.open_alerts(home)}
    assert set(told) == {"check-up", "mail"}
    assert "clerk" not in told["mail"].zh + told["mail"].en
    server.refuses = False
    alerts.raise_alert(home, "run-receive", "failed", "运行失败:receive", "run failed")
    assert {alert.key for alert in alerts.open_alerts(home)} == {"check-up", "run-receive"}


def test_a_mail_server_that_is_down_never_stops_the_alert(home, mailing, server):
    text = mailing.read_text().replace(str(server.server_address[1]), "1")
    mailing.write_text(text)
    assert alerts.raise_alert(home, "late-2024-03", "late", "报送未齐", "late")
    assert {alert.key for alert in alerts.open_alerts(home)} == {"late-2024-03", "mail"}


def test_a_password_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "password"
    path.write_text("secret")
    path.chmod(0o644)
    with pytest.raises(MinzhengError):
        secret(path, "mail password", "邮件密码")
    path.chmod(0o600)
    assert secret(path, "mail password", "邮件密码") == "secret"


def test_settings_with_a_key_nobody_knows_are_an_alert_beside_the_one_that_could_not_be_mailed(
    home, mailing
):
    mailing.write_text(mailing.read_text().replace("port", "prot"))
    alerts.raise_alert(home, "late-2024-03", "late", "报送未齐", "late")
    told = {alert.key: alert.zh for alert in alerts.open_alerts(home)}
    assert told.keys() == {"late-2024-03", "mail"}
    assert "是否应为 mail.port" in told["mail"]
