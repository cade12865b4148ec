"""The settings of a home, `settings.toml`: of each setting what it does, its unit and its default, in one typed file.

A file that is not there sets nothing. An unknown key is refused with the nearest name, a wrong value with file, line and
what is allowed. Where the home and its key lie cannot stand in the home: MINZHENG_HOME and MINZHENG_KEY_FILE say it.
A new section is a model here and a field of `Settings`; the documented file and the page of the docs follow from it.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from minzheng.contracts.datasets import Strict
from minzheng.contracts.regions import townships
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError

HEAD = """\
# 本机设置 · Settings of this home
# 每项上方写明作用、单位和默认值；行首有 # 的一行不起作用，去掉 # 并改写等号后的值即可。
# Each setting is explained above it. A line that begins with # sets nothing: take the # away and change the value.
# 改完后运行 minzheng settings 核对：写错的项会指出行号和可填的内容。
"""
EACH = "<code>"


def setting(
    zh: str,
    en: str,
    default: Any = ...,
    *,
    unit: str = "",
    without: str = "",
    example: Any = None,
    **limits: Any,
):
    """A field: what it does in both languages, its default and limits.

    `unit` of its value; `without`: what happens when nothing is set, where no default value can say it; `example`: a value
    for the documented file where there is no default.
    """
    told = {"en": en, "unit": unit, "without": without, "example": example}
    return Field(default, description=zh, json_schema_extra=told, **limits)


class Mail(Strict):
    """How to mail."""

    host: str = setting("邮件服务器地址。", "The mail server.", example="mail.example.gov.cn")
    port: int = setting("邮件服务器端口。", "Its port.", 25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = setting(
        "连接的加密方式；none 只用于本机。",
        "How the connection is encrypted; none is for this machine alone.",
        "starttls",
    )
    ca_file: Path | None = setting(
        "单位自建证书机构的证书文件。", "Certificates of the office's own authority.", None, without="用系统自带的证书",
        example="/etc/minzheng/tls/ca.pem",
    )  # fmt: skip
    sender: str = setting(
        "发件人邮箱。", "The sender's address.", pattern="@", example="minzheng@example.gov.cn"
    )
    to: list[str] = setting(
        "接收提醒的邮箱，可写多个。",
        "Who gets alerts.",
        min_length=1,
        example=["clerk@example.gov.cn"],
    )
    user: str | None = setting(
        "登录名。", "The user to log in as.", None, without="不登录", example="minzheng"
    )
    password_file: Path | None = setting(
        "写有密码的文件，须只有本用户可读（0600）；密码不写在本文件。",
        "A file with the password, readable by its owner alone; the password itself never stands here.", None,
        without="不登录", example="/etc/minzheng/mail.password",
    )  # fmt: skip


class Contact(Strict):
    """Whom to turn to in a township (or, by the county's code, in the bureau)."""

    name: str = setting("经办人或科室。", "The clerk or office.", example="社会事务办公室")
    email: str | None = setting(
        "邮箱：退回清单和催报发往此处。", "Where return lists and reminders go.", None, without="不发邮件", pattern="@",
        example="office@example.gov.cn",
    )  # fmt: skip
    phone: str | None = setting(
        "电话。", "Telephone.", None, without="清单上不印电话", example="0970-0000000"
    )


class Site(Strict):
    """Where the planners' pages are served."""

    url: str | None = setting(
        "规划网页对外的网址：控制室里的“网页”“改动说明”由此可点开。",
        "Where nginx serves the newest release's pages: the control room links there.", None,
        without="控制室只写页面的文件名", pattern="^https?://", example="https://minzheng.example/latest/site",
    )  # fmt: skip


class Warehouse(Strict):
    """What the warehouse may use of the machine."""

    threads: int | None = setting(
        "计算时同时使用的处理器核数；少则慢，给别的程序留余地。",
        "Processor cores a computation may use; fewer are slower.", None, unit="核", without="全部", ge=1, le=1024,
        example=2,
    )  # fmt: skip
    memory: str | None = setting(
        "计算时占用内存的上限；超出部分写到数据目录的 work 中，变慢但不出错。",
        "Most memory a computation keeps; the rest is spilled into the home's work folder.", None, unit="MB 或 GB",
        without="内存的一半", pattern=r"^[1-9][0-9]* ?(MB|GB)$", example="2GB",
    )  # fmt: skip


TownshipCode = Annotated[str, Field(pattern="^([0-9]{6}|[0-9]{9})$")]


class Settings(Strict):
    """All settings of a home; every section may be left out."""

    warehouse: Warehouse = Field(Warehouse(), description="数据仓库可占用的机器资源")
    site: Site = Field(Site(), description="规划网页")
    mail: Mail | None = Field(
        None, description="邮件；不写本节则不发邮件，提醒只写入 alerts.json 和网页"
    )
    contacts: dict[TownshipCode, Contact] = Field(
        {}, description="各乡镇经办人，每个乡镇一节，节名是九位代码（县民政局是六位）"
    )


def settings(home: Home) -> Settings:
    """The settings of `home`; `MinzhengError` names file, line, key and what is allowed."""
    path = home.settings
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError:
        raise MinzhengError(
            f"{path} is not UTF-8: save it as UTF-8", f"{path} 不是 UTF-8 编码：请另存为 UTF-8"
        ) from None
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise _wrong(
            path, int(place[1]) if place else None, f"not TOML: {error}", "写法不对（文字要加引号）"
        ) from None
    try:
        return Settings.model_validate_json(json.dumps(told, default=str), strict=True)
    except ValidationError as error:
        raise _of(path, text, error) from None


def _wrong(path: Path, line: int | None, en: str, zh: str) -> MinzhengError:
    at, where = (f" line {line}", f" 第{line}行") if line else ("", "")
    return MinzhengError(f"{path}{at}: {en}", f"{path}{where}：{zh}")


def _of(path: Path, text: str, error: ValidationError) -> MinzhengError:
    """The first fault of a settings file, by where it stands and what would be right."""
    fault = error.errors(include_url=False)[0]
    place = [str(part) for part in fault["loc"] if not isinstance(part, int) and part != "[key]"]
    name, line = ".".join(place), line_of(text, place)
    if fault["type"] == "extra_forbidden":
        nearest = nearest_name(place)
        hint, rat = (
            (f"did you mean {nearest}?", f"是否应为 {nearest}？")
            if nearest
            else ("take it out", "请删去")
        )
        return _wrong(
            path, line, f"there is no setting {name}; {hint}", f"没有 {name} 这项设置；{rat}"
        )
    if fault["type"] == "missing":
        return _wrong(path, line, f"{name} must be set too", f"缺少 {name}")
    field = dict(named_fields()).get(".".join(_each(place)))
    if field:
        en, zh = allowed(field)
    elif len(place) > 1 and fault["type"] == "string_pattern_mismatch":
        en, zh = (
            "named by a township's nine digits, or the county's six",
            "乡镇九位代码或县六位代码",
        )
    else:
        en, zh = f"a section [{name}] with its settings below", f"一节：[{name}]，各项写在其下"
    return _wrong(path, line, f"{name} must be {en}", f"{name} 应为 {zh}")


def line_of(text: str, place: list[str]) -> int | None:
    """The line, from 1, of a key in a TOML text (`["mail", "port"]`), else of the section it belongs to; None for neither."""
    section: list[str] = []
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            section = _parts(head[1])
            for depth in range(1, len(section) + 1):
                found.setdefault(tuple(section[:depth]), number)
        elif key := re.match(r"\s*([\w\".'-]+)\s*=", line):
            found.setdefault((*section, *_parts(key[1])), number)
    return next(
        (found[tuple(place[:n])] for n in range(len(place), 0, -1) if tuple(place[:n]) in found),
        None,
    )


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def section_of(field: FieldInfo) -> tuple[type[Strict] | None, bool]:
    """The model of a section, and whether it stands once for each code; (None, False) for a plain setting."""
    inner = [
        part for part in (field.annotation, *get_args(field.annotation)) if isinstance(part, type)
    ]
    model = next((part for part in inner if issubclass(part, Strict)), None)
    return model, model is not None and dict in (getattr(field.annotation, "__origin__", None),)


def named_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by its full name, in order; `contacts.<code>.email` stands for each code."""
    for section, field in Settings.model_fields.items():
        model, each = section_of(field)
        for name, inner in model.model_fields.items():
            yield ".".join((section, EACH, name) if each else (section, name)), inner


def _each(place: list[str]) -> list[str]:
    """A place with the code of a section that stands for each code left open."""
    each = (
        place
        and place[0] in Settings.model_fields
        and section_of(Settings.model_fields[place[0]])[1]
    )
    return [place[0], EACH, *place[2:]] if each and len(place) > 1 else place


def nearest_name(place: list[str]) -> str | None:
    """The setting or section whose name is nearest to an unknown one."""
    names = [name for name, _ in named_fields()] + list(Settings.model_fields)
    whole = difflib.get_close_matches(".".join(_each(place)), names, 1, 0.6)
    by_leaf = {name.rsplit(".", 1)[-1]: name for name in reversed(names)}
    leaf = difflib.get_close_matches(place[-1], by_leaf, 1, 0.6)
    found = by_leaf[leaf[0]] if leaf else whole[0] if whole else None
    return found.replace(EACH, place[1]) if found and len(place) > 1 else found


def allowed(field: FieldInfo) -> tuple[str, str]:
    """What a setting may be, in English and Chinese."""
    kinds = [
        part
        for part in (get_args(field.annotation) or (field.annotation,))
        if part is not type(None)
    ]
    limits = {}
    for rule in field.metadata:
        limits |= {name: getattr(rule, name) for name in ("ge", "le") if hasattr(rule, name)}
    told = field.json_schema_extra
    sample = told["example"]
    if all(isinstance(kind, str) for kind in kinds):
        return f"one of {', '.join(kinds)}", f"{'、'.join(kinds)} 之一"
    if int in kinds and getattr(field.annotation, "__origin__", None) is not list:
        span = f"{limits['ge']} to {limits['le']}", f"{limits['ge']} 到 {limits['le']}"
        return f"a whole number from {span[0]}", f"{span[1]} 的整数（不加引号）"
    if getattr(field.annotation, "__origin__", None) is list:
        return (
            f"a list of texts such as {toml_value(sample)}",
            f"用方括号列出的文字，如 {toml_value(sample)}",
        )
    return f"a text such as {toml_value(sample)}", f"加引号的文字，如 {toml_value(sample)}"


def toml_value(value: Any) -> str:
    """A value as TOML writes it; JSON writes texts, numbers and lists the same way."""
    return json.dumps(
        value if isinstance(value, (str, int, list)) else str(value), ensure_ascii=False
    )


def default_zh(field: FieldInfo) -> str:
    """The default of a setting, or what happens without it."""
    if field.is_required():
        return "无，本节写了就必填"
    return field.json_schema_extra["without"] or str(field.default)


def documented() -> str:
    """The settings file with every setting explained and none set."""
    lines = [HEAD]
    for section, field in Settings.model_fields.items():
        model, each = section_of(field)
        lines += [
            f"# ── {field.description} ──",
            f"# [{section}{f'.{next(iter(townships()))}' if each else ''}]",
        ]
        for name, inner in model.model_fields.items():
            told = inner.json_schema_extra
            unit = f"单位：{told['unit']}。" if told["unit"] else ""
            lines += [f"# {inner.description}{unit}默认：{default_zh(inner)}。", f"# {told['en']}"]
            lines += [
                f"#{name} = {toml_value(inner.default if told['example'] is None else told['example'])}"
            ]
        lines.append("")
    return "\n".join(lines)


def write_documented(home: Home) -> bool:
    """Put the documented file into a home that has none; False, and nothing changed, when there is one."""
    if home.settings.exists():
        return False
    home.create()
    with home.settings.open("x", encoding="utf-8") as file:
        file.write(documented())
    home.settings.chmod(0o600)
    return True


def in_force(given: Settings) -> Iterator[tuple[str, str]]:
    """Every setting by its full name, with its value as the file would write it or what holds without one, in Chinese."""
    for section, field in Settings.model_fields.items():
        model, each = section_of(field)
        part = getattr(given, section)
        parts = (
            {f"{section}.{code}": one for code, one in part.items()} if each else {section: part}
        )
        if not parts or part is None:
            yield f"[{section}]", f"未设置（{field.description}）"
            continue
        for prefix, one in parts.items():
            for name, inner in model.model_fields.items():
                value = getattr(one, name)
                told = default_zh(inner) if value is None else toml_value(value)
                yield f"{prefix}.{name}", told if value is not None else f"未设置：{told}"
