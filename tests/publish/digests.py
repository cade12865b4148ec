"""What the files of a fixed simulated county's drafts hold, one line a file, and why it last changed: `digests.csv`.

A figure, a word or a column that moves shows here, whatever moved it. Where it was meant, name it:
`python -m tests.publish.digests "why"` simulates the county, works its months and writes the lines that changed anew.
"""

import csv
import hashlib
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import polars as pl

from minzheng.commands.run import run
from minzheng.custody.home import Home
from simulation import simulate

FIRST, LAST, SEED = "2024-01", "2024-02", 31
FILE = Path(__file__).with_name("digests.csv")
LEFT_OUT = {"manifest.json", "manifest.sig", "report.pdf", "snapshot.duckdb"}
"""What hashes our source, or hangs on the machine's fonts, or is checked by its own reader; pages have tests of their own."""


def content(path: Path) -> bytes:
    """What a file holds, however it is packed; of a report not the pictures, whose points hang on the machine's fonts."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).write_csv().encode()
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
            parts = [name for name in sorted(package.namelist()) if "/media/" not in name]
            return b"\0".join(map(package.read, parts))
    return path.read_bytes()


def digests(drafts: Path) -> dict[str, str]:
    """File below the drafts of a month to the digest of what it holds."""
    files = (path.relative_to(drafts) for path in sorted(drafts.rglob("*")) if path.is_file())
    return {
        file.as_posix(): hashlib.sha256(content(drafts / file)).hexdigest()[:16]
        for file in files
        if file.name not in LEFT_OUT and "site" not in file.parts
    }


def known() -> dict[str, tuple[str, str]]:
    """File to its digest and why it last changed."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {file: (digest, why) for file, digest, why in list(csv.reader(lines))[1:]}


def renew(why: str) -> None:
    """Write the lines of the files that changed anew."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MINZHENG_KEY_FILE"] = f"{folder}/key.json"
        home = Home(Path(folder) / "home")
        simulate(Path(folder) / "extracts", FIRST, LAST, SEED, progress=False)
        run(home, FIRST, LAST, Path(folder) / "extracts")
        now, before = digests(home.drafts / LAST), known() if FILE.exists() else {}
    rows = [
        (file, digest, before[file][1] if before.get(file, ("",))[0] == digest else why)
        for file, digest in now.items()
    ]
    with FILE.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("file", "digest", "why"), *rows])


if __name__ == "__main__":
    renew(sys.argv[1])
