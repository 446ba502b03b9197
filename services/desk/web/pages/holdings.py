"""What do we hold on a customer, or on one person of it? Every service counts, then the answer is shown."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from services.desk.queries.erasures import erased
from services.desk.queries.holdings import holdings, order
from services.desk.queries.stored_kinds import KINDS
from services.desk.web import purposes
from services.desk.web.visit import Visit
from shared.staff import READERS, Purpose
from shared.web.responses import redirect
from shared.web.visit import KEY_FIELD, ident


def ask(visit: Visit, account_id: str) -> Response:
    """The form: what one looks for, and on whom."""
    return _form(visit, ident(account_id), user=visit.request.args.get("user", ""))


def count(visit: Visit, account_id: str) -> Response:
    """Have every service count, once for a form however often it is sent. Where nothing is stored that is said."""
    account, form = ident(account_id), visit.request.form
    user, purpose = form.get("user", "").strip(), purposes.chosen(visit)
    errors = {}
    if not purpose:
        errors["purpose"] = visit.say("Velg et formål.", "Choose a purpose.")
    if user and not _is_id(user):
        errors["user"] = visit.say("Dette er ikke et brukernummer.", "This is not the id of a user.")
    if errors:
        return _form(visit, account, user=user, errors=errors, status=422)
    user_id = UUID(user) if user else None
    desk = visit.desk.acting_for(Purpose(purpose))
    run = order(desk, account, user_id, key=ident(form.get(KEY_FIELD, "")))
    if run is None:
        gone = erased(desk, account, user_id)
        return visit.page("holdings_none", account_id=account, user_id=user_id, erasures=gone, is_kept=False)
    address = f"/customers/{account}/holdings/{run.dry_run_id}{f'?user={user_id}' if user_id else ''}"
    return redirect(purposes.carried(address, purpose))


def show(visit: Visit, account_id: str, run_id: str) -> Response:
    """What is stored, until when and why; services that have not answered yet are named."""
    account, purpose = ident(account_id), purposes.chosen(visit)
    if not purpose:
        return redirect(f"/customers/{account}/holdings")
    user = visit.request.args.get("user")
    found = holdings(visit.desk, account, ident(user) if user else None, ident(run_id), purpose)
    return visit.page("holdings", found=found, run=found.run, purpose=purpose, kinds=KINDS)


def _form(
    visit: Visit, account_id: UUID, *, user: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    return visit.page(
        "holdings_purpose",
        status=status,
        account_id=account_id,
        user=user,
        errors=errors or {},
        purposes=purposes.offered(visit, READERS),
        given=purposes.chosen(visit),
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
