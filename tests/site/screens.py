"""Every kind of page of a site at a desk and on a phone, as pictures to look at: `python -m tests.site.screens SITE FOLDER`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = {"desk": 1280, "phone": 390}


def kinds(site: Path) -> list[Path]:
    """The pages, one of each folder: the first by name."""
    folders = {page.parent for page in site.rglob("*.html")}
    top = sorted(site.glob("*.html"))
    return top + [min(folder.glob("*.html")) for folder in sorted(folders - {site})]


def main(site: Path, folder: Path) -> None:
    """Take the pictures, whole pages with all their folds open."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, width in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for one in kinds(site):
                page.goto(one.resolve().as_uri())
                told = one.relative_to(site).with_suffix("").as_posix().replace("/", "-")
                page.screenshot(path=folder / f"{told}-{name}.png", full_page=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
