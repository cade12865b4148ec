"""What replaces what: scope of a file, what is held because it would take too much away, and how it is told."""

import datetime as dt

import pytest

from minzheng.intake import report
from minzheng.intake.places import townships
from minzheng.intake.returns import refusals, return_lists
from minzheng.intake.status_lines import lines
from minzheng.intake.workbook import read_xlsx
from minzheng.warehouse.register import build_register, loaded_months
from tests.conftest import read_drawing
from tests.intake.roster import zip_bytes
from tests.intake.sheets import FORMS, as_csv, as_file, lines_of, rows_of
from tests.place import AREA, AREA_NAME

ROLLS = ["dibao_roll", "pwd_roll", "tekun_roll"]


def sheet(name: str, title: str = "", month: str = "2024-03", **of) -> bytes:
    """A table of a dataset as .csv."""
    title = title or f"{AREA_NAME}{month[:4]}年{int(month[5:])}月花名册"
    return as_csv(lines_of(name, rows_of(name, month=month, **of), title))


def told(county, name: str) -> dict:
    """What the status says of a file."""
    return next(file for file in county.status()["files"] if file["name"] == name)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*ROLLS, "payment_ledger", "community_care"])
def test_five_files_with_the_countys_title_and_one_townships_rows_each_are_five_townships(
    county, name, form
):
    for number, township in enumerate(townships().values()):
        rows = rows_of(name, 6, township, first=10 * number)
        county.arrives(f"{number}.{form}", as_file(form, lines_of(name, rows)))
    county.take_in()
    files = county.status()["files"]
    assert [(file["verdict"], file["in_force"], file["rows_in_force"]) for file in files] == [
        ("accept", True, 6)
    ] * 5
    build_register(county.warehouse, loaded_months(county.warehouse))
    assert county.ask(f"select count(*) from register.{name}") == [(30,)]


SECOND = """
    what came first            | what comes then                        | verdict   | reasons
    12 of 泉吉乡                | 11 of 泉吉乡, the same persons          | supersede |
    12 of 泉吉乡                | 6 of 泉吉乡, the same persons           | supersede |
    12 of 泉吉乡                | 5 of 泉吉乡, the same persons           | hold      | replaces_most
    2 of 泉吉乡                 | 2 of 泉吉乡, others                     | hold      | replaces_most
    12 of 泉吉乡                | 12 of 泉吉乡, others                    | hold      | replaces_most
    12 of 泉吉乡                | 60 of 泉吉乡, the same persons          | hold      | row_count_jump amount_jump
    12 of 泉吉乡                | 12 of 泉吉乡, the same persons, village 1 | hold      | part_of_slot
    12 of 泉吉乡                | none of 泉吉乡                          | hold      | row_count_jump replaces_most
    4 of 泉吉乡                 | none of 泉吉乡                          | hold      | replaces_most
    12 of 泉吉乡                | 12 of 吉尔孟乡, others                  | accept    |
"""
LINES = read_drawing(SECOND)[1]


def drawn(name: str, words: str, title: str) -> bytes:
    """A file as the drawing says it: how many rows, of which township, whose."""
    count, township = words.split(" of ")[0], words.split(" of ")[1].split(",")[0]
    of = {"count": 0 if count == "none" else int(count), "township": township}
    of["first"] = 300 if words.endswith("others") else 0
    of["villages"] = 1 if words.endswith("village 1") else 2
    if count == "none":
        return as_csv(lines_of(name, rows_of(name, 1), f"{AREA_NAME}{township}2024年3月花名册")[:2])
    return sheet(name, title, **of)


@pytest.mark.parametrize("name", ROLLS)
@pytest.mark.parametrize(("first", "then", "verdict", "reasons"), LINES, ids=lambda text: str(text))
def test_a_file_is_held_when_it_would_take_too_much_away(
    county, name, first, then, verdict, reasons
):
    county.sends("first.csv", drawn(name, first, f"{AREA_NAME}2024年3月花名册"))
    file = county.sends("then.csv", drawn(name, then, f"{AREA_NAME}2024年3月花名册一"))
    wanted = (reasons or "").split()
    assert (
        file.verdict,
        [reason for reason in file.reasons if not reason.startswith("would")],
    ) == (verdict, wanted)
    if verdict == "hold":
        assert told(county, "first.csv")["rows_in_force"] == int(first.split()[0])
        assert told(county, "then.csv")["in_force"] is False


def test_a_ledger_of_one_payment_scheme_where_several_are_in_force_is_held(county):
    rows = rows_of("payment_ledger", 12)
    for number, row in enumerate(rows):
        row["发放项目"] = "农村低保" if number < 8 else "高龄补贴"
    county.sends("both.csv", as_csv(lines_of("payment_ledger", rows)))
    one = county.sends("one.csv", as_csv(lines_of("payment_ledger", rows[:8])))
    assert (one.verdict, one.reasons) == ("hold", ["part_of_slot", "would_replace:1 0 4 0"])
    other = county.sends("other.csv", as_csv(lines_of("payment_ledger", rows[8:])))
    assert (other.verdict, other.reasons[:2]) == ("hold", ["replaces_most", "part_of_slot"])


