"""Take the counties' editions together: verify them, sum them, say what is missing and what contradicts."""

import tempfile
from pathlib import Path

import click

from minzheng.commands import ANY_PATH, FILE, FOLDER, HomeType, is_there, month_option
from minzheng.contracts.regions import county, regions
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.indicators.across import counted_once, gather_from, moved, together
from minzheng.months import add_months
from minzheng.publish.aggregation import (
    Aggregate,
    Prefecture,
    aggregate,
    read_signers,
    receive,
    with_persons_once,
    write_aggregate,
)


@click.command()
@click.argument("folder", type=FOLDER)
@month_option(required=True)
@click.option(
    "--signers",
    required=True,
    type=FILE,
    help="The counties' keys as they announced them: CSV, area and key_id.",
)
@click.option("--to", required=True, type=ANY_PATH, help="The folder to write, a new one.")
@click.option(
    "--home",
    type=HomeType(),
    callback=is_there,
    help="The prefecture's home, which says whose counties they are.",
)
@click.option(
    "--homes",
    type=FOLDER,
    help="The counties' homes, where they are kept here under one key: a folder each, by code.",
)
def command(
    folder: Path, month: str, signers: Path, to: Path, home: Home | None, homes: Path | None
) -> None:
    """Verify the counties' editions below a folder and take those of a month together: sums of counts, rates of sums.

    With --homes a person on two counties' rolls is one person, and who moved between counties is neither new nor gone.

    Example: minzheng aggregate received --month 2024-03 --signers keys.csv --to 2024-03
    """
    of = Prefecture.of(county(), regions())
    if to.exists():
        raise MinzhengError(f"{to} exists already", f"{to} 已存在，请另写一个目录")
    whole = aggregate(receive(folder, read_signers(signers), of), month, of)
    if homes:
        whole = _persons_once(whole, homes, of)
    write_aggregate(to, whole, of)
    for row in whole.missing.filter(indicator_id="").iter_rows(named=True):
        click.echo(row["sentence"])
    for kind, sentence in (("townships", "县数与乡镇数不符"), ("revision", "改动没有说明")):
        rows = whole.contradictions.filter(kind=kind)
        for area, count in rows.group_by("ref_area", maintain_order=True).len().iter_rows():
            click.echo(f"{of.counties[area]}：{sentence}{count}处")
    click.echo(
        f"{month} {of.name}：{len(whole.sources)}/{len(of.counties)}个县，更正{whole.revisions.height}处：{to}"
    )


def _persons_once(whole: Aggregate, homes: Path, of: Prefecture) -> Aggregate:
    """The aggregate with persons counted once, from the homes of all its counties."""
    with tempfile.TemporaryDirectory(dir=Home.find().create().work) as folder:
        found = {area: homes / area for area in of.counties}
        files = gather_from(found, whole.month, Path(folder))
        with together(files, [add_months(whole.month, -1), whole.month]) as connection:
            counted = counted_once(connection)
            return with_persons_once(whole, counted, moved(connection, whole.month), of)
