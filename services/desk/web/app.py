"""The desk's pages as a WSGI application: who of the staff asks, and what is made for them.

One table (`services.desk.web.pages`) says which pages there are; what stands before each is in `shared.web.door`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, Response, g, request

from services.desk import sessions as session_cookies
from services.desk.client import Desk
from services.desk.demo_log_in import InventedPeople
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import Session
from services.desk.stated_caller import StatedCallers
from services.desk.web import drafts
from services.desk.web.approvals_waiting import ApprovalsWaiting
from services.desk.web.assets import assets_of_desk
from services.desk.web.cookies import INVENTORY
from services.desk.web.failures import failure
from services.desk.web.visit import Visit
from shared import context
from shared.calls import Caller
from shared.config import Settings
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter, Rate
from shared.web import door, session_door
from shared.web.assets import Assets
from shared.web.responses import redirect
from shared.web.session_door import SessionDoor, Sessions

RATES: Final = {"proof": Rate(burst=60, per_minute=60)}
"""For each address: what is offered to whoever is not known yet. An office may share an address."""


@dataclass(frozen=True, kw_only=True)
class Page(door.Page):
    """One line of the table of pages of staff."""

    is_own: bool = False
    """Whether it is about the person alone, and so for somebody too who lacks the second key."""


def make(
    pages: tuple[Page, ...],
    *,
    caller: Caller,
    sessions: Sessions[Session],
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
    app = door.bare_app("desk", public_url)
    limiter = Limiter(RATES | session_door.RATES)
    outside = door.Outside(
        public_url=public_url,
        sessions=SessionDoor(sessions, limiter),
        session_cookie=session_cookies.COOKIE,
        inventory=INVENTORY,
        drafts=drafts.StaffDrafts(caller),
        assets=assets or assets_of_desk(),
        proxies=proxies or Proxies(),
        limiter=limiter,
    )
    reach = _Reach(
        caller=caller,
        stated=StatedCallers(caller),
        settings=settings,
        invented_people=invented_people,
        approvals_waiting=ApprovalsWaiting(caller),
        refused=refused or RequestsRefused(),
    )
    _Door(app, outside, reach).open(pages)
    return app


@dataclass(frozen=True, kw_only=True)
class _Reach:
    """What pages are made with. `stated` makes calls in the name of whoever has logged in."""

    caller: Caller
    stated: StatedCallers
    settings: Settings
    invented_people: InventedPeople | None
    approvals_waiting: ApprovalsWaiting
    refused: RequestsRefused


class _Door(door.Door[Session, Visit, Page]):
    """What stands before every page of staff and after it."""

    def __init__(self, app: Flask, outside: door.Outside[Session], reach: _Reach) -> None:
        super().__init__(app, outside)
        self._reach = reach

    def visit(self, session: Session | None, *, is_over: bool) -> Visit:
        """See `Door.visit`."""
        return Visit(
            request=request,
            assets=self.outside.assets,
            browser=g.browser,
            caller=self._reach.caller,
            session=session,
            desk_or_none=None if session is None else self._desk(session),
            is_over=is_over,
            invented_people=self._reach.invented_people,
            approvals_waiting=self._reach.approvals_waiting,
        )

    def enter(self, session: Session, page: Page) -> Response | None:
        """With one key alone one comes to one's own pages."""
        return None if session.is_complete or page.is_public or page.is_own else redirect("/me")

    def acting(self, session: Session) -> Any:
        """See `Door.acting`."""
        return context.acting_as(str(session.actor))

    def token_of(self, session: Session) -> str:
        """See `Door.token_of`."""
        return session.token

    def failed(self, visit: Visit, error: Exception) -> Response:
        """See `Door.failed`; what was turned away at the door is counted."""
        self._reach.refused.note(error)
        return failure(visit, error)

    def gone(self, visit: Visit) -> Response:
        """See `Door.gone`."""
        return drafts.gone(visit)

    def changing(self, token: str) -> None:
        """What waits for whoever is here may be another number afterwards."""
        self._reach.approvals_waiting.forget(token)

    def _desk(self, session: Session) -> Desk:
        caller = self._reach.stated.of(session.actor, session.token)
        return Desk(self._reach.settings, caller, who=lambda: session.actor)
