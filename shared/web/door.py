"""What stands before every page of a host and after it: who asks, whether one of our pages made it ask, and how.

A page needs a session unless its line in the table says that it is for everybody: what is forgotten there is
closed, not open.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.routing import Map

from shared import context
from shared.context import Context
from shared.errors import TooMany, Unauthenticated
from shared.http import security_headers
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter
from shared.identifiers import new_id
from shared.web import csrf, drafts
from shared.web.assets import Assets
from shared.web.cookies import Inventory
from shared.web.csrf import Guard, browser_of
from shared.web.preferences import PREFERENCES, cookie_of, local
from shared.web.responses import redirect, without_done
from shared.web.session_door import TOKEN, SessionDoor
from shared.web.visit import Visit, not_found

BODY_LIMIT_BYTES: Final = 64 * 1024
PARTS_LIMIT: Final = 200
REFUSED: Final = 400
"""From here on an answer says that nothing was done, or that it is not known."""
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
HTTPS_ONLY: Final = "max-age=31536000"

View = Callable[..., Response]
S = TypeVar("S")
V = TypeVar("V", bound=Visit)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One line of the table of pages. `view` gets the visit and what the address names."""

    rule: str
    view: View
    method: str = "GET"
    is_public: bool = False
    limit: str | None = None
    keeps_draft: bool = False
    """Whether what stands in its form is kept where the session has ended, and shown after the next log-in.

    The page that is read at the same address shows it: `Visit.kept`.
    """
    shows_brake: bool = False
    """Whether its form is shown again where it was sent too often: `Visit.braked` says so."""

    @property
    def name(self) -> str:
        """By which the application knows it."""
        return f"{self.method} {self.rule}"


P = TypeVar("P", bound=Page)


def bare_app(name: str, public_url: str) -> Flask:
    """An application without pages, reached by readers at `public_url`; no other host name is answered."""
    app = Flask(name, static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT_BYTES,
        MAX_FORM_PARTS=PARTS_LIMIT,
        TRUSTED_HOSTS=[urlsplit(public_url).hostname or ""],
        PROPAGATE_EXCEPTIONS=False,
    )
    return app


@dataclass(frozen=True, kw_only=True)
class Outside(Generic[S]):
    """What a door has to do with: whose session it is, whose request, and what a browser is told to keep.

    `session_cookie` is the name of the cookie with the token of the session.
    """

    public_url: str
    sessions: SessionDoor[S]
    session_cookie: str
    inventory: Inventory
    drafts: drafts.Drafts
    assets: Assets
    proxies: Proxies
    limiter: Limiter


