"""The public's edition of a month: made from the bureau's draft beside it when the month is released, or by itself."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.editions import edition, editions
from minzheng.custody.egress import refuse_identities
from minzheng.custody.home import Home
from minzheng.custody.writer import remove_tree, writing
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.disclosure.showing import shown, within
from minzheng.disclosure.utility import utility
from minzheng.errors import MinzhengError
from minzheng.publish.release.draft import judging, recall_file, roll_names
from minzheng.publish.release.exchange import read_frame, read_frames
from minzheng.publish.release.folder import staged
from minzheng.publish.release.manifest import InputHash, Manifest, read_manifest, verify
from minzheng.publish.release.published import History, revisions
from minzheng.publish.release.writing import fill_edition, freeze, number_of, ready
from minzheng.warehouse.connection import open_warehouse

PUBLIC = "public"
PRODUCTS_SECONDS, MONTH_SECONDS = 8, 0.12
"""What making the public's edition takes: its files, and protecting a month, measured."""

PublicChecks = Callable[[pl.DataFrame, pl.DataFrame, str], pl.DataFrame]
"""From the observations shown, the whole table of checks and the month: the rows about withheld figures, judged."""


def release(
    home: Home,
    month: str,
    approved_by: str,
    approved_at: dt.datetime,
    checks: PublicChecks,
    announce: Callable[[], None] = lambda: None,
    *,
    signatures: Mapping[str, str] | None = None,
    accept_open: Collection[str] = (),
) -> tuple[Path, MinzhengError | None]:
    """Freeze every edition of the draft, the public's made first; the folder, and why the public's is not in it.

    `announce` is called before the public's is made, which takes its time, and not where the last revision holds it.
    Whatever keeps the public edition from being made, the others are frozen; released again, the month gets it. What
    `freeze` refuses is refused before anything is made.
    """
    fault = None
    with writing(home):
        with open_warehouse(home) as connection:
            whole = [name for name, one in editions().items() if one.protection is None]
            drafted = ready(home, connection, month, accept_open, whole)
            if not _holds_public(home, month, next(iter(drafted.values()))):
                announce()
                try:
                    make_public(home, connection, month, checks)
                except MinzhengError as error:
                    fault = error
        frozen = freeze(
            home,
            month,
            approved_by,
            approved_at,
            signatures=signatures,
            accept_open=accept_open,
        )
    return frozen, fault


def _holds_public(home: Home, month: str, main: Manifest) -> bool:
    """Whether the month's last revision says what the draft says, to the public too."""
    released = revisions(home, month)
    same = bool(released) and number_of(main, released) == released[-1].number
    return same and PUBLIC in released[-1].editions


def make_public(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, checks: PublicChecks
) -> Path:
    """`write_public`; what was there before is gone where it fails, and a defect of ours is told by its kind only."""
    folder = home.drafts / month / PUBLIC
    try:
        return write_public(home, connection, month, checks)
    except Exception as error:
        if folder.exists():
            remove_tree(folder)
        if isinstance(error, MinzhengError):
            raise
        raise MinzhengError(
            f"the public edition could not be made: {type(error).__name__}",
            "公开版未能生成：程序内部错误",
        ) from error


def write_public(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, checks: PublicChecks
) -> Path:
    """Write `drafts/<month>/public` from the bureau's draft beside it, protected against readers of all earlier public editions.

    `MinzhengError` where there is no draft, it was changed by hand, or what is always shown gives a withheld count away.
    """
    public, folder = edition(PUBLIC), home.drafts / month / PUBLIC
    history, manifest = History.of(home), drafted_manifest(home, month)
    whole = read_frames(home.drafts / month / "bureau")
    earlier, before = [*history.released(PUBLIC)], history.last(month, PUBLIC)
    frames = shown(whole, public, judging(home, month), earlier, recall_file(home))
    frames = with_public_judged(frames, checks(frames.observations, whole.quality, month))
    names, told = roll_names(home, connection, month), manifest.content
    with staged(folder) as work:
        fill_edition(
            work,
            month,
            frames,
            public,
            revision=number_of(manifest, revisions(home, month)),
            inputs=[InputHash(**one) for one in told["inputs"]],
            previous=before.editions[PUBLIC] if before else None,
            plans=told["versions"]["plans"],
            blocking=told["checks"]["blocking"],
            gate=lambda written: refuse_identities(written, names),
        )
    return folder


def drafted_manifest(home: Home, month: str) -> Manifest:
    """The manifest of the bureau's draft; `MinzhengError` where there is none or it is not what was written."""
    draft = home.drafts / month / "bureau"
    if not draft.is_dir():
        raise MinzhengError(
            f"no draft of {month}: run `minzheng run --month {month}` first",
            f"没有{month}的草稿：请先运行该月",
        )
    if faults := verify(draft):
        raise MinzhengError(
            f"the draft of {month} is damaged: {faults[0]}", f"{month}的草稿已被改动：{faults[0]}"
        )
    return read_manifest(draft)


def with_public_judged(frames: ReleaseFrames, checks: pl.DataFrame) -> ReleaseFrames:
    """The frames with the outcomes of the rules about withheld figures, for the manifest; refuses where one fails."""
    failed = checks.filter(pl.col("state") == "fail")["rule_id"].to_list()
    if failed:
        raise MinzhengError(
            f"the public edition is refused: rules {', '.join(failed)} failed",
            f"公开版不能制作：{'、'.join(failed)}未通过",
        )
    return replace(frames, quality=checks)


def public_utility(home: Home, month: str) -> pl.DataFrame:
    """How many cells the public's draft shows, beside the plain rule and the release before (`disclosure.utility.utility`)."""
    public, draft = edition(PUBLIC), home.drafts / month
    history = History.of(home)
    last = history.last(month, PUBLIC)
    before = history.observations(last.editions[PUBLIC]) if last else None
    whole = within("observations", read_frame(draft / "bureau", "observations"), public)
    released = read_frame(draft / PUBLIC, "observations")
    return utility(whole, released, public.protection, before)


def seconds_for_public(home: Home, month: str) -> int:
    """About how long the public's edition of a month takes to make, in seconds of one processor."""
    observations = home.drafts / month / "bureau" / "observations.parquet"
    months = pl.scan_parquet(observations).select(pl.col("time_period").n_unique()).collect().item()
    return PRODUCTS_SECONDS + round(months * MONTH_SECONDS)
