"""Worked cases: a workbook in which policy staff write what is known of people and what must come of it, and its check.

Sheet 案例 names the cases, 已知 gives their rows (`列=值` in Chinese, as a clerk would fill a list), 应得 what must come: a lead or
a finding for a person (有, 无, 未判断), or an indicator's value for the county. What a line does not say is ordinary: required
columns take usual values, optional ones stay blank, every list has come in since January. Lines of the case 通用 hold for all.
"""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, product
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import xlsxwriter

from minzheng import leads
from minzheng.contracts.datasets import Dataset, dataset, dataset_names
from minzheng.contracts.filling import example
from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.quality_rules import rules
from minzheng.contracts.regions import county, townships
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.id_number import check_characters
from minzheng.indicators import models
from minzheng.intake.pseudonyms import Pseudonyms, raw_frame
from minzheng.intake.rows import typed_rows
from minzheng.intake.settings import reason_zh
from minzheng.intake.table import Table
from minzheng.intake.template import title
from minzheng.leads.rules import rules as lead_rules
from minzheng.months import add_months, check_month, months_between
from minzheng.warehouse.connection import create_tables
from quality.gate import evaluate

WORKBOOK = CONTRACTS / "worked_cases.xlsx"
SHEETS = {
    "案例": ("编号", "题目", "依据", "月份"),
    "已知": ("案例", "人", "表", "月份", "情况"),
    "应得": ("案例", "人", "代码", "应为"),
}
COMMON = "通用"
NOT_COME = "未报"
YES, NO, UNJUDGED = "有", "无", "未判断"
MISSING, NOT_APPLICABLE = "缺报", "不适用"
USUAL_ROWS = 100
PERSON = {"出生日期": "1975-06-15", "性别": "男"}
"""What is known of a person of whom nothing is said."""


@dataclass(frozen=True)
class Known:
    """A line of 已知: one row of a list, or that the list has not come."""

    line: int
    person: str
    dataset: str
    month: str
    facts: dict[str, str]
    came: bool = True


@dataclass(frozen=True)
class Due:
    """A line of 应得: what must come of a case for a person, or for the county where nobody is named."""

    line: int
    person: str
    code: str
    wanted: str


@dataclass
class Case:
    """One case with its lines."""

    number: str
    title: str
    basis: str
    month: str
    known: list[Known] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What came of one line of 应得."""

    case: Case
    due: Due
    actual: str

    @property
    def right(self) -> bool:
        """Whether what came is what was wanted; numbers are compared as numbers."""
        return self.actual == self.due.wanted

    @property
    def zh(self) -> str:
        """The line a policy officer reads."""
        who = f"“{self.due.person}”" if self.due.person else "全县"
        return (
            f"案例{self.case.number}（{self.case.title}）{who} {self.due.code}："
            f"应为 {self.due.wanted}，实为 {self.actual}（应得 第{self.due.line}行）"
        )


def read_cases(path: Path) -> list[Case]:
    """The cases of a workbook; `MinzhengError` names sheet, row and what is wrong."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, openpyxl.utils.exceptions.InvalidFileException):
        raise MinzhengError(
            f"{path} is no workbook (.xlsx)", f"{path} 不是工作簿（.xlsx）"
        ) from None
    lines = {sheet: list(_lines(book, sheet)) for sheet in SHEETS}
    cases: dict[str, Case] = {}
    for at, (number, name, basis, month) in lines["案例"]:
        if number == COMMON:
            continue
        if number in cases:
            raise _wrong("案例", at, f"case {number} stands twice", f"编号 {number} 重复")
        cases[number] = Case(number, name, basis, check_month(month))
    common = []
    for at, (number, person, table, month, facts) in lines["已知"]:
        if number == COMMON:
            common.append((at, person, table, month, facts))
            continue
        case = _case_of(cases, "已知", at, number)
        case.known.append(_known(at, person, table, month or case.month, facts))
    for at, (number, person, code, wanted) in lines["应得"]:
        _case_of(cases, "应得", at, number).due.append(_due(at, person, code, wanted))
    for case in cases.values():
        case.known += [_known(at, who, table, month or case.month, facts)
                       for at, who, table, month, facts in common]  # fmt: skip
        if not case.due:
            raise MinzhengError(
                f"case {case.number} expects nothing", f"案例 {case.number} 在“应得”中没有一行"
            )
    return list(cases.values())


