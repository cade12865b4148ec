"""Leads: list them, hand them to the townships as workbooks, take the answers back, ask what a new standard would do."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import click
import duckdb

from minzheng.commands import FILE, NEW_FILE, NEW_FOLDER, csv_option, home_option, month_option
from minzheng.contracts.regions import region_names, townships
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.errors import MinzhengError, WrongCall
from minzheng.leads.answers import take_back
from minzheng.leads.desk import cut_off, list_ages, lists_zh, restricted_list
from minzheng.leads.files import identified, township_workbooks, write_private
from minzheng.leads.low_income import (
    CLASS_ZH,
    LOW_INCOME_LISTS,
    MOVEMENT_ZH,
    REASON_ZH,
    movements,
    people,
)
from minzheng.leads.measures import measures, wasteful_rules
from minzheng.leads.near import find_near_matches
from minzheng.leads.outcomes import CONFLICTS
from minzheng.leads.recapture import Recapture, recaptures
from minzheng.leads.rules import rules
from minzheng.leads.watch import titles, watch
from minzheng.leads.what_if import (
    EFFECT_ZH,
    ask,
    effects,
    happened,
    parse,
    townships_without,
    write_down,
)
from minzheng.leads.what_if import REASON_ZH as WHAT_IF_ZH
from minzheng.months import month_zh, months_between
from minzheng.publish.release.files import as_named, write_csv
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.stale import refuse_month_uncomputed, refuse_several_counties


@click.group()
def command() -> None:
    """The lead desk: persons who may have been missed, or paid in error.

    Example: minzheng leads list --month 2024-03 --to leads.parquet
    """


@contextmanager
def _computed(home: Home, month: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, where the month has been computed: before that nobody has leads, which says nothing."""
    with open_warehouse(home) as connection:
        refuse_month_uncomputed(connection, month)
        yield connection


@command.command("list")
@home_option
@month_option(required=True)
@click.option("--to", "path", type=NEW_FILE, required=True, help="The file, .parquet or .csv.")
@witnessed("decrypt leads", "month", "path")
def list_leads(home: Home, month: str, path: Path) -> None:
    """Write every lead whose condition holds in the month, with its case. Restricted: id numbers where the key allows.

    Example: minzheng leads list --month 2024-03 --to leads.parquet
    """

    with _computed(home, month) as connection:
        frame = restricted_list(identified(home, connection, month))
    write_private(path, as_named(frame, path))
    click.echo(
        f"{frame.height} leads of {month} written to {path}\n{month} 线索{frame.height}条已写入 {path}"
    )


@command.command("export")
@home_option
@month_option(required=True)
@click.option("--to", "folder", type=NEW_FOLDER, required=True, help="The folder.")
@witnessed("decrypt leads for townships", "month", "folder")
def export_leads(home: Home, month: str, folder: Path) -> None:
    """Write one workbook a township: masked persons, a drop-down for the finding.

    Example: minzheng leads export --month 2024-03 --to workbooks/
    """

    with _computed(home, month) as connection:
        books = township_workbooks(home, connection, month)
    for name, content in books.items():
        write_private(folder / name, lambda path, content=content: path.write_bytes(content))
    click.echo(
        f"{len(books)} workbooks of {month} written to {folder}\n{month_zh(month)}核查表{len(books)}本已写入 {folder}"
    )


@command.command("open")
@home_option
@month_option(required=True)
@click.option("--township", required=True, help="The township's code.")
@click.option("--to", "path", type=NEW_FILE, required=True, help="The workbook to write.")
@witnessed("open leads workbook", "month", "township")
def open_leads(home: Home, month: str, township: str, path: Path) -> None:
    """Open a township's workbook for work in the field: with names, villages and the rows of its own files.

    Who opens it is written into the trail first. It comes back with `leads import` like the masked one.

    Example: minzheng leads open --month 2024-03 --township CODE --to leads.xlsx
    """

    with _computed(home, month) as connection:
        books = township_workbooks(home, connection, month, named_for=township)
    if not books:
        raise MinzhengError(
            f"no leads of {township} in {month}",
            f"{month} {townships().get(township, township)}没有待核查的线索",
        )
    write_private(path, lambda target: target.write_bytes(next(iter(books.values()))))
    click.echo(f"written 已写出：{path}")


