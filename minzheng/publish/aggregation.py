"""The counties' editions for the prefecture, taken together: verified, summed, compared with themselves.

Of the editions alone a person on two counties' rolls counts twice; where the prefecture keeps the counties' homes under one key,
each person counts once (`minzheng.indicators.across`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.paths import read_list
from minzheng.contracts.regions import Region, short
from minzheng.disclosure.frames import REVISIONS, SCHEMAS
from minzheng.errors import MinzhengError, WrongCall, printable
from minzheng.indicators.revisions import CELL
from minzheng.publish.release.files import write_csv
from minzheng.publish.release.manifest import MANIFEST, Manifest, read_manifest, signer, verify
from minzheng.publish.release.writing import released_frame

EDITION = "prefecture"
AT = ("indicator_id", "time_period", *DIMENSIONS)
"""A cell without its area."""
ADDED = ("stock", "flow", "ytd")
"""Measures whose counties add up to their prefecture, where they are no ratios."""
CONTRADICTIONS = {**{name: pl.String for name in CELL}, "stated": pl.Float64, "other": pl.Float64}
CONTRADICTIONS |= {"kind": pl.String, "sentence": pl.String}
MISSING = {"ref_area": pl.String, "indicator_id": pl.String, "sentence": pl.String}


@dataclass(frozen=True)
class Prefecture:
    """A prefecture with its counties, code to name, and the number of townships of each."""

    code: str
    name: str
    counties: Mapping[str, str]
    townships: Mapping[str, int]

    @classmethod
    def of(cls, code: str, regions: Iterable[Region]) -> "Prefecture":
        """The prefecture `code` of a list of regions; `WrongCall` where it is none."""
        rows = {region.code: region for region in regions}
        here = rows[code]
        if here.level != "prefecture":
            raise WrongCall(
                f"{here.name} is no prefecture: make its home with `minzheng init --region`",
                f"{here.name}不是地州：请先用 minzheng init --region 建立地州的数据目录",
            )
        counties = {one.code: one.name for one in rows.values() if one.level == "county"}
        townships = Counter(one.parent for one in rows.values() if one.level == "township")
        return cls(code, here.name, counties, townships)


@dataclass(frozen=True)
class Received:
    """An edition as a county sent it: its county, what its manifest and its two tables say."""

    area: str
    manifest: Manifest
    observations: pl.DataFrame
    revisions: pl.DataFrame

    @property
    def order(self) -> tuple[str, int]:
        """Month and number of the revision: 2024-03-r2 comes before 2024-03-r10."""
        month, _, number = self.manifest.release.rpartition("-r")
        return month, int(number)


@dataclass(frozen=True)
class Aggregate:
    """What the editions of a month say together: figures of counties and prefecture, and what is wrong with them."""

    month: str
    sources: Mapping[str, str]
    observations: pl.DataFrame
    revisions: pl.DataFrame
    missing: pl.DataFrame
    contradictions: pl.DataFrame
    movement: pl.DataFrame | None = None


def read_signers(path: Path) -> dict[str, str]:
    """The key that each county announced, by county: a CSV with the columns `area` and `key_id`."""
    try:
        return {short(row["area"].strip()): row["key_id"].strip() for row in read_list(path)}
    except (KeyError, UnicodeDecodeError, AttributeError):
        raise MinzhengError(
            f"{path.name} is no list of keys: its columns are area and key_id",
            f"{path.name} 应有 area、key_id 两列：县代码和该县公布的签名密钥",
        ) from None


def receive(folder: Path, signers: Mapping[str, str], of: Prefecture) -> list[Received]:
    """Every edition for the prefecture below a folder, verified, in the order of county, month and revision.

    `MinzhengError` for the first one that is tampered with, unsigned, signed by another key than its county announced, not
    of a county of this prefecture, or that lies in another county's folder.
    """
    found = []
    for manifest in sorted(folder.rglob(MANIFEST)):
        if read_manifest(manifest.parent).content.get("edition") == EDITION:
            found.append(_received(folder, manifest.parent, signers, of))
    if not found:
        raise MinzhengError(
            f"no edition for the prefecture in {folder}", f"{folder} 中没有各县的报州版"
        )
    return sorted(found, key=lambda one: (one.area, one.order))


def _received(top: Path, folder: Path, signers: Mapping[str, str], of: Prefecture) -> Received:
    name = printable(folder.relative_to(top).as_posix())
    if faults := verify(folder):
        raise _refused(name, faults[0], "与签发时的内容不一致，或没有签名")
    figures = released_frame(folder, "observations")
    areas = set(figures["ref_area"].str.slice(0, 6))
    area = next(iter(areas), "")
    if len(areas) != 1 or area not in of.counties:
        raise _refused(name, f"not of one county of {of.name}", "不是本州一个县的")
    if other := {*folder.relative_to(top).parts} & (of.counties.keys() - {area}):
        raise _refused(
            name, f"of {area}, in the folder of {min(other)}", f"{area}的件放在别县目录中"
        )
    manifest = read_manifest(folder)
    if signer(manifest) != signers.get(area):
        raise _refused(
            name,
            f"signed with key {signer(manifest)}, not with the one that {area} announced",
            f"签名密钥不是{of.counties[area]}公布的",
        )
    kinds = {"old_value": pl.Float64, "new_value": pl.Float64}
    told = pl.read_csv(folder / "revisions.csv", schema_overrides=REVISIONS | kinds)
    return Received(area, manifest, figures, told)


def _refused(name: str, en: str, zh: str) -> MinzhengError:
    return MinzhengError(f"{name}: {en}", f"{name}：{zh}")


def aggregate(received: Sequence[Received], month: str, of: Prefecture) -> Aggregate:
    """The newest edition of the month of each county, together.

    `MinzhengError` where two counties count a cell by different versions of its definition.
    """
    newest = {one.area: one for one in received if one.order[0] == month}
    if not newest:
        raise MinzhengError(
            f"no county's edition of {month} was received", f"没有收到任何县{month}的件"
        )
    rows = pl.concat([one.observations for one in newest.values()])
    rows = rows.filter(pl.col("time_period") <= month)
    _refuse_mixed(rows)
    summed = summed_up(rows.filter(pl.col("ref_area").str.len_chars() == 6), of)
    return Aggregate(
        month,
        {area: one.manifest.release for area, one in newest.items()},
        pl.concat([summed, rows]).sort("ref_area", *AT),
        pl.concat([pl.DataFrame(schema=REVISIONS)] + [one.revisions for one in newest.values()]),
        missing(rows, month, of),
        pl.concat([beside_townships(rows, of), undeclared_changes(received)]),
    )


def _refuse_mixed(rows: pl.DataFrame) -> None:
    versions = pl.col("definition_version").filter(pl.col("definition_version") != "")
    mixed = rows.group_by("indicator_id", "time_period").agg(versions.unique().sort())
    mixed = mixed.filter(pl.col("definition_version").list.len() > 1)
    if not mixed.is_empty():
        name, period, told = mixed.sort("indicator_id", "time_period").row(-1)
        raise MinzhengError(
            f"{name} of {period} is counted by different definitions: {', '.join(told)}",
            f"{name}（{period}）各县口径版本不同：{'、'.join(told)}，不能汇总",
        )


def summed_up(rows: pl.DataFrame, of: Prefecture) -> pl.DataFrame:
    """The prefecture's cells from its counties': sums of counts, ratios of sums, a standard where all have the same.

    A cell is missing where a county tells nothing of the indicator that month. A ratio of sums lies between the counties'
    smallest and largest: so do its bounds. Where a county has no bound, neither has the prefecture.
    """
    cells = _together(rows, of).join(_kinds(), on="indicator_id")
    ratio = pl.when(pl.col("denominator") > 0).then(pl.col("numerator") / pl.col("denominator"))
    same = pl.when(pl.col("values") == 1).then("largest")
    value = pl.when("ratio").then(ratio * pl.col("multiplier")).when("added").then("sum")
    cells = cells.with_columns(obs_value=value.otherwise(same))
    letters = {"M": pl.col("lacking"), "L": pl.col("none") | pl.col("obs_value").is_null()}
    letters |= {"U": pl.col("open"), "E": pl.col("estimated"), "A": pl.lit(True)}
    status = pl.coalesce(pl.when(holds).then(pl.lit(one)) for one, holds in letters.items())
    cells = cells.with_columns(obs_status=status, ref_area=pl.lit(of.code), release=pl.lit(""))
    shown = pl.col("obs_status").is_in(["A", "E", "U"])
    counted = pl.col("ratio") | pl.col("added")
    bounds = {
        f"{end}_bound": pl.when(~pl.col(f"{end}_open")).then(
            pl.when("added").then(f"{end}_sum").otherwise(f"{end}_bound")
        )
        for end in ("lower", "upper")
    }
    told = {"obs_value": pl.col("obs_value"), **bounds}
    told |= {"numerator": pl.when(counted).then("numerator")}
    told |= {"denominator": pl.when("ratio").then("denominator")}
    cells = cells.with_columns(**{name: pl.when(shown).then(each) for name, each in told.items()})
    return cells.select(*SCHEMAS["observations"]).cast(SCHEMAS["observations"])


def _together(rows: pl.DataFrame, of: Prefecture) -> pl.DataFrame:
    """What the counties say of each cell: their sum, smallest and largest, and whether all could tell."""
    status = pl.col("obs_status")
    valued = status.is_in(["A", "E", "U"])
    telling = pl.col("ref_area").n_unique().over("indicator_id", "time_period")
    cells = (
        rows.with_columns(telling=telling)
        .group_by(AT)
        .agg(
            *(pl.col(name).first() for name in ("freq", "decimals", "unit_measure", "conf_status")),
            pl.col("definition_version").max(),
            pl.col("numerator", "denominator").sum(),
            sum=pl.col("obs_value").sum(),
            values=pl.col("obs_value").drop_nulls().n_unique(),
            largest=pl.col("obs_value").max(),
            lower_bound=pl.col("lower_bound").min(),
            upper_bound=pl.col("upper_bound").max(),
            lower_sum=pl.col("lower_bound").sum(),
            upper_sum=pl.col("upper_bound").sum(),
            lower_open=(valued & pl.col("lower_bound").is_null()).any(),
            upper_open=(valued & pl.col("upper_bound").is_null()).any(),
            none=(status == "L").all(),
            lacking=(status == "M").any() | (pl.col("telling").min() < len(of.counties)),
            open=(status == "U").any(),
            estimated=(status == "E").any(),
            told=pl.col("ref_area").filter(status != "M"),
        )
    )
    absent = pl.concat_str(
        *(
            pl.when(~pl.col("told").list.contains(code)).then(pl.lit(name))
            for code, name in of.counties.items()
        ),
        separator="、",
        ignore_nulls=True,
    )
    return cells.with_columns(note=pl.when("lacking").then("缺：" + absent).otherwise(pl.lit("")))


def _kinds() -> pl.DataFrame:
    """How the counties of an indicator come together: `ratio` of sums, `added`, or neither."""
    rows = [
        (code, each.denominator is not None, each.measure in ADDED and each.denominator is None)
        + (float(each.multiplier),)
        for code, each in registry().items()
    ]
    columns = ["indicator_id", "ratio", "added", "multiplier"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def missing(rows: pl.DataFrame, month: str, of: Prefecture) -> pl.DataFrame:
    """What is not there of the month: counties without an edition, and indicators that a county could not tell, and why."""
    came = set(rows["ref_area"].str.slice(0, 6))
    absent = [
        (code, "", f"{name}：未收到") for code, name in of.counties.items() if code not in came
    ]
    own = rows.filter(
        pl.col("ref_area").str.len_chars() == 6,
        pl.col("time_period") == month,
        pl.col("obs_status") == "M",
    )
    lacking = own.unique(["ref_area", "indicator_id"], keep="first", maintain_order=True)
    told = [pl.DataFrame(absent, schema=MISSING, orient="row")]
    told.append(lacking.select("ref_area", "indicator_id", pl.col("note").alias("sentence")))
    return pl.concat(told)


def beside_townships(rows: pl.DataFrame, of: Prefecture) -> pl.DataFrame:
    """Counts of a county that its townships' cannot make: above their sum (but for what the bureau reports itself), or below one.

    Below the sum is right: a person on two townships' rolls is one person of the county.
    """
    counts = [
        code
        for code, each in registry().items()
        if each.measure in ADDED and each.denominator is None and not each.items
        and "township" in each.areas
    ]  # fmt: skip
    sure = rows.filter(pl.col("indicator_id").is_in(counts), pl.col("obs_status").is_in(["A", "E"]))
    length = pl.col("ref_area").str.len_chars()
    towns = sure.filter(length == 9).with_columns(pl.col("ref_area").str.slice(0, 6))
    towns = towns.group_by(CELL).agg(
        pl.col("obs_value").sum().alias("sum"), pl.col("obs_value").max().alias("most"), pl.len()
    )
    both = sure.filter(length == 6).join(towns, on=CELL, how="inner")
    whole = pl.col("ref_area").replace_strict(of.townships, return_dtype=pl.UInt32) == pl.col("len")
    over = whole & (pl.col("obs_value") > pl.col("sum") + 1e-6)
    under = pl.col("obs_value") < pl.col("most") - 1e-6
    other = pl.when(over).then("sum").otherwise("most")
    sentence = (
        pl.when(over)
        .then(pl.lit("全县数大于各乡镇之和"))
        .otherwise(pl.lit("全县数小于其中一个乡镇"))
    )
    return (
        both.filter(over | under)
        .select(*CELL, stated="obs_value", other=other, kind=pl.lit("townships"), sentence=sentence)
        .cast(CONTRADICTIONS)
    )


def undeclared_changes(received: Sequence[Received]) -> pl.DataFrame:
    """Cells that a county's edition tells otherwise than the one it follows did, and that its own revisions do not name."""
    held = {(one.area, one.manifest.release): one for one in received}
    parts = [pl.DataFrame(schema=CONTRADICTIONS)]
    for one in received:
        before = held.get((one.area, one.manifest.content.get("previous")))
        if before is None:
            continue
        both = one.observations.join(before.observations, on=CELL, how="inner", suffix="_before")
        changed = both.filter(pl.col("obs_value").ne_missing(pl.col("obs_value_before")))
        changed = changed.join(one.revisions, on=CELL, how="anti")
        sentence = f"与{before.manifest.release}不同，更正说明中没有"
        parts.append(
            changed.select(
                *CELL,
                stated="obs_value",
                other="obs_value_before",
                kind=pl.lit("revision"),
                sentence=pl.lit(sentence),
            )
        )
    return pl.concat(parts)


