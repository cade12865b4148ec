"""A chart's colour stands in one place: drawings, pages, notebooks and workbooks read it there."""

from minzheng.contracts.report import words
from minzheng.publish.site.assets import colours_css


def test_the_pages_take_every_class_from_the_same_colours():
    style = colours_css()
    for word in words().statuses.values():
        assert word.fill in style
        assert word.ink in style