LATER = """
    last month | this month | reasons
    12         | 12         |
    12         | 3          |
    12         | 2          | row_count_jump amount_jump
    6          | 1          | row_count_jump amount_jump
    5          | 0          | row_count_jump
    4          | 0          |
    2          | 9          |
    2          | 10         | row_count_jump amount_jump
    0          | 30         |
"""


@pytest.mark.parametrize(
    ("before", "now", "reasons"), read_drawing(LATER)[1], ids=lambda text: str(text)
)
def test_a_month_five_times_or_a_fifth_of_the_last_is_held_however_small(
    county, before, now, reasons
):
    """The county's file of February has rows in two townships; in March one of them has so many."""
    for month, count in (("2024-02", int(before)), ("2024-03", int(now))):
        rows = rows_of("dibao_roll", count, month=month) + rows_of(
            "dibao_roll", 6, "吉尔孟乡", month, first=200
        )
        title = f"{AREA_NAME}{month[:4]}年{int(month[5:])}月花名册"
        rows += rows_of("dibao_roll", 6, "沙柳河镇", month, first=300)
        file = county.sends(f"{month}.csv", as_csv(lines_of("dibao_roll", rows, title)))
    assert (file.verdict, file.reasons) == (
        "hold" if reasons else "accept",
        (reasons or "").split(),
    )


def test_amounts_that_fall_to_zero_are_held(county):
    county.sends("feb.csv", sheet("dibao_roll", month="2024-02", count=12))
    rows = [row | {"月保障金额": 0} for row in rows_of("dibao_roll", 12)]
    assert county.sends("mar.csv", as_csv(lines_of("dibao_roll", rows))).reasons == ["amount_jump"]


NAMED = f"""
    name of the file          | title                    | rows of | verdict
    泉吉乡.csv                 | {AREA_NAME}2024年3月花名册      | 泉吉乡   | accept
    泉吉低保.csv                | {AREA_NAME}2024年3月花名册      | 泉吉乡   | accept
    全县.csv                   | {AREA_NAME}2024年3月花名册      | 泉吉乡   | accept
    泉吉乡.csv                 | {AREA_NAME}2024年3月花名册      | 吉尔孟乡  | hold
    泉吉低保.csv                | {AREA_NAME}2024年3月花名册      | 吉尔孟乡  | hold
    泉吉乡.csv                 | {AREA_NAME}吉尔孟乡2024年3月花名册 | 吉尔孟乡  | hold
    泉吉乡/低保.csv             | {AREA_NAME}2024年3月花名册      | 吉尔孟乡  | hold
    泉吉乡/吉尔孟乡.csv          | {AREA_NAME}2024年3月花名册      | 吉尔孟乡  | accept
    a.csv                    | {AREA_NAME}泉吉2024年3月花名册   | 吉尔孟乡  | hold
"""


@pytest.mark.parametrize("name", [*ROLLS, "community_care"])
@pytest.mark.parametrize(
    ("file", "title", "township", "verdict"), read_drawing(NAMED)[1], ids=lambda text: str(text)
)
def test_a_file_whose_name_or_title_says_another_township_than_its_rows_is_held(
    county, name, file, title, township, verdict
):
    found = county.sends(file, sheet(name, title, township=township))
    wanted = ["area_named_otherwise:泉吉乡 吉尔孟乡"] if verdict == "hold" else []
    assert (found.verdict, found.reasons) == (verdict, wanted)


@pytest.mark.parametrize("name", ["death_list", "asset_hit", "community_care"])
def test_a_file_of_another_county_is_held_where_nothing_but_its_name_tells(county, name):
    found = county.sends("海晏县3月.csv", sheet(name, "2024年3月名册"))
    wanted = [f"area_named_otherwise:海晏县 {AREA_NAME}"]
    assert (found.verdict, found.reasons) == ("hold", wanted)
    found = county.sends("b.csv", sheet(name, f"{AREA_NAME}迁往海晏县2024年3月名册"))
    assert found.verdict == "accept"


