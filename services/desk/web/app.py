"""The desk's pages as a WSGI application: who asks, whether one of our pages made it ask, and what is answered.

One table (`services.desk.web.pages`) says which pages there are. A page needs a session unless the table says that
it is for everybody: what is forgotten there is closed, not open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.routing import Map

from services.desk import sessions as session_cookies
from services.desk.client import Desk
from services.desk.demo_log_in import InventedPeople
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import Session, SessionDoor, Sessions
from services.desk.stated_caller import StatedCallers
from services.desk.web import csrf, drafts
from services.desk.web.approvals_waiting import ApprovalsWaiting
from services.desk.web.assets import Assets
from services.desk.web.csrf import Guard, browser_of
from services.desk.web.failures import failure
from services.desk.web.preferences import PREFERENCES, cookie_of, local
from services.desk.web.responses import redirect, remember
from services.desk.web.visit import Visit, not_found
from shared import context
from shared.calls import Caller
from shared.config import Settings
from shared.context import Context
from shared.errors import TooMany, Unauthenticated
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter, Rate
from shared.identifiers import new_id

BODY_LIMIT_BYTES: Final = 64 * 1024
PARTS_LIMIT: Final = 200
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline, nothing from elsewhere. The style sheets draw their icons as `data:` images."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # With no referrer at all, browsers would say of our own forms that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
    "microphone=(), geolocation=()",
}
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
HTTPS_ONLY: Final = "max-age=31536000"

RATES: Final = {"proof": Rate(burst=60, per_minute=60)}
"""For each address: what is offered to whoever is not known yet. An office may share an address."""

View = Callable[..., Response]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One line of the table of pages. `view` gets the visit and what the address names."""

    rule: str
    view: View
    method: str = "GET"
    is_public: bool = False
    is_own: bool = False
    """Whether it is about the person alone, and so for somebody too who lacks the second key."""
    limit: str | None = None
    keeps_draft: bool = False
    """Whether what stands in its form is kept where the session has ended, and shown after the next log-in.

    The page that is read at the same address shows it: `Visit.kept`.
    """

    @property
    def name(self) -> str:
        """By which the application knows it."""
        return f"{self.method} {self.rule}"


def make(
    pages: tuple[Page, ...],
    *,
    caller: Caller,
    sessions: Sessions,
    settings: Settings,
    public_url: str,
    assets: Assets | None = None,
    proxies: Proxies | None = None,
    invented_people: InventedPeople | None = None,
    refused: RequestsRefused | None = None,
) -> Flask:
    """The application on `caller`, reached by staff at `public_url`; no other host name is answered.

    `proxies` are those whose word on a client's address counts, by default nobody's; `invented_people` those of a
    demo. `refused` counts what is turned away at the door.
    """
    app = Flask("desk", static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT_BYTES,
        MAX_FORM_PARTS=PARTS_LIMIT,
        TRUSTED_HOSTS=[urlsplit(public_url).hostname or ""],
        PROPAGATE_EXCEPTIONS=False,
    )
    limiter = Limiter(RATES | session_cookies.RATES)
    door = _Door(
        app,
        reach=_Reach(
            caller=caller,
            stated=StatedCallers(caller),
            door=SessionDoor(sessions, limiter),
            settings=settings,
            proxies=proxies or Proxies(),
            limiter=limiter,
            invented_people=invented_people,
            approvals_waiting=ApprovalsWaiting(caller),
            refused=refused or RequestsRefused(),
        ),
        guard=Guard(public_url),
        assets=assets or Assets(),
        is_https=public_url.startswith("https:"),
    )
    door.open(pages)
    return app


@dataclass(frozen=True, kw_only=True)
class _Reach:
    """What pages are made with. `stated` makes calls in the name of whoever has logged in."""

    caller: Caller
    stated: StatedCallers
    door: SessionDoor
    settings: Settings
    proxies: Proxies
    limiter: Limiter
    invented_people: InventedPeople | None
    approvals_waiting: ApprovalsWaiting
    refused: RequestsRefused


