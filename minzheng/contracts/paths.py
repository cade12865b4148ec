"""Where the project's data files and models lie: the one place that knows."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
SQL = ROOT / "sql"
