"""Who may look into which database, and the password for one's own access."""

from __future__ import annotations

from flask import Response

from services.desk.scram import make_password
from services.desk.web import paging
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.database_access.calls import ListDatabaseAccess, SetDatabasePassword
from shared.errors import Conflict, Forbidden, Refused
from shared.web.visit import ident


def listed(visit: Visit) -> Response:
    """Those who may look into a database now, and could lately."""
    return _page(visit)


def set_password(visit: Visit, access_id: str) -> Response:
    """A password for an access of one's own, shown this once; one from before works no more.

    It is made here: services, broker and databases get its verifier.
    """
    password, verifier = make_password()
    try:
        access = visit.desk.ask(SetDatabasePassword(access_id=ident(access_id), verifier=verifier))
    except (Conflict, Forbidden) as refused:
        return _page(visit, refused=refused)
    return visit.page("database_password", access=access, password=password)


def _page(visit: Visit, refused: Refused | None = None) -> Response:
    shown = visit.desk.ask(ListDatabaseAccess(after=paging.after(visit)))
    return visit.page(
        "databases",
        status=refused.status if refused else 200,
        accesses=shown.accesses,
        pages=paging.around(visit, shown.next_after),
        refused=visit.say(*refusals.why(refused)) if refused else None,
    )
