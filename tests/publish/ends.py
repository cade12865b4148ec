"""Which clauses of a report would be another one if the open rows were decided otherwise: all recomputed at both ends of the bounds.

A clause that says of itself that something is open (in brackets, as a range, or 待更正) is held to what it says; every other
clause must stand in every world, word for word, in the sentence of the same subject.
"""

import re
from dataclasses import replace
from itertools import product

import polars as pl

from minzheng.contracts.plans import plan, plan_ids
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.progress.table import progress_table
from minzheng.progress.targets import targets_table
from minzheng.publish.report.blocks import Figure, Paragraph
from minzheng.publish.report.building import build_report
from minzheng.publish.report.sentences import plain

OPEN = re.compile(r"（[^（）]*(?:可能为|待更正|判读)[^（）]*）")
RANGE = re.compile(r"(-?[\d.]+)—(-?[\d.]+)")
SAYS_SO = ("待更正", "待核定", "区间跨过", "暂不评价", "符号说明", "不含")
HEADS = re.compile(
    r"(\d+项)?(滞后|未达到目标的)指标中，(进度最慢的\d+项是：)?|^各项规划指标从基数到目标的进度："
)
MERGED = "与上月、上年同月均持平"


def judged(frames: ReleaseFrames, month: str) -> ReleaseFrames:
    """The frames with progress and targets as the observations give them."""
    plans = [plan(one) for one in sorted({*frames.progress["plan_id"]} & {*plan_ids()})]
    figures = frames.observations
    progress = pl.concat(progress_table(figures, one, month) for one in plans)
    return replace(
        frames,
        progress=progress,
        targets=pl.concat(targets_table(figures, one, month) for one in plans),
    ).shaped()


def worlds(frames: ReleaseFrames, month: str) -> list[ReleaseFrames]:
    """The frames with every open figure at an end of its bounds: those of the month and those of earlier months apart."""
    is_open, now = pl.col("obs_status") == "U", pl.col("time_period") == month
    found = []
    for end_now, end_before in product(("lower_bound", "upper_bound"), repeat=2):
        end = pl.when(now).then(pl.col(end_now)).otherwise(pl.col(end_before))
        blind = pl.when(pl.lit("lower") == end_now[:5]).then(0.0).otherwise(pl.col("obs_value") * 3)
        decided = frames.observations.with_columns(
            obs_value=pl.when(is_open).then(pl.coalesce(end, blind)).otherwise("obs_value"),
            obs_status=pl.when(is_open).then(pl.lit("A")).otherwise("obs_status"),
        )
        bounded = [pl.col("obs_value").alias(name) for name in ("lower_bound", "upper_bound")]
        found.append(judged(replace(frames, observations=decided.with_columns(bounded)), month))
    return found


def subjects(frames: ReleaseFrames, month: str) -> dict[str, list[str]]:
    """The clauses of the report by the subject of their sentence: its first clause without digits and remarks."""
    found: dict[str, list[str]] = {}
    for block in build_report(frames, month).blocks:
        told = plain(block.spans) if isinstance(block, Paragraph) else getattr(block, "alt", "")
        if not isinstance(block, (Paragraph, Figure)):
            continue
        for sentence in re.split(r"[。；]", HEADS.sub("", OPEN.sub("§", told))):
            clauses = sentence.replace(MERGED, "与上月持平，与上年同月持平").split("，")
            subject = (
                "图"
                if isinstance(block, Figure)
                else re.split("的有|：", re.sub(r"[\d.,%§*—-]|（.*?）", "", clauses[0]))[0]
            )
            if not any(word in clauses[0] for word in SAYS_SO):
                found.setdefault(subject, []).extend(clauses)
    return found


def unheld(frames: ReleaseFrames, month: str) -> list[tuple[str, str]]:
    """Subject and clause of everything the report tells that some world denies."""
    told = subjects(frames, month)
    return [
        (subject, clause)
        for world in (subjects(one, month) for one in worlds(frames, month))
        for subject, clauses in told.items()
        for clause in clauses
        if not holds(clause, clauses, world.get(subject, []))
    ]


def holds(clause: str, told: list[str], there: list[str]) -> bool:
    """Whether a world says the same, or the clause says that it is open and the world lies within what it says."""
    if clause in there or "§" in clause or any(word in clause for word in SAYS_SO):
        return True
    if any(
        "暂不评价" in each for each in told
    ):  # a count or list of those judged: never more than any world has
        return fewer(clause, "，".join(there))
    if "的有" in clause:
        head, names = clause.split("的有")
        listed = next((each for each in there if each.startswith(head)), "")
        return all(name in listed for name in names.split("、"))
    bounds = RANGE.search(clause)
    if not bounds:
        return False
    low, high = map(float, bounds.groups())
    head, tail = clause[: bounds.start()], clause[bounds.end() :]
    number = re.compile(re.escape(head) + r"(-?[\d.]+)" + re.escape(tail))
    numbers = [float(found[1]) for each in there if (found := number.fullmatch(each))]
    return any(low <= one <= high for one in numbers)


def fewer(clause: str, there: str) -> bool:
    """Each `按进度3项` of a clause counts no more than the world's."""
    counts = {name: int(count) for name, count in re.findall(r"([^\d、，（）]+)(\d+)项", there)}
    return all(
        int(count) <= counts.get(name, 0)
        for name, count in re.findall(r"([^\d、，（）]+)(\d+)项", clause)
    )