def test_what_would_go_and_how_to_confirm_it_is_said_wherever_a_held_file_is_named(county, capsys):
    county.sends("first.csv", sheet("dibao_roll", count=12))
    file = county.sends("then.csv", sheet("dibao_roll", count=4))
    sentence = "替换收件号1：增0人，删8人，改0人"
    assert report.tell(county.take_in()) == 0
    (line,) = [line for line in lines(county.status()) if "then.csv" in line]
    assert (sentence in line, f"minzheng confirm {file.intake_no} --by" in line) == (True, True)
    county.arrives("again.csv", sheet("dibao_roll", count=3))
    assert report.tell(county.take_in()) == 1
    told = capsys.readouterr().err
    assert ("增0人，删9人" in told, "minzheng confirm 3 --by" in told) == (True, True)
    held = [item for item in refusals(county.warehouse, "2024-03") if item["file"] == "then.csv"]
    assert {item["township"] for item in held} == {f"{AREA}201"}
    assert [item["sentence"] for item in held][-1].startswith(sentence)
    (grid,) = read_xlsx(
        return_lists(county.warehouse, "2024-03", dt.date(2024, 4, 9))[f"{AREA}201"]
    )
    assert any(str(cell).startswith(sentence) for row in grid.rows for cell in row)
    county.sends("good.csv", sheet("dibao_roll", count=11))
    assert refusals(county.warehouse, "2024-03") == []


def test_the_status_marks_the_file_in_force_and_lists_what_it_replaced(county, capsys):
    both = rows_of("dibao_roll", 6) + rows_of("dibao_roll", 8, "吉尔孟乡", first=100)
    county.sends("county.csv", as_csv(lines_of("dibao_roll", both)))
    county.arrives("one.csv", sheet("dibao_roll", count=5))
    report.tell(county.take_in())
    assert "替换收件号1" in capsys.readouterr().out
    found = {
        file["name"]: [file[key] for key in ("in_force", "rows_in_force", "replaces")]
        for file in county.status()["files"]
    }
    assert found == {"county.csv": [True, 8, []], "one.csv": [True, 5, [1]]}
    shown = "\n".join(lines(county.status()))
    assert ("部分现行8行" in shown, "更正替换〔现行〕 one.csv：替换收件号1" in shown) == (
        True,
        True,
    )
    county.sends("all.csv", as_csv(lines_of("dibao_roll", both[1:])))
    files = county.status()["files"]
    assert [(file["in_force"], file["rows_in_force"], file["replaces"]) for file in files] == [
        (False, 0, []),
        (False, 0, [1]),
        (True, 13, [1, 2]),
    ]
    assert "接收〔已被替换〕 county.csv" in "\n".join(lines(county.status()))


def test_a_confirmed_file_takes_the_place_of_the_other_and_its_rows_are_those_in_force(county):
    county.sends("first.csv", sheet("dibao_roll", count=12))
    held = county.sends("then.csv", sheet("dibao_roll", count=4))
    with county.intake() as intake:
        file = intake.confirm(held.intake_no, "虚构甲").files[-1]
    assert (file.verdict, file.replaces, "confirmed" in file.flags) == ("supersede", [1], True)
    assert told(county, "then.csv")["rows_in_force"] == 4


def test_members_of_an_archive_keep_their_rows_when_another_member_is_confirmed(county):
    county.sends("first.csv", sheet("dibao_roll", count=12))
    members = {"a.csv": sheet("pwd_roll", count=6), "b.csv": sheet("dibao_roll", count=4)}
    county.sends("two.zip", zip_bytes(members))
    held = next(file for file in county.status()["files"] if file["verdict"] == "hold")
    with county.intake() as intake:
        intake.confirm(held["intake_no"], "虚构甲")
    assert county.ask("select count(*) from raw.pwd_roll") == [(6,)]
    assert {file["verdict"] for file in county.status()["files"]} == {"accept", "supersede"}


def test_files_of_one_intake_are_compared_with_each_other_as_with_files_of_an_earlier_one(county):
    county.arrives("a.csv", sheet("dibao_roll", count=12))
    county.arrives("b.csv", sheet("dibao_roll", count=12, first=300))
    county.arrives("c.csv", sheet("dibao_roll", count=11))
    assert [file.verdict for file in county.take_in().files] == ["accept", "hold", "supersede"]
    assert county.ask("select flags from raw.file where name = 'c.csv'") == [("diff:+0 -1 ~0",)]


def test_a_list_that_adds_regions_or_parameters_is_not_held_for_what_it_leaves_out(county):
    county.sends(
        "a.csv",
        as_csv(
            lines_of("policy_param", rows_of("policy_param", 2), f"{AREA_NAME}2024年3月政策参数")
        ),
    )
    second = rows_of("policy_param", 2, first=5)
    file = county.sends(
        "b.csv", as_csv(lines_of("policy_param", second, f"{AREA_NAME}2024年3月政策参数"))
    )
    assert (file.verdict, file.flags) == (
        "supersede",
        ["diff:+2 -2 ~0", "late"][: 1 + ("late" in file.flags)],
    )


def test_a_person_counts_once_however_many_payments(county):
    rows = rows_of("payment_ledger", 6)
    again = [row | {"发放编号": f"补{number}"} for number, row in enumerate(rows)]
    county.sends("a.csv", as_csv(lines_of("payment_ledger", rows + again)))
    file = county.sends("b.csv", as_csv(lines_of("payment_ledger", rows)))
    assert (file.verdict, [flag for flag in file.flags if "diff" in flag]) == (
        "supersede",
        ["diff:+0 -0 ~6"],
    )
