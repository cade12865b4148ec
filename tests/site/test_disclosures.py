"""What the law of assistance makes public is a page of the public edition from July 2026 on, and of no other."""

import pytest
from pydantic import ValidationError

from minzheng.contracts.editions import Edition, edition
from minzheng.publish.language import CHINESE
from minzheng.publish.site import page_environment
from minzheng.publish.site.book import Book
from minzheng.publish.site.pages import pages
from tests.site.county import frames


def book(month="2026-08", name="public"):
    return Book(frames(month, month), month, edition=edition(name))


def rendered(one):
    page = next(page for page in pages(one, CHINESE) if page.path == "disclosures.html")
    told = {"book": one, "say": CHINESE, "page": page, **page.context()}
    return page_environment().get_template(page.template).render(told)


def test_standards_and_money_are_listed_with_their_figures_and_the_article():
    text = rendered(book())
    for part in (
        "公开事项",
        "社会救助标准",
        "社会救助资金",
        "社会救助法第六十七条（2026年7月1日起施行）",
        "城市低保标准",
        "临时救助支出",
    ):
        assert part in text, part


@pytest.mark.parametrize(("month", "name"), [("2026-06", "public"), ("2026-08", "bureau")])
def test_before_the_law_and_in_other_editions_there_is_no_such_page(month, name):
    one = book(month, name)
    assert "disclosures.html" not in {page.path for page in pages(one, CHINESE)}


def test_a_figure_that_may_be_withheld_cannot_be_named_as_public():
    told = edition("public").model_dump()
    told["disclosures"][0]["indicators"] = ("orphan_institution",)
    with pytest.raises(ValidationError, match="must be public and may be withheld"):
        Edition.model_validate(told)
