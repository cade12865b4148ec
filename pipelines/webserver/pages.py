"""The bureau's own pages beside the UI, at the same loopback address: links lead there, and the foot of each page leads back."""

import os
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from assets.partitions import THAT_EXIST
from minzheng.custody.home import Home
from minzheng.publish.release.published import revisions

START_PAGE = f"/assets/plan/progress?{THAT_EXIST}"
"""The months that anybody reported: green where figures stand, red where a check stopped them."""
SERVED = {".html", ".css", ".js", ".svg", ".png", ".json", ".csv", ".xlsx", ".docx", ".pdf"}
"""What the pages link to; no snapshot and no register leaves the folder this way."""
EDITION = "bureau"
BACK = '<p class="wide"><a href="{start}">控制室 Control room</a></p></footer>'


class Pages(StaticFiles):
    """The bureau's edition under a folder of releases or drafts, each page with the way back in its foot."""

    def __init__(self, folder: Path, start: str):
        super().__init__(directory=folder, check_dir=False)
        self.back = BACK.format(start=start)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Nothing of another edition, nothing but what the pages link to."""
        asked = Path(path)
        own = EDITION in asked.parts or path == "status.js"
        return super().lookup_path(path) if own and asked.suffix in SERVED else ("", None)

    def file_response(
        self,
        full_path: str | Path,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file; of a page, with the way back, which the released file itself does not hold."""
        if Path(full_path).suffix != ".html":
            return super().file_response(full_path, stat_result, scope, status_code)
        text = Path(full_path).read_text(encoding="utf-8")
        return HTMLResponse(text.replace("</footer>", self.back), status_code)


def shelf(home: Home, month: str) -> str | None:
    """Where under the home the pages of a month lie: its draft, its newest release, else the newest release; None without any."""
    if (home.drafts / month / EDITION).is_dir():
        return f"drafts/{month}/{EDITION}"
    found = revisions(home)
    newest = max([one for one in found if one.month == month] or found, default=None)
    return newest and newest.main.relative_to(home.path).as_posix()


def newest_month(home: Home) -> str | None:
    """The newest month with a draft, else the newest released; None in an empty home."""
    drafted = [path.name for path in home.drafts.glob("[0-9]*")]
    return max([*drafted, *(one.month for one in revisions(home))], default=None)


def routes(prefix: str) -> list[BaseRoute]:
    """The routes before Dagster's own: the start, the pages of a month, and the folders they lie in."""

    def start(_: Request) -> Response:
        month = newest_month(Home.find())
        return RedirectResponse(f"{prefix}{START_PAGE}" + (f"&partition={month}" if month else ""))

    def of_month(request: Request) -> Response:
        found = shelf(Home.find(), request.path_params["month"])
        if found is None:
            raise HTTPException(404, "还没有网页:该月尚无草稿或发布 no pages yet")
        return RedirectResponse(f"{prefix}/{found}/{request.path_params['path']}")

    home = Home.find()
    return [
        Route(f"{prefix}/", start),
        Route(f"{prefix}/pages/{{month}}/{{path:path}}", of_month),
        Mount(f"{prefix}/drafts", Pages(home.drafts, f"{prefix}/")),
        Mount(f"{prefix}/published", Pages(home.published, f"{prefix}/")),
    ]
