"""What a number looks like under its format: a sheet keeps 0.041 and shows 4.1%, keeps 486000 and shows 486.

Codes as in ECMA-376 part 1, 18.8.30-31: sections by `;`, placeholders `0 # ?`, `%` for hundred times, each comma behind the last
digit for a thousandth, literals in quotes or behind `\\` (East Asian versions also write `!`).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
}
BUILT_IN |= {
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: "#,##0",
    42: "#,##0",
    43: "#,##0.00",
    44: "#,##0.00",
}
_TOKEN = re.compile(
    r'"([^"]*)"|[\\!](.)|[_*].|\[([^\]]*)\]|([0#?])|(\.)|(,)|(%)|(General|G/通用格式)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_SECTIONS = re.compile(r'(?:"[^"]*"|[\\!].|\[[^\]]*\]|[^;"\\!\[])+|(?<=;)(?=;|$)|^(?=;)', re.DOTALL)
_CONDITION = re.compile(r"([<>=]{1,2})\s*(-?[0-9.]+)")
UNITS = "十百千万亿"
_DATES = "yYmMdDhHsSeE/@aAgGbB"  # what makes a section one of dates, times, fractions, powers of ten or text
DUST = Decimal("1e-7")  # what binary fractions leave behind


@dataclass(frozen=True)
class Section:
    """One section of a code: literals before, between and behind the digits, and how the number is scaled and cut.

    `whole` are the placeholders of the whole part from the left, each with the literal in front of it.
    """

    condition: tuple[str, float] | None
    whole: tuple[tuple[str, str], ...]
    decimals: int
    scale: Decimal
    behind: str
    plain: bool  # nothing that a person would read as another number: at most decimals cut, or words around

    def fits(self, value: float) -> bool:
        """Whether the section's own condition holds."""
        sign, limit = self.condition
        return {"<": value < limit, ">": value > limit, "=": value == limit, "<=": value <= limit, ">=": value >= limit,
                "<>": value != limit}.get(sign, False)  # fmt: skip


@cache
def sections_of(code: str) -> tuple[Section, ...] | None:
    """The sections of a code; None for one that shows dates, fractions, powers of ten, or the number as it is."""
    found = tuple(_section(text) for text in _SECTIONS.findall(code)[:3])
    return (
        None
        if not found or all(section is None for section in found) or found[0] is None
        else found
    )


def _section(text: str) -> Section | None:
    condition, literal, whole = None, "", []
    digits, decimals, scale, commas = False, 0, Decimal(1), 0
    point = False
    for (
        quoted,
        escaped,
        bracket,
        placeholder,
        dot,
        comma,
        hundred,
        general,
        other,
    ) in _TOKEN.findall(text):
        if general or (other and other in _DATES):
            return None
        if placeholder:
            digits, commas = True, 0
            decimals += point
            whole += [] if point else [(literal, placeholder)]
            literal = ""
        elif dot:
            point, scale, commas = True, scale / Decimal(1000) ** commas, 0
        elif comma:
            commas += digits
        elif bracket:
            named = _CONDITION.fullmatch(bracket)
            condition = (named[1], float(named[2])) if named else condition
            literal += bracket[1:].split("-")[0] if bracket.startswith("$") else ""
        else:
            scale *= 100 if hundred else 1
            literal += hundred or quoted or escaped or other
    if not digits:
        return None
    scale /= Decimal(1000) ** commas
    around = "".join(word for word, _ in whole) + literal
    padded = sum(mark == "0" for _, mark in whole) > 1
    between = any(word.strip() for word, _ in whole[1:])
    plain = scale == 1 and not between and not padded and not re.search(rf"[0-9{UNITS}]", around)
    return Section(condition, tuple(whole), decimals, scale, literal.strip(), plain)


def shown(value: float, code: str) -> tuple[str, bool] | None:
    """The number as its sheet shows it, as text without grouping, and whether digits are hidden; None where it speaks for itself.

    A negative number keeps its sign, whatever stands around it.
    """
    sections = sections_of(code)
    if sections is None:
        return None
    section = _chosen(sections, value)
    if section is None:
        return None
    exact = abs(Decimal(repr(float(value)))) * section.scale
    cut = exact.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP)
    hidden = abs(exact - cut) > DUST
    if section.plain and exact == exact.to_integral_value():
        return None
    whole, _, rest = f"{cut:f}".partition(".")
    text = _placed(section, whole) + (f".{rest}" if rest else "")
    if not section.plain:
        text += section.behind
    return ("-" if value < 0 and cut else "") + text, hidden


def value_behind(value: float, code: str) -> float | None:
    """What a cell must hold so that a person sees `value` under its format; None where no number is seen as that.

    Under `0.0%` 65.5 is 0.655; under a format with a unit word (万) a plain number cannot be shown.
    """
    section = _chosen(sections, value) if (sections := sections_of(code)) else None
    if section is None or section.plain:
        return value
    kept = float(Decimal(repr(float(value))) / section.scale)
    text = (shown(kept, code) or ("", True))[0].removesuffix("%")
    try:
        seen = abs(float(text) - value) <= 0.5 / 10**section.decimals
    except ValueError:
        return None
    return kept if seen else None


def _chosen(sections: tuple[Section | None, ...], value: float) -> Section | None:
    if any(section and section.condition for section in sections):
        for section in sections[:2]:
            if section and section.condition and section.fits(value):
                return section
        return next(
            (section for section in reversed(sections) if section and not section.condition), None
        )
    place = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    return sections[place]


def _placed(section: Section, digits: str) -> str:
    """The digits of the whole part in their placeholders, literals between them kept where a person reads a number in them."""
    if section.plain:
        return digits
    marks, text = list(section.whole), ""
    digits = "" if digits == "0" else digits
    for literal, mark in reversed(marks):
        digit = digits[-1:] or ("0" if mark == "0" else "")
        digits = digits[:-1]
        text = (literal if digit and (literal, mark) != marks[0] else "") + digit + text
    before = marks[0][0].strip() if marks else ""
    return (before if re.search(r"[0-9A-Za-z\u4e00-\u9fff]", before) else "") + digits + text or "0"
