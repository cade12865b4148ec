"""Where things are: the folders under a home, made with modes that keep others out whatever the umask."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folders under `path`, as the contract names them. Nothing but `create` touches the disk."""

    path: Path

    @classmethod
    def find(cls, path: str | Path | None = None) -> "Home":
        """The home named by the argument, else by MINZHENG_HOME, else `./home`; always absolute."""
        return cls(Path(path or os.environ.get("MINZHENG_HOME") or "home").expanduser().resolve())

    @property
    def settings(self) -> Path:
        """What the keeper of the machine set for this home (`minzheng.custody.settings`)."""
        return self.path / "settings.toml"

    @property
    def version(self) -> Path:
        """Which version of the program wrote this home last (`minzheng.custody.version`)."""
        return self.path / "VERSION"

    @property
    def recipients(self) -> Path:
        """The allow-list of deliveries (`minzheng.delivery.recipients`)."""
        return self.path / "delivery.toml"

    @property
    def report(self) -> Path:
        """What an office writes by hand into each month's report, `<month>.toml` (`minzheng.publish.report.filled`)."""
        return self.path / "report"

    @property
    def landing(self) -> Path:
        """Files as they arrive; nothing here is ever changed or deleted by us."""
        return self.path / "landing"

    @property
    def vault(self) -> Path:
        """The encrypted archive of every received file, by hash."""
        return self.path / "vault"

    @property
    def ledger(self) -> Path:
        """The append-only record of receipt, verdict, load, release and delivery (SQLite)."""
        return self.path / "ledger" / "ledger.sqlite"

    @property
    def journal(self) -> Path:
        """Every event of the ledger once more, one JSON line each, beside the files it tells of."""
        return self.vault / "LEDGER"

    @property
    def warehouse(self) -> Path:
        """The DuckDB warehouse: one writer, pseudonyms only."""
        return self.path / "warehouse" / "minzheng.duckdb"

    @property
    def restricted(self) -> Path:
        """For the bureau only, encrypted at rest: quarantine, return lists, leads."""
        return self.path / "restricted"

    @property
    def drafts(self) -> Path:
        """Draft releases, replaced by the next run."""
        return self.path / "drafts"

    @property
    def published(self) -> Path:
        """Frozen releases, `<month>/r<n>`."""
        return self.path / "published"

    @property
    def outbox(self) -> Path:
        """Deliveries and their state."""
        return self.path / "outbox"

    @property
    def tasks(self) -> Path:
        """What the offices report of the plan's tasks, one line a report (`minzheng.progress.tasks`)."""
        return self.path / "tasks" / "tasks.csv"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: run history, kept."""
        return self.path / "dagster"

    @property
    def work(self) -> Path:
        """Temporary files of a run: DuckDB's spill, files being read."""
        return self.path / "work"

    @property
    def made(self) -> bool:
        """Whether a home was made here: not an empty folder, such as a disk that is not mounted or a mistyped name."""
        zones = (self.vault, self.ledger.parent, self.warehouse.parent, self.drafts, self.published)
        return any(zone.is_dir() for zone in zones)

    def create(self) -> "Home":
        """Make every folder, each 0700, and return the home; one that is closed even to its owner stays closed."""
        folders = [
            self.path,
            self.landing,
            self.vault,
            self.ledger.parent,
            self.warehouse.parent,
            self.restricted,
        ]
        folders += [self.drafts, self.published, self.outbox, self.dagster, self.work]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)
        return self
