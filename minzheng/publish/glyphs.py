"""Characters that no font of this machine can draw: a name in Tibetan or in a rare character never stops a report.

Such a character is drawn as its code, and a line says so. The Word report and the pages keep it: they are drawn elsewhere.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

NO_GLYPH = "本机字体缺少下列字符，文中以编码代替："


def drawable(text: str) -> tuple[str, str]:
    """A text with the code in place of each character that cannot be drawn, and the line that says so ("" where none)."""
    missing = _undrawable("".join(sorted({one for one in text if not _is_common(one)})))
    codes = {one: f"[{_code(one)}]" for one in missing}
    told = "、".join(sorted(_code(one) for one in missing))
    return text.translate(str.maketrans(codes)), f"{NO_GLYPH}{told}。" if missing else ""


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


@cache
def _is_common(character: str) -> bool:
    """Whether every Chinese font has it: the characters of GB 2312, and those of ASCII."""
    try:
        return character in "—·" or bool(
            character.encode("gb2312")
        )  # Python's table has their look-alikes
    except UnicodeEncodeError:
        return False


@cache
def _undrawable(characters: str) -> frozenset[str]:
    """Those of the characters that no font has, found by halves: usually all are there, which takes one look."""
    if not characters or _has_glyphs(characters):
        return frozenset()
    if len(characters) == 1:
        return frozenset(characters)
    half = len(characters) // 2
    return _undrawable(characters[:half]) | _undrawable(characters[half:])


@cache
def fonts() -> "typst.Fonts":
    """The fonts that Typst finds on this machine, looked for once: for each drawing it costs twice what the drawing does."""
    import typst  # heavy: its compiler is loaded

    return typst.Fonts()


def _has_glyphs(characters: Iterable[str]) -> bool:
    """Whether Typst draws them all: for an archived pdf it refuses to leave one out."""
    import typst

    lines = ", ".join(f'"\\u{{{ord(one):x}}}"' for one in characters)
    try:
        typst.compile(
            f"#({lines},).join(linebreak())".encode(),
            font_paths=fonts(),
            format="pdf",
            pdf_standards=["a-2b"],
        )
    except typst.TypstError:
        return False
    return True
