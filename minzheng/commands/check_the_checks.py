"""Plant known errors in clean months and say how many each rule finds: precision and recall."""

from pathlib import Path

import click

from minzheng.errors import MinzhengError


@click.command("check-the-checks")
@click.option("--persons", "sizes", type=click.IntRange(40, 5000), multiple=True, default=(40,), show_default=True,
              help="Persons on dibao per township of the drawn county; may be given several times.")  # fmt: skip
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Also write the table as CSV.")
def command(sizes: tuple[int, ...], target: Path | None) -> None:
    """Plant every known error in a clean fictitious county, one at a time, and print precision and recall per rule.

    Exit status 1 when a rule misses an error or raises a false alarm.

    Example: minzheng check-the-checks --persons 40 --persons 200 --to scoreboard.csv
    """
    from quality.scoreboard import scoreboard

    table = scoreboard(sizes)
    click.echo(f"{'规则':<6}{'植入':>6}{'查出':>6}{'误报':>6}{'精确率':>8}{'召回率':>8}  名称")
    for row in table.iter_rows(named=True):
        figures = f"{row['planted']:>8}{row['found']:>8}{row['false_alarms']:>8}{row['precision']:>11.3f}{row['recall']:>11.3f}"
        click.echo(f"{row['rule_id']:<6}{figures}  {row['title_zh']}")
    if target:
        target.write_text(table.write_csv(), encoding="utf-8")
    poor = table.filter((table["missed"] > 0) | (table["false_alarms"] > 0))["rule_id"].to_list()
    if poor:
        raise MinzhengError(
            f"{len(poor)} rules miss an error or raise a false alarm: {', '.join(poor)}",
            f"{len(poor)}条规则有漏查或误报:{'、'.join(poor)}",
        )
    click.echo(f"{table.height}条规则全部查出植入的问题,无误报")