def _lines(book: openpyxl.Workbook, sheet: str) -> Iterable[tuple[int, tuple[str, ...]]]:
    """The filled lines of a sheet as text, each with its row number."""
    wanted = SHEETS[sheet]
    if sheet not in book.sheetnames:
        raise MinzhengError(f"the workbook has no sheet {sheet}", f"工作簿缺少“{sheet}”表")
    rows = book[sheet].iter_rows(max_col=len(wanted), values_only=True)
    if tuple(_text(cell) for cell in next(rows, ())) != wanted:
        told = "、".join(wanted)
        raise _wrong(sheet, 1, f"the headings must be {told}", f"表头应依次为 {told}")
    for number, row in enumerate(rows, start=2):
        texts = tuple(_text(cell) for cell in row)
        if any(texts):
            yield number, texts


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}"
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _wrong(sheet: str, line: int, en: str, zh: str) -> MinzhengError:
    return MinzhengError(f"sheet {sheet}, row {line}: {en}", f"“{sheet}”第{line}行：{zh}")


def _case_of(cases: dict[str, Case], sheet: str, line: int, number: str) -> Case:
    if number not in cases:
        raise _wrong(sheet, line, f"there is no case {number}", f"“案例”表中没有 {number}")
    return cases[number]


@cache
def _by_title() -> dict[str, Dataset]:
    return {title(dataset(name)): dataset(name) for name in dataset_names()}


def _known(line: int, person: str, table: str, month: str, facts: str) -> Known:
    contract = _by_title().get(table)
    if contract is None:
        raise _wrong(
            "已知",
            line,
            f"there is no list {table}",
            f"没有“{table}”这种表：{'、'.join(_by_title())}",
        )
    if facts == NOT_COME:
        return Known(line, person, contract.dataset, month, {}, came=False)
    headers = {column.header for column in contract.columns} | PERSON.keys()
    told = {}
    for part in filter(None, (part.strip() for part in facts.replace(";", "；").split("；"))):
        header, mark, value = (piece.strip() for piece in part.replace("＝", "=").partition("="))
        if not mark or header not in headers:
            raise _wrong(
                "已知", line, f"not column=value: {part}", f"“{part}”应写作“列=值”，列须是该表的列"
            )
        told[header] = value
    return Known(line, person, contract.dataset, month, told)


def _due(line: int, person: str, code: str, wanted: str) -> Due:
    words = (
        (YES, NO, UNJUDGED) if code in {**_lead_codes(), **rules()} else (MISSING, NOT_APPLICABLE)
    )
    if code not in {**_lead_codes(), **rules(), **registry()}:
        raise _wrong(
            "应得",
            line,
            f"no rule or indicator {code}",
            f"没有代码为 {code} 的线索规则、校验规则或指标",
        )
    if wanted not in words:
        try:
            number = float(wanted)
        except ValueError:
            number = None
        if number is None or words[0] == YES:
            allowed = "、".join(words) + ("" if words[0] == YES else "或数值")
            raise _wrong("应得", line, f"expected one of {allowed}", f"应为 {allowed}")
        wanted = f"{number:g}"
    return Due(line, person, code, wanted)


@cache
def _lead_codes() -> dict[str, object]:
    return {rule.rule_id: rule for rule in lead_rules()}


def check(cases: Iterable[Case]) -> list[Answer]:
    """Compute each case by itself, in a warehouse in memory, and say what came of each of its lines."""
    answers = []
    for case in cases:
        with duckdb.connect(config={"threads": 1}) as connection:
            create_tables(connection)
            answers += _CaseRun(connection, case).answers()
    return answers


