"""What the assets are given: the home, its landing folder and its open warehouse."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.scrubbing import scrubbed_faults
from minzheng.custody.home import Home
from minzheng.warehouse.connection import open_warehouse


@dataclass(frozen=True)
class HomeResource:
    """The home folder the pipeline works on; empty means MINZHENG_HOME, else ./home. `landing` may lie elsewhere.

    It is no configuration of a run: a launchpad must not lead a clerk's run into another folder.
    """

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
    def warehouse(self, step: str = "", **limits) -> Iterator:
        """The writing connection to the warehouse, closed at the end of `step`, which whoever watches is told.

        `limits`: as for `open_warehouse`.
        """
        logging.getLogger("minzheng.step").info(step)
        with scrubbed_faults(), open_warehouse(self.home, **limits) as connection:
            yield connection


GivenHome = dg.ResourceParam[HomeResource]
"""How assets, sensors and schedules ask for the home."""
