"""What is to be mended: open items of a month, and per township a workbook that goes back to its clerk."""

import datetime as dt
import io
from pathlib import Path

import duckdb

from minzheng.contracts.datasets import codes, dataset
from minzheng.contracts.regions import counties, office
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError
from minzheng.intake.places import county, townships, townships_named
from minzheng.intake.report import taken_for
from minzheng.intake.scope import folder_month, month_named, speaks_for
from minzheng.intake.settings import reason_zh, reasons
from minzheng.months import month_zh
from minzheng.warehouse.connection import model
from minzheng.warehouse.incomplete import names_by_dataset

HEADINGS = (
    "文件",
    "工作表",
    "行号",
    "列",
    "原值（已遮盖）",
    "问题",
    "正确写法",
    "问题代码",
    "收件日期",
    "已过天数",
    "责任单位",
)
WIDTHS = (34, 12, 8, 14, 24, 34, 34, 20, 12, 10, 14)
MANY_WORDS = 12  # beyond, the list of codes says more than a cell
RISKY = tuple("=+-@\t\r\n＝＋－＠")


def open_items(
    connection: duckdb.DuckDBPyConnection, month: str, *, everything: bool = False
) -> list[dict]:
    """The quarantined rows of a month, one entry per row, column and rule; of files in force only unless `everything`."""
    rows = connection.execute(
        model("register/open_quarantine"),
        {"month": month, "everything": everything, "county": county()[0]},
    ).fetchall()
    return [_item(row) for row in rows]


def _item(row: tuple) -> dict:
    (
        intake_no,
        file,
        name,
        month,
        township,
        sheet,
        row_no,
        column,
        rule,
        masked,
        sentence,
        received_at,
    ) = row
    contracted = dataset(name).column(column) if column else None
    return {
        "intake_no": intake_no,
        "file": file,
        "dataset": name,
        "month": month,
        "township": township,
        "sheet": sheet,
        "row": row_no,
        "column": contracted.header if contracted else None,
        "column_name": column,
        "rule": rule,
        "masked_value": masked,
        "sentence": sentence,
        "received_at": received_at.isoformat() if isinstance(received_at, dt.datetime) else None,
    }


def refusals(connection: duckdb.DuckDBPyConnection, month: str) -> list[dict]:
    """The refused and held files of a month that no later file has made good, one entry per reason; as `open_items`, without
    a row.

    Whose they are is told by the only township of a held file, else by the name of file and folder; the bureau's where that
    names none.
    """
    found = []
    for (
        number,
        name,
        kind,
        told,
        reasons_,
        received_at,
        townships_,
        same,
        covered,
    ) in connection.execute(model("register/open_refusals")).fetchall():
        named = (
            townships_.split(",") if townships_ and "," not in townships_ else townships_named(name)
        )
        named = named or speaks_for(set(), [name])
        owner = named[0] if len(named) == 1 else county()[0]
        since = set((covered or "").split(","))
        below = {code for code in townships() if code.startswith(owner)}
        if same or {owner} <= since or below and below <= since:
            continue
        if month == (
            told or folder_month(name.split("/")[:-1]) or month_named(name.rsplit("/", 1)[-1])
        ):
            facts = {
                "intake_no": number,
                "file": name,
                "dataset": kind,
                "month": month,
                "township": owner,
            }
            blank = {
                "sheet": None,
                "row": None,
                "column": "整个文件",
                "column_name": None,
                "masked_value": None,
            }
            at = {"received_at": received_at.isoformat()}
            lines = [
                {"rule": reason.partition(":")[0], "sentence": reason_zh(reason) + taken_for(kind)}
                for reason in reasons_.split(",")
            ]
            found += [facts | blank | line | at for line in lines]
    return found


def owner_name(code: str | None) -> str:
    """Who must mend: the township, or the bureau where no township is known."""
    return townships().get(code or "") or office(code if code in counties() else county()[0])


