"""The two languages of pages and charts and how each says numbers, months, statuses and why a cell has no number."""

from dataclasses import dataclass
from functools import cache

from markupsafe import Markup
from pydantic import Field

from minzheng.contracts.datasets import Bilingual, Strict, dataset, dataset_names, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import Goal
from minzheng.contracts.report import Words, words
from minzheng.leads.rules import rules
from minzheng.months import month_zh
from minzheng.publish.cell import BREAK, BREAK_ZH, Cell
from minzheng.publish.numbers import printed
from minzheng.publish.report.assurance import dataset_title

MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SYMBOLS = {"diamond": "◆", "circle": "●", "triangle": "▲", "square": "■", "cross": "✖"}


class SiteWords(Strict):
    """`contracts/report/site.yaml`; `control_room` is the address of the Dagster UI, empty for no links to it."""

    control_room: str = Field(default="", pattern=r"^(https?://\S+[^/\s])?$")
    subjects: dict[str, Bilingual]
    units: dict[str, str]
    natures: dict[str, Bilingual]
    directions: dict[str, Bilingual]
    severities: dict[str, Bilingual]
    kinds: dict[str, Bilingual]
    windows: dict[str, Bilingual]
    movement: dict[str, Bilingual]
    unparted: dict[str, Bilingual]


@cache
def site_words() -> SiteWords:
    """The words of the site."""
    return SiteWords.model_validate(read_yaml(CONTRACTS / "report" / "site.yaml"))


# What stands in a cell without a number: text, and what it means. Four different signs for four different things.
NO_NUMBER = {
    "missing": ("缺报", "missing", "缺报：未报送", "missing: not reported"),
    "suppressed": ("＊", "＊", "为保护个人不予公布", "withheld to protect persons"),
    "not_applicable": ("—", "—", "不适用：无适用对象", "not applicable"),
    "absent": ("", "", "无此数据", "no such figure"),
}
NOTHING = Markup("")
MARKS = {
    "E": ("推算", "estimated"),
    "P": ("初步数", "provisional"),
    "U": ("不完整，有待更正", "incomplete, rows are open"),
}
ENGLISH_BREAKS = {
    "definition": "new definition",
    "population": "population source",
    "plan": "redefined by the plan",
}
BREAKS = {kind: (chinese, ENGLISH_BREAKS[kind]) for kind, chinese in BREAK_ZH.items()}


@dataclass(frozen=True)
class Language:
    """One of the page's languages: `code` for `lang`, `folder` under the site's root."""

    code: str
    folder: str

    @property
    def chinese(self) -> bool:
        """Whether this is Chinese."""
        return self.code == "zh-CN"

    def t(self, zh: str, en: str) -> str:
        """The text of this language."""
        return zh if self.chinese else en

    def word(self, entry: Bilingual) -> str:
        """The word of this language."""
        return entry.zh if self.chinese else entry.en

    def term(self, family: str, code: str | None) -> str:
        """A word of `contracts/report/words.yaml` or `site.yaml`; the code itself where neither knows it."""
        held = words() if family in Words.model_fields else site_words()
        entry = getattr(held, family).get(code)
        return (code or "") if entry is None else self.word(entry)

    def dataset(self, name: str) -> str:
        """The dataset's title in this language; its code where there is no such contract."""
        if self.chinese:
            return dataset_title(name)
        return dataset(name).title.en if name in dataset_names() else name

    def lead(self, rule_id: str, title_zh: str) -> str:
        """The title of a lead rule in this language; as released where the rule is no more."""
        return (
            title_zh
            if self.chinese
            else next((one.title.en for one in rules() if one.rule_id == rule_id), title_zh)
        )

    def unit(self, unit: str | None) -> str:
        """The unit in this language."""
        return (unit or "") if self.chinese else site_words().units.get(unit or "", unit or "")

    def with_unit(self, text: str, unit: str | None) -> str:
        """`12张`, `12 beds`, `48.0%`; a plain number or a flag has no unit."""
        if not unit or unit == "是/否":
            return text
        return text + unit if self.chinese or unit == "%" else f"{text} {self.unit(unit)}"

    def month(self, month: str | None) -> str:
        """2024年3月 or Mar 2024; a year stays a year."""
        if not month:
            return ""
        if len(month) == 4:
            return self.t(f"{month}年", month)
        return month_zh(month) if self.chinese else f"{MONTHS_EN[int(month[5:7]) - 1]} {month[:4]}"

    def sign(self, state: str) -> str:
        """What stands in the place of a number that is missing, withheld or not applicable."""
        return self.t(*NO_NUMBER[state][:2])

    def number(self, value: float | None, decimals: int) -> str:
        """The value as printed; empty for None."""
        return "" if value is None else printed(value, decimals)

    def status(self, code: str | None, goal: Goal | None = None) -> Markup:
        """Symbol, word and colour of a progress class; of a floor or cap whether it was kept."""
        if code is None:
            return Markup('<span class="status none">○ {}</span>').format(
                self.word(words().unjudged)
            )
        entry = words().statuses[code]
        return Markup(
            '<span class="status {}"><span aria-hidden="true">{}</span> {}</span>'
        ).format(
            code, SYMBOLS[entry.shape], self.word(words().goals.get(goal, {}).get(code, entry))
        )

    def state(self, code: str) -> Markup:
        """Symbol, word and tone of an arrival or check."""
        entry = words().states[code]
        return Markup('<span class="tone {}"><span aria-hidden="true">{}</span> {}</span>').format(
            entry.tone, entry.symbol, self.word(entry)
        )

    def cell(self, cell: Cell | None) -> Markup:
        """A cell of a table: value with E or P, or the sign of why there is none, with its meaning for screen readers."""
        if cell is None:
            return NOTHING
        if cell.state != "value":
            return self._no_number(cell.state)
        span = cell.span if cell.mark == "U" else ""
        may_be = self.t(f"（可能为{span}）", f" (may be {span})") if span else ""
        return Markup(cell.printed + (self._mark(cell.mark) + may_be if cell.mark else ""))

    def first_cell(self, kind: str) -> Markup:
        """What stands behind the first cell after a change of definition or population source."""
        return Markup('<sup><abbr title="{}">{}</abbr></sup>').format(self.t(*BREAKS[kind]), BREAK)

    def mark(self, mark: str) -> Markup:
        """The raised letter of an estimate, a provisional or an incomplete figure; nothing for any other."""
        return Markup(self._mark(mark)) if mark else NOTHING

    @cache  # noqa: B019 - there are two languages
    def _mark(self, mark: str) -> str:
        return f'<sup><abbr title="{self.t(*MARKS[mark])}">{mark}</abbr></sup>'

    @cache  # noqa: B019
    def _no_number(self, state: str) -> Markup:
        zh, en, meaning_zh, meaning_en = NO_NUMBER[state]
        if state == "absent":
            return NOTHING
        if state == "missing":
            return Markup(f'<span class="no missing">{self.t(zh, en)}</span>')
        heard = self.t(meaning_zh, meaning_en)
        return Markup(
            f'<span class="no"><span aria-hidden="true">{zh}</span><span class="hear">{heard}</span></span>'
        )


CHINESE, ENGLISH = Language("zh-CN", ""), Language("en", "en")
LANGUAGES = (CHINESE, ENGLISH)
