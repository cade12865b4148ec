"""A month leaves only when a second person has proven that they approve exactly these bytes for these recipients."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.custody.ledger import Ledger
from minzheng.delivery.approvers import KIND, admit, approvers, dismiss, same_person, sign, unlocked
from minzheng.delivery.checklist import checklist
from minzheng.delivery.package import Package, package_of, payload
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.review import (
    approve,
    current,
    in_review,
    refuse_unapproved,
    send_back,
    submit,
)
from minzheng.delivery.standing import standing
from minzheng.delivery.steps import course, deliveries, take_step
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.release.manifest import verify
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, NINE, PASSPHRASE

TWO = """
[[recipient]]
name = "州民政局"
edition = "prefecture"
channel = "oa"

[[recipient]]
name = "公开网站"
edition = "public"
channel = "oa"
"""


MAIL = '[mail]\nhost = "127.0.0.1"\nsender = "a@bureau.example"\nto = ["c@bureau.example"]\nsecurity = "{}"\n'


def one(home, month=MONTH) -> Package:
    return current(home, month)[0]


def approved(home, **said):
    return approve(home, MONTH, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE, **said)


def test_a_month_is_submitted_then_approved_by_another_person(home, draft, approver):
    draft()
    assert standing(one(home))[1] == "draft"
    submit(home, MONTH, AUTHOR)
    assert standing(one(home))[1] == "in_review"
    assert verify(one(home).folder) == []
    approved(home)
    delivery, state, approval = standing(one(home))
    assert (state, approval.by, approval.at) == ("approved", APPROVER, "2024-04-18T09:00:00+08:00")
    assert [*delivery.said] == ["submitted", "approved"]


@pytest.mark.parametrize("author", [APPROVER, " 虚构 局长", "虚构　局长"])
def test_the_author_cannot_approve_however_the_name_is_spaced(home, draft, approver, author):
    draft()
    submit(home, MONTH, author)
    with pytest.raises(MinzhengError, match="another person approves"):
        approved(home)
    assert standing(one(home))[1] == "in_review"


def test_names_differ_where_letters_differ():
    assert same_person("Ａ虚构", "a 虚构")
    assert not same_person("虚构甲", "虚构乙")


def change_a_byte(package):
    path = package.folder / "report.docx"
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def add_a_file(package):
    (package.folder / "extra.txt").write_text("x")


def rename_a_file(package):
    (package.folder / "report.docx").rename(package.folder / "Report.docx")


def remove_a_file(package):
    (package.folder / "forms" / "a1.csv").unlink()


def change_the_letter(package):
    (package.folder / "letter.txt").write_text("另一封信")


@pytest.mark.parametrize(
    "change", [change_a_byte, add_a_file, rename_a_file, remove_a_file, change_the_letter]
)
def test_any_change_voids_the_approval_and_its_undoing_restores_it(home, draft, approver, change):
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    package = one(home)
    before = {path: path.read_bytes() for path in package.folder.rglob("*") if path.is_file()}
    change(package)
    assert standing(package)[1:] == ("draft", None)
    for path in package.folder.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    assert standing(package)[1] == "approved"


def test_another_address_for_the_same_recipient_voids_the_approval(
    home, draft, approver, recipients
):
    home.settings.write_text(MAIL.format("starttls"))
    mail = '[[recipient]]\nname = "州民政局"\nedition = "prefecture"\nchannel = "mail"\naddresses = ["{}"]\n'
    recipients(mail.format("tongji@prefecture.example"))
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    assert standing(one(home))[1] == "approved"
    recipients(mail.format("other@elsewhere.example"))
    assert standing(one(home))[1] == "draft"


def test_an_approval_of_one_month_is_none_of_another_with_the_same_files(home, draft, approver):
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    said = standing(one(home))[0].said["approved"]
    draft("2024-04")
    submit(home, "2024-04", AUTHOR)
    other = one(home, "2024-04")
    stolen = {"statement": said["statement"], "signature": said["signature"]}
    take_step(home, other.name, other.recipient.name, "approved", **stolen)
    assert standing(other)[1:] == ("in_review", None)


def test_an_approval_with_the_payload_exchanged_in_its_statement_is_none(home, draft, approver):
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    package = one(home)
    said = standing(package)[0].said["approved"]
    draft(report="另一份月报")
    submit(home, MONTH, AUTHOR)
    forged = {**said["statement"], "payloads": {package.recipient.name: payload(package)}}
    take_step(
        home,
        package.name,
        package.recipient.name,
        "approved",
        statement=forged,
        signature=said["signature"],
    )
    assert standing(package)[1:] == ("in_review", None)


@pytest.mark.parametrize("proof", ["错误的一句口令十个字", "短口令"])
def test_a_wrong_passphrase_approves_nothing(home, draft, approver, proof):
    draft()
    submit(home, MONTH, AUTHOR)
    with pytest.raises(MinzhengError):
        unlocked(home, APPROVER, proof)


def test_a_key_file_of_the_approver_s_own_proves_as_well_and_another_s_does_not(home, tmp_path):
    admit(home, APPROVER, tmp_path / "own.pem")
    assert unlocked(home, APPROVER, tmp_path / "own.pem")
    with pytest.raises(MinzhengError, match="not the passphrase or key"):
        unlocked(home, APPROVER, tmp_path / "other.pem")


def test_a_further_approver_is_admitted_by_one_who_is_there(home, approver):
    with pytest.raises(MinzhengError, match="is no approver"):
        admit(home, "虚构副局长", "副局长的口令也够长呢", "虚构外人", "随便什么口令都可以吧")
    admit(home, "虚构副局长", "副局长的口令也够长呢", APPROVER, PASSPHRASE)
    assert set(approvers(home)) == {APPROVER, "虚构副局长"}


def test_who_writes_the_ledger_but_knows_no_passphrase_becomes_no_approver(home, approver):
    own = Ed25519PrivateKey.generate()
    with Ledger(home) as ledger:
        change = next(ledger.events(KIND)).body["change"] | {"name": "虚构外人", "position": 1}
        ledger.record(
            KIND,
            {"change": change, "signed_by": APPROVER, "signature": sign(own, change), "by": "x"},
        )
    with pytest.raises(MinzhengError, match="tampered"):
        approvers(home)


def test_an_approver_struck_off_cannot_be_put_back_by_writing_the_old_line_again(home, approver):
    admit(home, "虚构副局长", "副局长的口令也够长呢", APPROVER, PASSPHRASE)
    dismiss(home, "虚构副局长", APPROVER, PASSPHRASE)
    with Ledger(home) as ledger:
        ledger.record(KIND, list(ledger.events(KIND))[1].body)
    with pytest.raises(MinzhengError, match="tampered"):
        approvers(home)


def test_what_an_approver_struck_off_has_approved_must_be_approved_again(home, draft, approver):
    admit(home, "虚构副局长", "副局长的口令也够长呢", APPROVER, PASSPHRASE)
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    dismiss(home, APPROVER, "虚构副局长", "副局长的口令也够长呢")
    assert standing(one(home))[1:] == ("in_review", None)


def test_the_last_approver_stays(home, approver):
    with pytest.raises(MinzhengError, match="last approver"):
        dismiss(home, APPROVER, APPROVER, PASSPHRASE)


def test_what_was_changed_since_it_was_submitted_is_not_up_for_approval(home, draft, approver):
    draft()
    submit(home, MONTH, AUTHOR)
    change_a_byte(one(home))
    with pytest.raises(MinzhengError, match="as it was submitted"):
        approved(home)


def test_a_draft_that_a_check_blocks_is_not_approved(home, draft, approver):
    draft(checks={"blocking": ["R07"]})
    submit(home, MONTH, AUTHOR)
    with pytest.raises(MinzhengError, match="cannot be approved: checks"):
        approved(home)


def test_a_report_with_an_open_place_can_be_read_but_not_approved(home, draft, approver):
    draft(open=["签发人"])
    submit(home, MONTH, AUTHOR)
    with pytest.raises(MinzhengError, match="cannot be approved: filled") as caught:
        approved(home)
    assert "签发人：minzheng report fill" in caught.value.zh


def test_what_is_sent_back_is_a_draft_again_with_the_reason(home, draft, approver):
    draft()
    submit(home, MONTH, AUTHOR)
    send_back(home, MONTH, "附表2有误", APPROVER)
    delivery, state, _ = standing(one(home))
    assert (state, delivery.said["returned"]["reason"]) == ("draft", "附表2有误")


def test_a_new_draft_after_approval_starts_again(home, draft, approver):
    draft()
    submit(home, MONTH, AUTHOR)
    approved(home)
    draft(report="又算了一遍")
    submit(home, MONTH, AUTHOR)
    assert standing(one(home))[1] == "in_review"


def test_a_draft_freezes_only_as_it_was_approved_where_there_are_approvers(home, draft, approver):
    draft()
    with pytest.raises(MinzhengError, match="not approved"):
        refuse_unapproved(home, MONTH, APPROVER)
    submit(home, MONTH, AUTHOR)
    approved(home)
    assert refuse_unapproved(home, MONTH, APPROVER)
    with pytest.raises(MinzhengError, match="not approved"):
        refuse_unapproved(home, MONTH, "虚构外人")
    draft(report="又算了一遍")
    with pytest.raises(MinzhengError, match="not approved"):
        refuse_unapproved(home, MONTH, APPROVER)


def test_a_home_without_approvers_releases_on_a_typed_name(home, draft):
    draft()
    assert not refuse_unapproved(home, MONTH, "虚构局长")


def test_an_edition_that_comes_only_with_the_release_is_submitted_and_approved_after_it(
    home, draft, freeze, approver, recipients
):
    recipients(TWO)
    draft()
    assert [package.recipient.name for package in submit(home, MONTH, AUTHOR)] == ["州民政局"]
    approved(home)
    draft(editions=("prefecture", "public"))
    freeze()
    assert [package.recipient.name for package in in_review_after(home)] == ["公开网站"]
    assert {standing(package)[1] for package in current(home, MONTH)} == {"approved"}


def in_review_after(home):
    both = submit(home, MONTH, AUTHOR)
    assert {package.recipient.name for package in both} == {"州民政局", "公开网站"}
    prefecture = next(package for package in both if package.recipient.edition == "prefecture")
    assert standing(prefecture)[1] == "in_review"
    approved(home)
    return [package for package in both if package.recipient.edition == "public"]


def test_a_draft_that_says_nothing_new_is_not_taken_for_the_next_revision(home, draft, freeze):
    draft()
    freeze()
    draft(revision=2)
    assert [package.name for package in current(home, MONTH)] == ["2024-03-r1"]
    draft(revision=2, report="更正后的月报")
    assert [package.name for package in current(home, MONTH)] == ["2024-03-r2"]


def test_the_checklist_names_what_is_done_open_and_for_a_person(home, draft, freeze, approver):
    draft(unmade={"report.pdf": "本机没有中文字体"}, blank={"JZH01": ["填表人"]})
    submit(home, MONTH, AUTHOR)
    marks = {item.code: item.mark for item in checklist(one(home))}
    assert marks == {
        "checks": "√", "filled": "√", "form": "□", "unmade": "□", "edition": "√", "package": "√", "identities": "√", "submitted": "√",
        "approved": "×", "released": "×", "embargo": "√", "superseded": "√", "signed": "□", "uploaded": "□",
    }  # fmt: skip
    approved(home, not_before=NINE + dt.timedelta(days=1))
    freeze()
    marks = {item.code: item.mark for item in checklist(one(home), NINE)}
    assert (marks["approved"], marks["released"], marks["embargo"]) == ("√", "√", "×")


def test_a_step_that_does_not_start_where_things_stand_is_refused(home, draft):
    with pytest.raises(MinzhengError, match="is draft: it cannot be delivered"):
        take_step(home, "2024-03-r1", "州民政局", "delivered")
    assert deliveries(home) == {}


def test_every_state_can_be_reached_and_only_the_end_cannot_be_left():
    steps = course().steps.values()
    reached, left = {step.to for step in steps}, {state for step in steps for state in step.starts}
    assert {*course().states} - reached == {"draft", "released", "superseded"} - reached
    assert reached - left == {"notified"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[recipient]]\nname = "a"\nedition = "bureau"\nchannel = "oa"', "recipient.1.oa.edition"),
        ('[[recipient]]\nname = "../a"\nedition = "public"\nchannel = "oa"', "recipient.1.oa.name"),
        ('[[recipient]]\nname = "a"\nedition = "public"\nchannel = "fax"', "recipient.1"),
        ('[[recipient]]\nname = "a"\nedition = "public"\nchannel = "mail"\naddresses = ["a@b\\nRCPT TO:<x@y>"]', "addresses"),
        ('[[recipient]]\nname = "a"\nedition = "public"\nchannel = "mail"\naddresses = ["a@b.example"]', "need a section .mail."),
        ('[mail]\npassword = "secret123"', "mail"),
        ("[mail", "not TOML"),
        ('[[recipient]]\nname = "a"\nedition = "public"\nchannel = "oa"\n' * 2, "twice"),
    ],
)  # fmt: skip
def test_settings_that_send_the_bureau_s_edition_or_hold_a_secret_or_an_unknown_key_are_refused(
    home, recipients, text, told
):
    recipients(text)
    with pytest.raises(MinzhengError, match=told) as caught:
        allow_list(home)
    assert "secret123" not in str(caught.value)


def test_mail_without_encryption_sends_alerts_but_no_month(home, recipients):
    home.settings.write_text(MAIL.format("none"))
    recipients(
        '[[recipient]]\nname = "a"\nedition = "public"\nchannel = "mail"\naddresses = ["a@b.example"]'
    )
    with pytest.raises(MinzhengError, match="security starttls or tls"):
        allow_list(home)


def test_a_folder_of_another_edition_is_not_packed(home, draft):
    draft()
    (home.drafts / MONTH / "prefecture").rename(home.drafts / MONTH / "kept")
    draft(editions=("public",))
    (home.drafts / MONTH / "public").rename(home.drafts / MONTH / "prefecture")
    with pytest.raises(MinzhengError, match="holds public"):
        submit(home, MONTH, AUTHOR)


def test_an_edition_that_was_tampered_with_is_not_packed(home, draft):
    draft()
    (home.drafts / MONTH / "prefecture" / "report.docx").write_text("x")
    with pytest.raises(MinzhengError, match="not what was signed"):
        submit(home, MONTH, AUTHOR)
    assert not package_of(home, MONTH, allow_list(home).recipients[0]).folder.exists()


def test_nobody_submits_anonymously_and_nothing_is_submitted_of_an_empty_month(home, draft):
    with pytest.raises(MinzhengError, match="nothing of 2024-03"):
        submit(home, MONTH, AUTHOR)
    draft()
    with pytest.raises(WrongCall):
        submit(home, MONTH, "  ")
    with pytest.raises(MinzhengError):
        in_review(home, MONTH)