@command.command("import")
@home_option
@click.argument("file", type=FILE)
@witnessed("take in answers", "file")
def import_answers(home: Home, file: Path) -> None:
    """Take in a workbook that a township filled in; conflicts are listed and not written.

    The workbook is kept in the vault as any file received, the notes sealed beside it.

    Example: minzheng leads import 线索核查表.xlsx
    """

    with open_warehouse(home) as connection:
        result = take_back(home, keys_of(home), connection, file)
    click.echo(
        f"{result.new} answers recorded, {result.unchanged} known already, {len(result.conflicts)} in conflict"
    )
    click.echo(
        f"录入{result.new}条，与已有答复相同{result.unchanged}条，有冲突未录入{len(result.conflicts)}条"
    )
    if result.conflicts:
        english = ", ".join(f"{answer.row_no}({kind})" for kind, answer in result.conflicts)
        chinese = "；".join(
            f"第{answer.row_no}行：{CONFLICTS[kind]}" for kind, answer in result.conflicts
        )
        raise MinzhengError(
            f"{file.name}: not recorded: rows {english}; the others are",
            f"{file.name} 下列各行未录入(其余已录入):{chinese}",
        )


@command.command("measures")
@home_option
@month_option(required=True)
@csv_option()
def measure(home: Home, month: str, path: Path | None) -> None:
    """Show how good the rules are as at the month's cut-off: precision, ageing, closing in time, an estimate of recall.

    By rule and township, counts only; a dash means nothing to judge by.

    Example: minzheng leads measures --month 2024-03
    """

    with _computed(home, month) as connection:
        cases = connection.sql(
            "select * from lead.case_month where month = $month", params={"month": month}
        ).pl()
        estimates, ages = recaptures(connection, month), list_ages(connection, month)
    frame = measures(cases, cut_off(month))
    if path:
        write_csv(frame, path)
    click.echo(
        "rule, township, right, wrong, precision, pending, over 90 days, overdue, due, in time, rate, name\n"
        "规则  乡镇代码   属实  不实  属实率  待答复  超90天  超期  到期  按期  按期率  名称"
    )
    rule_titles, places = {one.rule_id: one.title.zh for one in rules()}, region_names()
    for row in frame.iter_rows(named=True):
        precise, rate = (
            "-" if row[name] is None else f"{row[name]:.0%}" for name in ("precision", "rate")
        )
        click.echo(
            f"{row['rule_id']:<4}  {row['township_code']:<9}  {row['confirmed']:>4}  {row['refuted']:>4}  {precise:>6}  "
            f"{row['pending']:>6}  {row['over_90']:>6}  {row['overdue']:>4}  {row['due']:>4}  {row['in_time']:>4}  {rate:>6}  "
            + " ".join(
                (
                    rule_titles.get(row["rule_id"], "全部规则"),
                    places.get(row["township_code"], "全县"),
                )
            )
        )
    for rule_id, share in wasteful_rules(cases).select("rule_id", "precision").iter_rows():
        click.echo(
            f"{rule_id} costs visits and finds little: {share:.0%} of its answered cases were right\n"
            f"{rule_id} {rule_titles.get(rule_id, '')}：核查多、属实少，已答复的只有{share:.0%}属实"
        )
    for pair, found in estimates:
        told = f"{pair.first}与{pair.second}（{pair.why}）"
        if isinstance(found, Recapture):
            low, high = found.interval
            bound = "至少" if pair.bound else "约"
            click.echo(
                f"{told}：共发现{found.observed}人，重合{found.both}人；估计总数{bound}{found.estimate:.0f}人"
                f"（95%区间{low:.0f}至{high:.0f}），查全率{'至多' if pair.bound else '约'}{found.recall:.0%}"
            )
        else:
            click.echo(f"{told}：不适用（{found}）")
    _tell_lists(ages, month)


