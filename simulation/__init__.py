"""The simulator: a fictitious county's files as an office would send them, and the right figures beside them.

`simulate` writes `<to>/<YYYY-MM>/` (files) and `<to>/truth/` (`observations.parquet`, `leads.parquet`, `quarantine.parquet`,
`files.parquet` and the marker `.minzheng-truth`, by which the intake knows to look away).
"""

import io
from collections.abc import Collection
from pathlib import Path

from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import check_month, months_between

SCALES = ("county", "prefecture", "province")
FAULTS = ("none", "usual", "nasty", "late")
MARKER = ".minzheng-truth"


def simulate(
    to: Path,
    first: str,
    last: str,
    seed: int,
    scale: str = "county",
    faults: str = "none",
    progress: bool | None = None,
    optional: Collection[str] = (),
) -> list[Path]:
    """Write the files of the months `first`..`last` (YYYY-MM) under `to`, and `truth/` beside them; returns the files' paths.

    The same arguments give the same bytes and file times. `optional`: optional datasets that the county sends. `progress` False says nothing of how far it is.
    Raises `WrongCall` for arguments out of range and `MinzhengError` when `to` already holds other files.
    """
    from simulation.office import send

    to = Path(to)
    if scale not in SCALES or faults not in FAULTS:
        raise WrongCall(
            f"scale is one of {', '.join(SCALES)}; faults one of {', '.join(FAULTS)}",
            "规模或差错档次写法不对",
        )
    if not months_between(check_month(first), check_month(last)):
        raise WrongCall("the last month is before the first", "结束月份早于开始月份")
    if first < "2021-01":
        raise WrongCall("the simulator knows standards from 2021-01 on", "模拟数据从2021年1月开始")
    if to.exists() and (not to.is_dir() or (any(to.iterdir()) and not simulated(to))):
        raise MinzhengError(
            f"{to} holds something else: name an empty folder",
            f"{to} 中已有其他文件:请指定空文件夹",
        )
    return send(to, first, last, seed, scale, faults, progress, optional)


def simulated(landing: Path) -> bool:
    """Whether a landing folder was filled by `simulate`: no office stands behind its files."""
    return (landing / "truth" / MARKER).is_file()


def parquet_bytes(frame) -> bytes:
    """A frame as Parquet, the same bytes for the same frame."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()