class _CaseRun:
    """One case in an empty warehouse."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, case: Case):
        self.connection, self.case = connection, case
        self.pseudonyms = Pseudonyms(Keys("case", b"worked cases hold nobody real"))
        self.people = dict.fromkeys(line.person for line in case.known if line.person)
        for place, name in enumerate(self.people):
            facts = {}
            for line in case.known:
                facts |= line.facts if line.person == name else {}
            self.people[name] = PERSON | {k: v for k, v in facts.items() if k in PERSON}
            self.people[name]["身份证号"] = _id_number(self.people[name], place)

    def answers(self) -> list[Answer]:
        """Fill the registers, run what the case asks for, read what came."""
        self._cover()
        for name in {line.dataset for line in self.case.known}:
            for month in {line.month for line in self.case.known if line.dataset == name}:
                self._fill(name, month)
        asked, month = {due.code for due in self.case.due}, [self.case.month]
        judged = [rules()[code] for code in sorted(asked & rules().keys())]
        counted = asked & registry().keys() or any(rule.where == "indicator" for rule in judged)
        if counted or asked & _lead_codes().keys():
            leads.compute(self.connection, month)
        if counted:
            models.compute(self.connection, month)
        if judged:
            evaluate(self.connection, month, judged)
        return [Answer(self.case, due, self._actual(due)) for due in self.case.due]

    def _cover(self) -> None:
        first = min([self.case.month, *(line.month for line in self.case.known)])[:4] + "-01"
        absent = {(line.dataset, line.month) for line in self.case.known if not line.came}
        rows = [
            (name, month, place, 1, f"{add_months(month, 1)}-05 09:00:00", "", USUAL_ROWS, 0)
            for month, (name, place) in product(months_between(first, self.case.month), _places())
            if (name, month) not in absent
        ]
        columns = [
            name for name, *_ in self.connection.execute("describe register.coverage").fetchall()
        ]
        frame = pl.DataFrame(rows, schema=columns, orient="row")
        frame = frame.with_columns(pl.col("first_received_at").str.to_datetime())
        self.connection.from_arrow(frame.to_arrow()).insert_into("register.coverage")

    def _fill(self, name: str, month: str) -> None:
        """The rows of a list and month, typed as the intake types them; a value it would send back is a fault of the case."""
        contract = dataset(name)
        lines = [line for line in self.case.known
                 if (line.dataset, line.month) == (name, month) and line.came]  # fmt: skip
        if not lines:
            return
        cells = [self._cells(contract, line) for line in lines]
        text = {
            column.name: pl.Series(
                [row.get(column.header) or None for row in cells], dtype=pl.String
            )
            for column in contract.columns
        }
        row_no = pl.Series("row_no", [line.line for line in lines], dtype=pl.Int32)
        structure = pl.Series([None] * len(lines), dtype=pl.String)
        frame, faults, _ = typed_rows(
            contract, Table(None, "", [], row_no, text, {}, structure, [], 0), month
        )
        for column, code, mask in faults:
            for line in (line for line, bad in zip(lines, mask, strict=True) if bad):
                told = f"{contract.column(column).header}：{reason_zh(code)}"
                raise _wrong("已知", line.line, f"column {column}: {code}", told)
        made = raw_frame(name, month, 1, "", frame, self.pseudonyms)
        names = [
            column for column, *_ in self.connection.execute(f"describe register.{name}").fetchall()
        ]
        self.connection.from_arrow(made.select(names).to_arrow()).insert_into(f"register.{name}")

    def _cells(self, contract: Dataset, line: Known) -> dict[str, str]:
        """A row as a clerk would have filled it: what is said, what the person is, and usual values for the rest."""
        code = next((c for c, name in townships().items() if name == line.facts.get("乡镇")), None)
        usual = {
            column.header: example(contract, column, code)
            for column in contract.columns
            if column.required and column.type != "date"
        }
        usual |= {
            c.header: f"{line.month}-05"
            for c in contract.columns
            if c.required and c.type == "date"
        }
        usual |= {"统计月份": line.month, "指数月份": line.month, "起始年月": line.month}
        usual |= {"有效期至": "2035-12-31", "申请日期": f"{line.month}-01"}
        usual |= dict.fromkeys(("户编号", "银行账号"), line.person or "单位")
        usual |= dict.fromkeys(("发放编号", "救助编号", "申请编号"), f"第{line.line}行")
        own = {
            "姓名": line.person,
            **self.people.get(line.person, dict.fromkeys(("身份证号", *PERSON), "")),
        }
        own["残疾证号"] = f"{own['身份证号']}44"
        headers = {column.header for column in contract.columns}
        return {k: v for k, v in (usual | own | line.facts).items() if k in headers}

    def _actual(self, due: Due) -> str:
        if due.code in registry():
            return self._value(due.code)
        table, judged = ("lead.lead", "lead.evaluated") if due.code in _lead_codes() else (
            "quality.finding", "(select * from quality.outcome where state <> 'not_evaluated')"
        )  # fmt: skip
        about = [due.code, self.case.month]
        if not self._ask(f"select 1 from {judged} where rule_id = ? and month = ?", about):
            return UNJUDGED
        query, who = f"select 1 from {table} where rule_id = ? and month = ?", []
        if due.person:
            number = self.people[due.person]["身份证号"]
            query, who = (
                f"{query} and person_key = ?",
                [self.pseudonyms.of("person", pl.Series([number])).item()],
            )
        return YES if self._ask(query, about + who) else NO

    def _value(self, code: str) -> str:
        [(value, status)] = self._ask(
            "select obs_value, obs_status from indicator.observation where indicator_id = ? and month = ?"
            " and ref_area = ? and [residence, sex, age_group, category] = ['_T', '_T', '_T', '_T']",
            [code, self.case.month, county()],
        )
        if value is None:
            return {"M": MISSING, "L": NOT_APPLICABLE}.get(status, status)
        return f"{round(value, registry()[code].decimals):g}"

    def _ask(self, query: str, values: Sequence[str]) -> list[tuple]:
        return self.connection.execute(query, values).fetchall()


@cache
def _places() -> tuple[tuple[str, str], ...]:
    places = (
        product([name], townships() if dataset(name).has_township else [county()])
        for name in dataset_names()
    )
    return tuple(chain.from_iterable(places))


def _id_number(person: dict[str, str], place: int) -> str:
    """A valid number for a person who does not exist: the county's code, the birth date, an order code of the sex."""
    stem = (
        f"{county()}{person['出生日期'].replace('-', '')}{2 * place + (person['性别'] == '男'):03d}"
    )
    return stem + check_characters(pl.Series([stem])).tobytes().decode("ascii")


