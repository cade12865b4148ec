"""The commands as a clerk and an approver use them, one after the other, and what each says when it must not go on."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.commands import demo
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import acts
from minzheng.delivery.approvers import admit, approvers, dismiss
from minzheng.delivery.sending import acknowledge, fill_outbox, rehearse
from minzheng.errors import MinzhengError
from minzheng.publish.release.manifest import read_manifest, verify
from minzheng.publish.report.filled import filled
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, PASSPHRASE


@pytest.fixture
def run(home, tmp_path):
    """`run("deliver", ...)` calls a command on the home; gives its result."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    passphrase.chmod(0o600)

    def call(name, *told, month=True):
        given = [name, *told, "--home", str(home.path)]
        given += ["--month", MONTH] if month else []
        return CliRunner().invoke(
            cli, [part.replace("PASSPHRASE", str(passphrase)) for part in given]
        )

    return call


@pytest.fixture
def approver_there(run):
    assert (
        run("approvers", "add", APPROVER, "--passphrase-file", "PASSPHRASE", month=False).exit_code
        == 0
    )


def test_a_month_goes_its_way_by_hand_from_draft_to_receipt(
    run, home, draft, freeze, approver_there
):
    draft()
    assert run("submit", "--prepared-by", AUTHOR).exit_code == 0
    told = run("approve", "--by", APPROVER, "--passphrase-file", "PASSPHRASE")
    assert "内容校验码" in told.output
    freeze()
    dry = run("deliver")
    assert (dry.exit_code, "以上为预演" in dry.output) == (0, True)
    sent = run("deliver", "--really", "--by", AUTHOR)
    assert sent.exit_code == 0
    assert "请人工上传" in sent.output
    package = home.outbox / MONTH / "r1" / "上级民政部门"
    assert verify(package) == []
    approval = read_manifest(package).content["approval"]
    assert approval["by"] == APPROVER
    assert run("acknowledge", "--channel", "oa", "--ref", "北民函〔2024〕5号").exit_code == 0
    with Ledger(home) as ledger:
        steps = [act.about.get("step") for act in acts(ledger) if act.what == "delivery"]
        assert ledger.check() is None
    assert steps == ["submitted", "approved", "ordered", "acknowledged"]
    status = run("status", "--json")
    assert json.loads(status.output)["months"][0]["delivery"] == "acknowledged"


def test_the_outbox_holds_the_slip_and_the_checklist_as_word_files(run, home, draft):
    import docx

    draft()
    run("submit", "--prepared-by", AUTHOR)
    shelf = home.outbox / MONTH / "r1"
    slip, checklist = (docx.Document(shelf / name) for name in ("送审单.docx", "核对清单.docx"))
    cells = [cell.text for table in slip.tables for row in table.rows for cell in row.cells]
    assert {"2024年3月", AUTHOR, "上级民政部门", "送审中"} <= set(cells)
    rows = [[cell.text for cell in row.cells] for row in checklist.tables[0].rows]
    assert ["7", "已由填报人以外的批准人批准", "×", "minzheng approve"] in rows