@command.command("register")
@home_option
@month_option(required=True)
def low_income_register(home: Home, month: str) -> None:
    """Show the low-income register: people by township and class, each person once, and who came and left and why.

    Counts, unsuppressed: for the bureau.

    Example: minzheng leads register --month 2024-03
    """

    with _computed(home, month) as connection:
        now, moved = people(connection, month), movements(connection, month)
        ages = list_ages(connection, month, LOW_INCOME_LISTS)
    places = townships()
    for code in sorted({*now["township_code"], *moved["township_code"]}):
        counts = dict(
            now.filter(now["township_code"] == code).select("class", "people").iter_rows()
        )
        click.echo(
            places.get(code, code)
            + "："
            + "，".join(f"{zh}{counts.get(name, 0)}人" for name, zh in CLASS_ZH.items())
        )
        for _, movement, before, after, reason, count in moved.filter(
            moved["township_code"] == code
        ).iter_rows():
            way = "转为".join(CLASS_ZH[name] for name in (before, after) if name)
            why = f"（{REASON_ZH.get(reason, reason)}）" if reason else ""
            click.echo(f"  {MOVEMENT_ZH[movement]} {way}{why} {count}人")
    _tell_lists(ages, month)


@command.command("watch")
@home_option
@month_option(required=True)
def watch_month(home: Home, month: str) -> None:
    """Show what is watched beside the rules: price linkage, back-pay, overlaps, age, area, assessment, checks, deaths.

    Counts by township, unsuppressed: for the bureau.

    Example: minzheng leads watch --month 2024-03
    """

    with _computed(home, month) as connection:
        found = {name: watch(connection, name, [month]) for name in titles()}
        ages = {name: list_ages(connection, month, told.lists) for name, told in titles().items()}
    places = townships()
    for name, frame in found.items():
        told = titles()[name]
        click.echo(f"【{told.zh}】" + ("" if frame.height else "本月没有"))
        for row in frame.iter_rows(named=True):
            numbers = "，".join(
                f"{zh} {'－' if row[column] is None else row[column]}"
                for column, zh in told.columns.items()
            )
            click.echo(f"  {places.get(row['township_code'], '全县')}：{numbers}")
        _tell_lists(ages[name], month)


def _tell_lists(ages, month: str) -> None:
    """Say which lists behind the counts are not of the month, or have shrunk; one line for townships that are alike."""

    names, alike = townships(), {}
    for (code,), part in sorted(ages.partition_by("township_code", as_dict=True).items()):
        alike.setdefault(lists_zh(part, month), []).append(names.get(code, code))
    for told, places in alike.items():
        where = "、".join(places) if len(alike) > 1 else "全县"
        click.echo(f"  {told.replace('名单情况:', f'名单情况（{where}）：', 1)}")


@command.command("what-if")
@home_option
@month_option(required=True, help="The month whose rolls are used.")
@month_option("--last", help="With it, every month up to this one.")
@click.option(
    "--param",
    "assignments",
    required=True,
    multiple=True,
    help="CODE=VALUE or CODE[BAND]=VALUE, for example dibao_std_urban=800; given several times, a run each.",
)
def ask_what_if(home: Home, month: str, last: str | None, assignments: tuple[str, ...]) -> None:
    """Apply a new standard, multiple or limit to the rolls: people and yuan by month and township. Kept for comparison.

    Example: minzheng leads what-if --param dibao_std_urban=800 --month 2024-03
    """

    refuse_several_counties(
        (
            "has as many standards as counties: ask in the home of the county meant",
            "各县标准不同：请在该县的数据目录中测算",
        )
    )
    asked = [_parsed(assignment) for assignment in assignments]
    months = months_between(month, last or month)
    if not months:
        raise WrongCall("the last month is before the first", "结束月份早于开始月份")
    for code, band, value in asked:
        _ask_one(home, months, code, band, value)


def _parsed(assignment: str) -> tuple[str, str | None, Decimal]:
    try:
        return parse(assignment)
    except ValueError:
        raise WrongCall(
            f"not CODE=VALUE: {assignment}", f"参数写法不对:{assignment};应写作 dibao_std_urban=800"
        ) from None


