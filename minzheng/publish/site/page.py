"""A page: where it lies, what draws it, and what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """One page of one language; `path` is relative to the language's folder, `section` the entry of the menu it belongs to."""

    path: str
    template: str
    section: str
    title: str
    build: Callable[[], Mapping[str, Any]]
    language_folder: str = ""

    def context(self) -> Mapping[str, Any]:
        """What the template is told besides book, language and page."""
        return self.build()

    @property
    def home(self) -> str:
        """The way to the language's folder: empty, or ../ for each folder."""
        return "../" * self.path.count("/")

    @property
    def root(self) -> str:
        """The way to the site's folder, where data and assets lie."""
        return self.home + ("../" if self.language_folder else "")

    @property
    def other(self) -> str:
        """The same page in the other language."""
        return self.root + ("" if self.language_folder else "en/") + self.path