class Door(ABC, Generic[S, V, P]):
    """What stands before every page and after it. Each host says who is there, and what it says of a failure."""

    def __init__(self, app: Flask, outside: Outside[S]) -> None:
        """Stand before `app`, which `bare_app` has made."""
        self._app = app
        self.outside = outside
        self._guard = Guard(outside.public_url)
        self._is_https = outside.public_url.startswith("https:")

    @abstractmethod
    def visit(self, session: S | None, *, is_over: bool) -> V:
        """What a page is given of this request. `is_over`: the browser shows a session which is none any more."""

    @abstractmethod
    def enter(self, session: S, page: P) -> Response | None:
        """Let the holder of a session in: what is asked on their behalf says so; None, or where they go instead."""

    @abstractmethod
    def acting(self, session: S) -> Any:
        """The context in which a page is made for this session, as a context manager."""

    @abstractmethod
    def token_of(self, session: S) -> str:
        """The secret of a session."""

    @abstractmethod
    def failed(self, visit: V, error: Exception) -> Response:
        """The page for whatever was raised."""

    @abstractmethod
    def gone(self, visit: V) -> Response:
        """What is told whoever comes back too late for a form that was kept, or with another browser."""

    def changing(self, token: str) -> None:
        """A form of ours is sent with this token, which may be empty."""

    def open(self, pages: tuple[P, ...]) -> None:
        """Offer these pages, and what belongs to all of them."""
        app = self._app
        app.before_request(self._begin)
        app.after_request(self._finish)
        app.teardown_request(_leave)
        app.register_error_handler(Exception, self._fail)
        app.url_map = _routes(pages)
        app.view_functions |= {"asset": self._asset, "preference": self._prefer}
        keeping = {page.rule for page in pages if page.keeps_draft}
        app.view_functions |= {
            page.name: self._entered(page, shows_draft=page.method == "GET" and page.rule in keeping)
            for page in pages
        }

    # ── before ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> None:
        g.request_context = Context(correlation_id=new_id(), traceparent=None, actor="public")
        g.stack = ExitStack()
        g.stack.enter_context(context.working_in(g.request_context))
        g.browser = browser_of(request)
        g.session = None
        g.is_braked = False
        g.page = None
        self._guard.check_origin(request)

    def _entered(self, page: P, *, shows_draft: bool) -> View:
        def view(**parameters: Any) -> Response:
            braked = self._brake(page)
            token = request.cookies.get(self.outside.session_cookie)
            g.session = session = self._session(token, page)
            if request.method not in csrf.HARMLESS:
                self._guard.check_form(request)
                self.changing(token or "")
            g.page = page
            if session is None and not page.is_public:
                if braked is not None:
                    raise braked
                return self._interrupted()
            if session is not None:
                if (elsewhere := self.enter(session, page)) is not None:
                    return elsewhere
                g.stack.enter_context(self.acting(session))
            visit = replace(self._visit(session), braked=braked)
            if shows_draft and session is not None and drafts.NAME in request.args:
                kept = drafts.kept(
                    self.outside.drafts, token=self.token_of(session), browser=g.browser, path=request.path
                )
                if kept is None:
                    return self.gone(visit)
                visit = replace(visit, kept=kept)
            answer = page.view(visit, **parameters)
            self._note(visit, answer)
            is_done = answer.status_code < REFUSED and visit.preference is None
            if session is not None and page.keeps_draft and is_done:
                self._spend(session)
            return answer

        return view

    def _brake(self, page: P) -> TooMany | None:
        """Why nothing is done now, for a page that says so in its form; raises `TooMany` for any other one."""
        if page.limit is None:
            return None
        try:
            self.outside.limiter.take(page.limit, self.outside.proxies.client(request.environ), time.monotonic())
        except TooMany as braked:
            if page.shows_brake:
                return braked
            raise
        return None

    def _note(self, visit: V, answer: Response) -> None:
        """Remember what the button of a form chose, and that a session which was just opened is one."""
        if visit.preference is not None:
            name, value = visit.preference
            self.outside.inventory.remember(answer, cookie_of(name), value)
        if opened := self.outside.inventory.remembered(answer, self.outside.session_cookie):
            self.outside.sessions.opened(opened)
            # A form that is opened in a session is ours for as long as the session can last.
            self.outside.inventory.remember(answer, csrf.COOKIE, g.browser)

    def _spend(self, session: S) -> None:
        """A form was sent with success: what was set aside of it is not shown as if nothing were done with it."""
        if request.method == "POST" and drafts.NAME in request.args:
            drafts.spent(self.outside.drafts, token=self.token_of(session), path=request.path)

    def _session(self, token: str | None, page: P) -> S | None:
        """Whose session it is. Where too many were asked about, whoever wants to log in still can."""
        try:
            return self.outside.sessions.known(token, self.outside.proxies.client(request.environ))
        except TooMany:
            if not page.is_public:
                raise
            g.is_braked = True
            return None

    def _visit(self, session: S | None) -> V:
        is_shown = self.outside.session_cookie in request.cookies
        return self.visit(session, is_over=session is None and is_shown and not g.is_braked)

    # ── after ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _finish(self, answer: Response) -> Response:
        for name, value in security_headers.FOR_PAGES.items():
            answer.headers.setdefault(name, value)
        if self._is_https:
            answer.headers["Strict-Transport-Security"] = HTTPS_ONLY
        answer.headers["X-Correlation-Id"] = str(g.request_context.correlation_id)
        if answer.mimetype == "text/html" and request.cookies.get(csrf.COOKIE) != g.browser:
            self.outside.inventory.remember(answer, csrf.COOKIE, g.browser)
        return answer

    def _fail(self, error: Exception) -> Response:
        if isinstance(error, Unauthenticated):
            return self._interrupted()  # the session ended while the page was being made
        return self.failed(self._visit(g.session), error)

    def _interrupted(self) -> Response:
        """Log in first; what stood in a form is kept where it can be."""
        token, page = request.cookies.get(self.outside.session_cookie, ""), g.page
        is_kept = (
            request.method == "POST"
            and page is not None
            and page.keeps_draft
            and TOKEN.fullmatch(token) is not None
            and drafts.keep(
                self.outside.drafts, token=token, browser=g.browser, path=request.path, form=request.form
            )
        )
        return self._to_log_in(drafts.QUERY if is_kept else "")

    def _to_log_in(self, draft: str) -> Response:
        """Log in first, and then go on: to the page that was asked for, or from a form to the page that had it."""
        is_read = request.method == "GET"
        wanted = without_done(request.full_path.rstrip("?")) if is_read else request.path + draft
        if not is_read and not _is_page(self._app.url_map):
            wanted = "/"
        return redirect(f"/log-in?next={quote(wanted, safe='')}")

    # ── what belongs to all pages ────────────────────────────────────────────────────────────────────────────────

    def _asset(self, digest: str, name: str) -> Response:
        asset = self.outside.assets.at(f"/assets/{digest}/{name}") or not_found()
        answer = Response(asset.content, content_type=asset.content_type)
        answer.headers["Cache-Control"] = FOR_A_YEAR
        return answer

    def _prefer(self, name: str, value: str) -> Response:
        if value not in PREFERENCES.get(name, ()):
            not_found()
        if csrf.is_foreign(request):
            raise csrf.ForeignOrigin
        answer = redirect(local(request.args.get("next", "/")))
        self.outside.inventory.remember(answer, cookie_of(name), value)
        return answer


@cache
def _routes(pages: tuple[Page, ...]) -> Map:
    """Which address is which page's; made once, for it takes longer than all else of an application."""
    plan = Flask("pages", static_folder=None, template_folder=None)
    plan.url_map.strict_slashes = False
    plan.add_url_rule("/assets/<digest>/<name>", "asset")
    plan.add_url_rule("/preferences/<name>/<value>", "preference")
    for page in pages:
        plan.add_url_rule(page.rule, page.name, page.view, methods=[page.method])
    return plan.url_map


def _leave(_error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("stack", None)
    if stack is not None:
        stack.close()


def _is_page(plan: Map) -> bool:
    """Whether there is a page to read at the address that something was sent to."""
    return "GET" in plan.bind("").allowed_methods(request.path)
