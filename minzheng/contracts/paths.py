"""Where the project's data files and models lie: the one place that knows."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the packages: a checkout, or site-packages."""
_SHIPPED = ROOT / "minzheng" / "shipped"
_DATA = _SHIPPED if _SHIPPED.is_dir() else ROOT
CONTRACTS = _DATA / "contracts"
SQL = _DATA / "sql"
