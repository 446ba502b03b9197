"""The customers' own pages as a WSGI application: who asks, and what is made for them.

One table (`services.gateway.web.pages.table`) says which pages there are; what stands before each is in
`shared.web.door`. The pages make the same calls as the interface for programs, and know no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import idna
from flask import Flask, Response, g, request

from services.gateway.app import Session
from services.gateway.web.cookies import INVENTORY
from services.gateway.web.drafts import CustomerDrafts, gone
from services.gateway.web.failures import failure
from services.gateway.web.sessions import COOKIE, CustomerSessions
from services.gateway.web.visit import Visit
from shared import context
from shared.actor import Actor
from shared.calls import Caller
from shared.clock import Clock
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter
from shared.web import door
from shared.web.assets import Assets
from shared.web.door import Page
from shared.web.session_door import SessionDoor

OF_ALL_PAGES = frozenset({"assets", "preferences"})
"""Where the files and the choices are that belong to every page."""


def make(
    pages: tuple[Page, ...],
    *,
    caller: Caller,
    public_url: str,
    limiter: Limiter,
    clock: Clock,
    assets: Assets | None = None,
    proxies: Proxies | None = None,
) -> Flask:
    """The pages on `caller`, reached by customers at `public_url`; no other host name is answered.

    `limiter` knows every `limit` that pages name, and those of `shared.web.session_door`. `proxies` are those whose
    word on a client's address counts, by default nobody's.
    """
    app = door.bare_app("customers", public_url)
    outside = door.Outside(
        public_url=public_url,
        sessions=SessionDoor(CustomerSessions(caller), limiter),
        session_cookie=COOKIE,
        inventory=INVENTORY,
        drafts=CustomerDrafts(caller),
        assets=assets or Assets(),
        proxies=proxies or Proxies(),
        limiter=limiter,
    )
    _Door(app, outside, caller, clock).open(pages)
    return app


class _Door(door.Door[Session, Visit, Page]):
    """What stands before every page of a customer and after it."""

    def __init__(self, app: Flask, outside: door.Outside[Session], caller: Caller, clock: Clock) -> None:
        super().__init__(app, outside)
        self._caller = caller
        self._clock = clock
        host = urlsplit(outside.public_url).hostname or "unknown"
        self._host = idna.encode(host, uts46=True).decode("ascii")

    def visit(self, session: Session | None, *, is_over: bool) -> Visit:
        """See `Door.visit`."""
        return Visit(
            request=request,
            assets=self.outside.assets,
            browser=g.browser,
            caller=self._caller,
            session_or_none=session,
            address=self.outside.proxies.client(request.environ),
            host=self._host,
            now=self._clock.now(),
            is_over=is_over,
        )

    def enter(self, session: Session, page: Page) -> Response | None:
        """Whoever has a session comes to every page; services decide what they may."""

    def acting(self, session: Session) -> Any:
        """See `Door.acting`: services believe the session, and not what a page says of it."""
        return context.acting_as(str(Actor.user(session.user_id)), session=session.token)

    def token_of(self, session: Session) -> str:
        """See `Door.token_of`."""
        return session.token

    def failed(self, visit: Visit, error: Exception) -> Response:
        """See `Door.failed`."""
        return failure(visit, error)

    def gone(self, visit: Visit) -> Response:
        """See `Door.gone`."""
        return gone(visit)


class Site:
    """What customers reach at one address: their pages, and beside them the interface and what letters lead to."""

    def __init__(self, pages: tuple[Page, ...], web: Any, gateway: Any) -> None:
        """`web` has `pages`; whatever else is asked for, `gateway` answers."""
        self._sections = frozenset(page.rule.split("/")[1] for page in pages) | OF_ALL_PAGES
        self._web = web
        self._gateway = gateway

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        path = str(environ.get("PATH_INFO", "/"))
        is_page = path.startswith("/") and not path.startswith("//") and path.split("/")[1] in self._sections
        chosen = self._web if is_page else self._gateway
        answered: Iterable[bytes] = chosen(environ, start_response)
        return answered