class _Door:
    """What stands before every page and after it."""

    def __init__(self, app: Flask, *, reach: _Reach, guard: Guard, assets: Assets, is_https: bool) -> None:
        self._app = app
        self._reach = reach
        self._guard = guard
        self._assets = assets
        self._is_https = is_https

    def open(self, pages: tuple[Page, ...]) -> None:
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

    def _entered(self, page: Page, *, shows_draft: bool) -> View:
        def view(**parameters: Any) -> Response:
            if page.limit is not None:
                address = self._reach.proxies.client(request.environ)
                self._reach.limiter.take(page.limit, address, time.monotonic())
            token = request.cookies.get(session_cookies.COOKIE)
            g.session = session = self._session(token, page)
            if request.method not in csrf.HARMLESS:
                self._guard.check_form(request)
                self._reach.approvals_waiting.forget(token or "")
            g.page = page
            if session is None and not page.is_public:
                return self._interrupted()
            if session is not None and not (session.is_complete or page.is_public or page.is_own):
                return redirect("/me")
            if session is not None:
                g.stack.enter_context(context.acting_as(str(session.actor)))
            visit = self._visit(session)
            if shows_draft and session is not None and drafts.NAME in request.args:
                kept = drafts.kept(visit.caller, token=session.token, browser=g.browser, path=request.path)
                if kept is None:
                    return drafts.gone(visit)
                visit = replace(visit, kept=kept)
            return page.view(visit, **parameters)

        return view

    def _session(self, token: str | None, page: Page) -> Session | None:
        """Whose session it is. Where too many were asked about, whoever wants to log in still can."""
        try:
            return self._reach.door.known(token, self._reach.proxies.client(request.environ))
        except TooMany:
            if not page.is_public:
                raise
            g.is_braked = True
            return None

    def _visit(self, session: Session | None) -> Visit:
        return Visit(
            request=request,
            assets=self._assets,
            browser=g.browser,
            caller=self._reach.caller,
            session=session,
            desk_or_none=None if session is None else self._desk(session),
            is_over=session is None and session_cookies.COOKIE in request.cookies and not g.is_braked,
            invented_people=self._reach.invented_people,
            approvals_waiting=self._reach.approvals_waiting,
        )

    def _desk(self, session: Session) -> Desk:
        caller = self._reach.stated.of(session.actor, session.token)
        return Desk(self._reach.settings, caller, who=lambda: session.actor)

    # ── after ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _finish(self, answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if self._is_https:
            answer.headers["Strict-Transport-Security"] = HTTPS_ONLY
        answer.headers["X-Correlation-Id"] = str(g.request_context.correlation_id)
        if answer.mimetype == "text/html" and request.cookies.get(csrf.COOKIE) != g.browser:
            remember(answer, csrf.COOKIE, g.browser)
        return answer

    def _fail(self, error: Exception) -> Response:
        if isinstance(error, Unauthenticated):
            return self._interrupted()  # the session ended while the page was being made
        self._reach.refused.note(error)
        answer: Response = failure(self._visit(g.session), error)
        return answer

    def _interrupted(self) -> Response:
        """Log in first; what stood in a form is kept where it can be."""
        token, page = request.cookies.get(session_cookies.COOKIE, ""), g.page
        is_kept = (
            request.method == "POST"
            and page is not None
            and page.keeps_draft
            and session_cookies.TOKEN.fullmatch(token) is not None
            and drafts.keep(
                self._reach.caller, token=token, browser=g.browser, path=request.path, form=request.form
            )
        )
        return _to_log_in(drafts.QUERY if is_kept else "")

    # ── what belongs to all pages ────────────────────────────────────────────────────────────────────────────────

    def _asset(self, digest: str, name: str) -> Response:
        asset = self._assets.at(f"/assets/{digest}/{name}") or not_found()
        answer = Response(asset.content, content_type=asset.content_type)
        answer.headers["Cache-Control"] = FOR_A_YEAR
        return answer

    def _prefer(self, name: str, value: str) -> Response:
        if value not in PREFERENCES.get(name, ()):
            not_found()
        answer = redirect(local(request.args.get("next", "/")))
        remember(answer, cookie_of(name), value)
        return answer


@cache
def _routes(pages: tuple[Page, ...]) -> Map:
    """Which address is which page's; made once, for it takes longer than all else of an application."""
    plan = Flask("desk", static_folder=None, template_folder=None)
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


def _to_log_in(draft: str = "") -> Response:
    """Log in first, and then go on: to the page that was asked for, or from a form to the page that had it."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else request.path + draft
    return redirect(f"/log-in?next={quote(wanted, safe='')}")