def workbook(cases: Sequence[Case] = ()) -> bytes:
    """A workbook for cases: three sheets with lists to choose from, and one of notes; filled with `cases` where given."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"author": "", "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#DDEBF7"})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    widths = {"题目": 40, "依据": 36, "表": 30, "情况": 70, "代码": 26}
    filled = _rows_of(cases)
    for sheet, headings in SHEETS.items():
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        for place, heading in enumerate(headings):
            page.set_column(place, place, widths.get(heading, 12), text)
            page.write_string(0, place, heading, head)
        for line, row in enumerate(filled[sheet], start=1):
            for place, value in enumerate(row):
                page.write_string(line, place, value, text)
    lists = {"表": list(_by_title()), "代码": [*_lead_codes(), *rules(), *registry()]}
    _write_help(book, lists, text, head)
    for sheet, place, words in (("已知", 2, "表"), ("应得", 2, "代码")):
        column = "A" if words == "表" else "B"
        source = f"='说明'!${column}$2:${column}${len(lists[words]) + 1}"
        book.get_worksheet_by_name(sheet).data_validation(
            1, place, 5000, place, {"validate": "list", "source": source}
        )
    book.close()
    return sink.getvalue()


def _rows_of(cases: Sequence[Case]) -> dict[str, list[tuple[str, ...]]]:
    titles = {contract.dataset: name for name, contract in _by_title().items()}
    found: dict[str, list[tuple[str, ...]]] = {sheet: [] for sheet in SHEETS}
    for case in cases:
        found["案例"].append((case.number, case.title, case.basis, case.month))
        for line in case.known:
            facts = "；".join(f"{k}={v}" for k, v in line.facts.items()) if line.came else NOT_COME
            month = "" if line.month == case.month else line.month
            found["已知"].append((case.number, line.person, titles[line.dataset], month, facts))
        found["应得"] += [(case.number, due.person, due.code, due.wanted) for due in case.due]
    return found


HELP = (
    "“案例”一行一个案例；月份写作 2024-03。",
    "“已知”一行是名册或台账上的一行：情况写作“列=值”，多项用分号隔开，如 残疾等级=一级；有效期至=2026-01-01。",
    "没写的必填项按常见情形，没写的选填项为空，没写未报的表自1月起都已报齐；某表未报的，情况写“未报”。",
    "人写甲、乙等代号，同一案例中同一代号是同一人；出生日期、性别写在其任意一行。不写真实姓名和号码。",
    "月份空着即案例的月份。案例写“通用”的行对所有案例有效，用来写各年标准。",
    "“应得”：线索、校验规则写 有、无 或 未判断，并写明是谁；指标写全县数值，或 缺报、不适用，人空着。",
    "写好后运行 minzheng cases check 文件：逐条核对，不符的列出应为和实为。",
)


def _write_help(book: xlsxwriter.Workbook, lists: dict[str, list[str]], text, head) -> None:
    page = book.add_worksheet("说明")
    page.set_column(0, 1, 34)
    page.set_column(2, 2, 90)
    for place, (name, words) in enumerate(lists.items()):
        page.write_string(0, place, f"{name}可填", head)
        page.write_column(1, place, words, text)
    page.write_string(0, 2, "怎么填", head)
    page.write_column(1, 2, HELP, text)