@pytest.mark.parametrize(
    ("call", "told", "status"),
    [
        (["deliver", "--really"], "有1项未能送达", 1),
        (["deliver", "--resend"], "--resend 须与 --really 同用", 2),
        (["deliver", "--to", "无此单位"], "没有收件单位", 1),
        (["acknowledge", "--channel", "oa", "--ref", "x"], "尚不能报送", 1),
        (["acknowledge", "--channel", "mail", "--ref", "x"], "请用 --to 指明收件单位", 2),
        (["recall", "--reason", "x", "--by", "y"], "没有可撤回的报送", 1),
        (["approve", "--by", APPROVER, "--passphrase-file", "PASSPHRASE"], "没有待批准的送审件", 1),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    run, draft, freeze, approver_there, call, told, status
):
    draft()
    freeze()
    error = run(*call).exception
    assert told in getattr(error, "zh", "")
    assert error.status == status


def test_a_wrong_approver_and_a_readable_passphrase_file_are_refused(
    run, draft, approver_there, tmp_path
):
    draft()
    run("submit", "--prepared-by", AUTHOR)
    assert (
        "未登记为批准人"
        in run("approve", "--by", "虚构外人", "--passphrase-file", "PASSPHRASE").exception.zh
    )
    (tmp_path / "passphrase").chmod(0o644)
    assert (
        "他人可读"
        in run("approve", "--by", APPROVER, "--passphrase-file", "PASSPHRASE").exception.zh
    )


def test_a_recalled_month_is_not_sent_and_a_notice_lies_ready(
    run, home, draft, freeze, approver_there
):
    draft()
    run("submit", "--prepared-by", AUTHOR)
    run("approve", "--by", APPROVER, "--passphrase-file", "PASSPHRASE")
    freeze()
    assert run("recall", "--reason", "附表2有误", "--by", APPROVER).exit_code == 0
    notice = (home.outbox / MONTH / "r1" / "撤回通知-上级民政部门.txt").read_text(encoding="utf-8")
    assert "附表2有误" in notice
    assert run("deliver", "--really").exception.status == 1


def test_the_real_command_line_sends_nothing_without_network_and_prints_no_traceback(
    home, draft, freeze
):
    draft()
    freeze()
    command = [
        sys.executable,
        "-c",
        "from minzheng.cli import main; main()",
        "deliver",
        "--month",
        MONTH,
    ]
    done = subprocess.run(
        ["unshare", "-n", *command, "--home", str(home.path)]
        if os.getuid() == 0
        else [*command, "--home", str(home.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "以上为预演" in done.stdout


def test_the_open_places_are_asked_for_in_chinese_and_an_empty_answer_leaves_them_open(home):
    call = ["report", "fill", "--home", str(home.path), "--month", MONTH, "--red-head"]
    told = CliRunner().invoke(
        cli,
        call,
        input="刚民〔2024〕12号\n虚构签发人\n社会救助股：做好复核。；养老服务股：推进改造。\n虚构科员\n\n",
    )
    assert told.exit_code == 0
    assert "签发人（上行文须注明签发人姓名）" in told.output
    assert "尚空缺：联系电话" in told.output
    found = filled(home, MONTH)
    assert found.next_steps == {"社会救助股": "做好复核。", "养老服务股": "推进改造。"}
    again = CliRunner().invoke(cli, call, input="0970-0000000\n")
    assert "尚空缺：无" in again.output
    assert filled(home, MONTH).issuer == "虚构签发人"


def test_the_demo_s_month_is_approved_by_its_own_approver_and_ready_to_go(home, draft, freeze):
    for _ in range(2):  # run again, it starts again
        draft()
        demo.sign_off(home, MONTH)
    freeze()
    packages = fill_outbox(home, MONTH)
    [line] = rehearse(packages)
    assert "（已批准）：请将" in line.zh
    assert "未完成" not in line.zh
    acknowledge(packages[0], "演示回执1号", demo.AUTHOR)
    demo.sign_off(home, MONTH)
    assert "（已签收）" in rehearse(packages)[0].zh


def test_whoever_tried_the_demo_becomes_an_approver_beside_its_own(home, draft):
    draft()
    demo.sign_off(home, MONTH)
    admit(home, APPROVER, PASSPHRASE, demo.APPROVER, demo.PASSPHRASE)
    demo.refuse_an_offices_home(home)
    dismiss(home, demo.APPROVER, APPROVER, PASSPHRASE)
    assert [*approvers(home)] == [APPROVER]
    with pytest.raises(MinzhengError, match="approvers of its own"):
        demo.refuse_an_offices_home(home)


def test_the_demo_keeps_out_of_a_home_whose_landing_folder_an_office_emptied(home):
    demo.refuse_an_offices_home(home)
    with Ledger(home) as ledger:
        ledger.record_all([("received", {"path": "低保.xlsx"}, 1, "0" * 64)])
    with pytest.raises(MinzhengError, match="no simulation wrote"):
        demo.refuse_an_offices_home(home)


def test_the_demo_keeps_out_of_a_home_that_names_recipients_before_its_first_file(home, recipients):
    recipients('[[recipients]]\nname = "上级"\nedition = "prefecture"\nchannel = "oa"\n')
    with pytest.raises(MinzhengError, match="recipients or approvers of its own"):
        demo.refuse_an_offices_home(home)


def test_each_command_the_demo_names_for_a_real_month_is_understood():
    lines = demo.how_it_is_sent(MONTH).splitlines()
    named = [line.split()[1:] for line in lines if line.startswith("  minzheng ")]
    assert len(named) == 7
    for words in named:
        command = cli
        while hasattr(command, "commands") or command is cli:
            command, words = command.get_command(None, words[0]), words[1:]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known
