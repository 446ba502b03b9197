"""Finding a customer. What is looked for is sent in a form: an address in a link would stay in histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flask import Response

from services.account.companies.calls import AccountFound, SearchAccounts
from services.desk.queries.customers import kept
from services.desk.queries.references import case_called, is_of_case, other_page
from services.desk.web import purposes
from services.desk.web.paging import AFTER
from services.desk.web.visit import Visit
from services.retention.monitoring.calls import AccountKept
from shared.errors import Invalid
from shared.keyset import Place
from shared.staff import READERS, Purpose, Role
from shared.web.responses import redirect

FIELDS: Final = ("email", "name", "phone", "org_number", "reference")


def show(visit: Visit) -> Response:
    """The form."""
    return _page(visit)


def search(visit: Visit) -> Response:
    """Search by the one field that is filled in; a single account is shown at once. That one looked is recorded."""
    form = visit.form
    given = {name: form.get(name, "").strip() for name in FIELDS}
    purpose = purposes.chosen(visit)
    filled = [name for name, value in given.items() if value]
    review = form.get("review") == "yes"
    errors = {}
    if not purpose:
        errors["purpose"] = visit.say("Velg hvorfor du søker.", "Choose why you are searching.")
    if len(filled) + review != 1:
        errors["email"] = visit.say("Fyll ut ett av feltene.", "Fill in one of the fields.")
    if errors:
        return _page(visit, errors=errors, status=422)
    if is_of_case(given["reference"]):
        return _case(visit, given["reference"])
    criteria: dict[str, Any] = {filled[0]: given[filled[0]]} if filled else {"review_required": True}
    try:
        asked = {**criteria, "actor": str(visit.desk.who), "purpose": purpose, AFTER: form.get(AFTER) or None}
        call = SearchAccounts.from_json(asked)
        at = visit.desk.acting_for(Purpose(purpose))
        found = at.ask(call)
    except Invalid:
        wrong = visit.say("Dette er ikke skrevet riktig.", "This is not written correctly.")
        return _page(visit, errors={filled[0] if filled else "email": wrong}, status=422)
    accounts = found.accounts
    if len(accounts) == 1 and call.after is None:
        return redirect(address_of(accounts[0].account_id, purpose))
    if not accounts and given["reference"] and (known := other_page(at, UUID(given["reference"]))):
        return redirect(known)
    return _page(visit, accounts=accounts, held=kept(at, accounts), next_after=found.next_after)


def _case(visit: Visit, reference: str) -> Response:
    try:
        case_id = case_called(visit.desk, reference)
    except Invalid:
        wrong = visit.say("Dette er ikke skrevet riktig.", "This is not written correctly.")
        return _page(visit, errors={"reference": wrong}, status=422)
    if case_id is None:
        missing = visit.say("Ingen sak har dette nummeret.", "No case has this reference.")
        return _page(visit, errors={"reference": missing}, status=404)
    return redirect(f"/cases/{case_id}")


def address_of(account_id: UUID, purpose: str) -> str:
    """Where a customer is shown, with what for one looks."""
    return purposes.carried(f"/customers/{account_id}", purpose)


def _page(
    visit: Visit,
    *,
    errors: dict[str, str] | None = None,
    accounts: Sequence[AccountFound] | None = None,
    held: Mapping[UUID, AccountKept] | None = None,
    next_after: Place | None = None,
    status: int = 200,
) -> Response:
    form = visit.form
    return visit.page(
        "find",
        status=status,
        errors=errors or {},
        accounts=accounts,
        held=held,
        next_after=next_after,
        purposes=purposes.offered(visit, (*READERS, Role.FINANCE)),
        given={name: form.get(name, "") for name in (*FIELDS, "purpose", "review")},
        address_of=address_of,
    )