def _ask_one(home: Home, months: list[str], code: str, band: str | None, value: Decimal) -> None:
    """A run for one parameter, the others as in force."""
    with open_warehouse(home) as connection, Ledger(home) as ledger:
        frame = ask(connection, months, code, band, value)
        run_no = write_down(connection, ledger) if frame.height else None
        missing = {one: townships_without(connection, one, code) for one in months}
    for one, codes in missing.items():
        if codes:
            listed = ", ".join(codes)
            click.echo(
                f"not in the figures, no list for {one}: {listed}\n未计入({one}名单未报):{listed}",
                err=True,
            )
    click.echo(
        f"{code}={value}: run {run_no} kept; compare later: minzheng leads what-happened --run {run_no} --month YYYY-MM\n"
        f"{code}={value}:第{run_no}次测算已留存,日后可与实际对照"
    )
    _tell_effects(frame)


def _tell_effects(frame) -> None:
    """People and yuan by month and township, why somebody leaves or comes in, and what each month costs in all."""
    click.echo(
        "月份、乡镇、影响、人数、当月金额变化（元）\nmonth    township_code  effect        people          yuan"
    )
    places = region_names()
    for one, township, effect, persons, yuan in effects(frame).iter_rows():
        click.echo(
            f"{one}  {township:<13}  {effect:<12}  {persons:>6}  {'' if yuan is None else yuan:>12}  "
            f"{places.get(township, '')} {EFFECT_ZH[effect]}"
        )
    for one, township, effect, reason, persons, yuan in frame.iter_rows():
        if reason:
            click.echo(
                f"{one} {places.get(township, township)} {EFFECT_ZH[effect]}{persons}人（{yuan}元）：{WHAT_IF_ZH[reason]}（{reason}）"
            )
    for (one,), rows in frame.partition_by("month", as_dict=True, maintain_order=True).items():
        if rows["yuan"].null_count() < rows.height:
            click.echo(f"{one} 合计 total: {rows['yuan'].sum():+} 元")


@command.command("what-happened")
@home_option
@click.option(
    "--run",
    "run_no",
    type=click.IntRange(min=1),
    required=True,
    help="The number that what-if gave.",
)
@month_option(required=True, help="The later month.")
def what_happened(home: Home, run_no: int, month: str) -> None:
    """Hold a kept what-if run of a standard against what happened: change of the month's benefit by township.

    Example: minzheng leads what-happened --run 1 --month 2024-06
    """

    with open_warehouse(home) as connection:
        frame = happened(connection, run_no, month)
    click.echo("乡镇代码、测算金额变化、实际金额变化（元）、原人数、现人数")
    click.echo("township_code  said (yuan)  happened (yuan)  people before  people later")
    for township, said, did, before, later in frame.iter_rows():
        click.echo(
            f"{township:<13}  {_shown(said):>11}  {_shown(did):>15}  {_shown(before):>13}  {_shown(later):>12}"
        )


def _shown(value: object) -> str:
    return "-" if value is None else str(value)


@command.command("near")
@home_option
@month_option(required=True)
@click.option(
    "--to", "path", type=NEW_FILE, help="A file, .parquet or .csv, with both persons of each pair."
)
@witnessed("look for near matches", "month", "path")
def near(home: Home, month: str, path: Path | None) -> None:
    """Look for people on partner lists who look like someone on a roll; scored, kept apart, never merged.

    With --to, a restricted file names both persons of each pair, so that somebody can look.

    Example: minzheng leads near --month 2024-03 --to near.parquet
    """

    with _computed(home, month) as connection:
        pairs = find_near_matches(home, Keys.load(), connection, month)
    if path:
        write_private(path, as_named(pairs, path))
    click.echo(
        f"{pairs.height} near matches in {month}, in lead.near_match"
        + (f"; named in {path}\n" if path else "\n")
        + f"{month}查出相近的人{pairs.height}对"
        + (f"，名单已写入 {path}" if path else "")
    )