def return_lists(
    connection: duckdb.DuckDBPyConnection, month: str, today: dt.date
) -> dict[str, bytes]:
    """One workbook of open items per township that has any (its own only), by township code; the county's for the bureau.

    Rows behind an incomplete headline figure come first, then refused files, then other quarantined rows.
    """
    lists: dict[str, list[dict]] = {}
    headlines = names_by_dataset(connection, month)
    rows = open_items(connection, month)
    urgent = [_urgent(item, headlines) for item in rows if item["dataset"] in headlines]
    for item in [
        *urgent,
        *refusals(connection, month),
        *(item for item in rows if item["dataset"] not in headlines),
    ]:
        known = item["township"] in townships() | counties()
        code = item["township"] if known else county()[0]
        lists.setdefault(code, []).append(item)
    return {code: _workbook(code, month, items, today) for code, items in sorted(lists.items())}


def _urgent(item: dict, headlines: dict[str, list[str]]) -> dict:
    """The item, saying which figures of the county wait for it."""
    names = headlines[item["dataset"]]
    told = "、".join(names[:3]) + "等" * (len(names) > 3)
    return item | {"sentence": f"{item['sentence']}（{told}待此更正）"}


def _workbook(code: str, month: str, items: list[dict], today: dt.date) -> bytes:
    import xlsxwriter

    sink = io.BytesIO()
    book = xlsxwriter.Workbook(
        sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"author": "", "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    head = book.add_format(
        {"bold": True, "border": 1, "text_wrap": True, "bg_color": "#F2F2F2", "valign": "vcenter"}
    )
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("待改正")
    title = f"{owner_name(code)}{month_zh(month)}报表待改正清单（共{len(items)}项）"
    sheet.merge_range(
        0,
        0,
        0,
        len(HEADINGS) - 1,
        title,
        book.add_format({"bold": True, "font_size": 14, "align": "center"}),
    )
    for place, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(1, place, heading, head)
    for number, item in enumerate(items, start=2):
        for place, text in enumerate(_line(item, today)):
            sheet.write_string(number, place, f"'{text}" if text.startswith(RISKY) else text, cell)
    sheet.freeze_panes(2, 0)
    book.close()
    return sink.getvalue()


def _line(item: dict, today: dt.date) -> tuple[str, ...]:
    received = dt.datetime.fromisoformat(item["received_at"]).date()
    file, sheet, row = item["file"].rsplit("/", 1)[-1], item["sheet"] or "", str(item["row"] or "")
    reason, code = reasons()[item["rule"]], item["rule"]
    age = str(max((today - received).days, 0))
    owner = owner_name(item["township"])
    right = _words(item) or reason.right
    found = (
        file,
        sheet,
        row,
        item["column"] or "整行",
        item["masked_value"] or "",
        item["sentence"],
        right,
    )
    return (*found, code, received.isoformat(), age, owner)


def _words(item: dict) -> str:
    """The words that a column takes, for a cell outside its list; empty for any other fault, and for long lists."""
    column = dataset(item["dataset"]).column(item["column_name"]) if item["column_name"] else None
    if item["rule"] != "code_unknown" or column is None or not column.codes:
        return ""
    words = [entry.label or code for code, entry in codes(column.codes).items()]
    return f"可填：{'、'.join(words)}" if len(words) <= MANY_WORDS else ""


def sealed_path(home: Home, month: str, code: str) -> Path:
    """Where the sealed return list of a township lies."""
    return home.restricted / month / f"returns_{code}.xlsx.sealed"


def export_lists(
    home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection, month: str
) -> dict[str, Path]:
    """Seal the month's return lists under `restricted/<month>/`; lists without open items any more are taken away."""
    lists = return_lists(connection, month, dt.datetime.now(SHANGHAI).date())
    for old in (home.restricted / month).glob("returns_*.xlsx.sealed"):
        if old.name.split("_")[1].split(".")[0] not in lists:
            old.unlink()
    paths = {code: sealed_path(home, month, code) for code in lists}
    for code, path in paths.items():
        write_synced(path, keys.seal(lists[code], f"{month}/{path.name}"))
    return paths


def open_list(home: Home, keys: Keys, month: str, code: str) -> bytes:
    """The workbook of a township's return list; one clear error when there is none."""
    path = sealed_path(home, month, code)
    if not path.is_file():
        raise MinzhengError(
            f"no return list of {code} for {month}", f"{month} 没有 {owner_name(code)} 的待改正清单"
        )
    return keys.unseal(path.read_bytes(), f"{month}/{path.name}")
