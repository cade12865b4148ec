"""What the assets are given: the home, its landing folder and its open warehouse."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from minzheng.home import Home


class HomeResource(dg.ConfigurableResource):
    """The home folder the pipeline works on; empty means MINZHENG_HOME, else ./home. `landing` may lie elsewhere."""

    path: str = ""
    landing: str = ""

    @property
    def home(self) -> Home:
        """The home."""
        return Home.find(self.path or None)

    @property
    def landing_folder(self) -> Path:
        """The folder files arrive in."""
        return Path(self.landing) if self.landing else self.home.landing

    @contextlib.contextmanager
    def warehouse(self) -> Iterator:
        """The writing connection to the warehouse, closed at the end of the step."""
        from minzheng.warehouse import open_warehouse

        with open_warehouse(self.home) as connection:
            yield connection
