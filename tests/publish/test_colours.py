"""A chart's colour stands in one place: drawings, pages, notebooks and workbooks read it there."""

import re

from minzheng.contracts.paths import ROOT
from minzheng.contracts.report import colours, words
from minzheng.publish.site.assets import colours_css

DRAWN = (
    "minzheng/publish",
    "minzheng/publish/analyst",
    "assets",
    "contracts/report",
    "pipelines",
    "quality",
)


def test_no_colour_of_the_charts_is_written_a_second_time():
    named = "|".join(value.removeprefix("#") for name, value in colours() if name != "text")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in DRAWN
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".py", ".yaml", ".css", ".js", ".html") and path.name != "colours.yaml"
        for match in re.finditer(rf"#(?:{named})\b", path.read_text(encoding="utf-8"), re.I)
    ]
    assert found == []


def test_the_pages_take_every_class_from_the_same_colours():
    style = colours_css()
    for word in words().statuses.values():
        assert word.fill in style
        assert word.ink in style
