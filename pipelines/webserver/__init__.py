"""Dagster's webserver for pages of its own only: what another site, name or plain link asks it to do is refused.

Dagster itself runs a mutation that comes as GET, or as a form whose address holds the query, and answers to any host name:
a page open in the clerk's browser could start runs (CSRF, DNS rebinding). Here the host must be a loopback name, a page
that acts must be our own, GraphQL comes as JSON in a POST, and reports about assets from outside are not taken.
"""

from urllib.parse import urlsplit

import dagster_webserver.app
from dagster_webserver.cli import cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from assets.scrubbing import keep_private
from pipelines.webserver import chinese, left, pages

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
GRAPHQL = "/graphql"
REFUSED = {403: "another site", 405: "method", 415: "not JSON", 421: "foreign host"}


class OwnPagesOnly:
    """ASGI middleware that answers what must not reach Dagster: 403, 405, 415 or 421."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        status = refusal(scope) if scope["type"] in ("http", "websocket") else None
        if status is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(f"refused: {REFUSED[status]}", status)(scope, receive, send)


def refusal(scope: Scope) -> int | None:
    """The status with which a request is refused, or None."""
    headers = Headers(scope=scope)
    host, path = headers.get("host", ""), scope["path"].rstrip("/")
    acts = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
    if urlsplit(f"//{host}").hostname not in LOOPBACK:
        return 421
    if acts and not _own(headers, host):
        return 403
    if scope["type"] == "websocket":
        return None
    if acts and (scope["method"] != "POST" or not path.endswith(GRAPHQL)):
        return 405
    if acts:
        return (
            None
            if headers.get("content-type", "").split(";")[0].strip() == "application/json"
            else 415
        )
    return 405 if path.endswith(GRAPHQL) and scope["query_string"] else None


def _own(headers: Headers, host: str) -> bool:
    """Whether a browser says that one of our own pages asks; a program that is no browser says nothing."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    return origin in (None, f"http://{host}") and site in (None, "same-origin", "none")


class Guarded(DagsterWebserver):
    """Dagster's webserver behind `OwnPagesOnly`, in Chinese, with the bureau's pages beside it."""

    def build_middleware(self) -> list[Middleware]:
        """The guard first."""
        return [Middleware(OwnPagesOnly), *super().build_middleware()]

    def build_routes(self) -> list[BaseRoute]:
        """Our own before Dagster's, which answers whatever is asked."""
        prefix = self._app_path_prefix
        instance = self._process_context.instance
        own = [*chinese.routes(prefix), left.route(prefix, instance), *pages.routes(prefix)]
        return [*own, *super().build_routes()]

    def index_html_endpoint(self, request: Request) -> HTMLResponse:
        """Dagster's page, which brings the Chinese words."""
        answer = super().index_html_endpoint(request)
        page = chinese.in_chinese(answer.body.decode(), self._app_path_prefix)
        kept = {name: told for name, told in answer.headers.items() if name != "content-length"}
        return HTMLResponse(page, headers=kept)


def main() -> None:
    """Dagster's own command line, with the guarded server; what it writes is its owner's alone."""
    keep_private()
    dagster_webserver.app.DagsterWebserver = Guarded
    cli(auto_envvar_prefix="DAGSTER_WEBSERVER")