def with_persons_once(
    whole: Aggregate, counted: pl.DataFrame, movement: pl.DataFrame, of: Prefecture
) -> Aggregate:
    """The prefecture's figures with every person counted once, where the counties' homes could be asked.

    `counted` and `movement` are what `minzheng.indicators.across` counts (`counted_once`, `moved`).
    One row more or less of a county moves the count of persons by at most one: so the bounds keep their distances.
    """
    own = counted.filter(ref_area=of.code).rename({"numerator": "once", "denominator": "of"})
    rows = whole.observations.join(own, on=CELL, how="left").join(_kinds(), on="indicator_id")
    told = pl.col("obs_status").is_in(["A", "E", "U"]) & pl.col("once").is_not_null()
    whole_of = pl.coalesce("of", "denominator")
    rate = pl.when(whole_of > 0).then(pl.col("once") / whole_of * pl.col("multiplier"))
    exact = pl.when("added").then("once").when("ratio").then(rate)
    twice = pl.col("numerator") - pl.col("once")
    bounds = {
        name: pl.when(told & pl.col("added")).then(pl.col(name) - twice).otherwise(name)
        for name in ("lower_bound", "upper_bound")
    }
    told &= exact.is_not_null()
    rows = rows.with_columns(
        obs_value=pl.when(told).then(exact).otherwise("obs_value"),
        numerator=pl.when(told).then("once").otherwise("numerator"),
        denominator=pl.when(told & pl.col("ratio")).then(whole_of).otherwise("denominator"),
        **bounds,
    )
    rows = rows.select(*SCHEMAS["observations"]).sort("ref_area", *AT)
    return replace(whole, observations=rows, movement=movement)


def write_aggregate(to: Path, whole: Aggregate, of: Prefecture) -> None:
    """The tables as CSV, and `sources.json`: which revision of each county they come from. `to` is made, and new."""
    to.mkdir(parents=True)
    for name in ("observations", "revisions", "missing", "contradictions", "movement"):
        if (frame := getattr(whole, name)) is not None:
            write_csv(frame, to / f"{name}.csv")
    told = {"month": whole.month, "area": of.code, "sources": whole.sources}
    (to / "sources.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")
