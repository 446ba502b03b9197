"""The forms of what staff do: one page for all kinds that are declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from flask import Response

from services.desk.queries.purposes import OF_CUSTOMERS, OF_READING
from services.desk.web import names, paging, purposes
from services.desk.web.act_forms import PURPOSE, ActForm, Asks, Values
from services.desk.web.acts.table import BY_NAME
from services.desk.web.drafts import StaffDrafts
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.approvals.calls import ShowApproval
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from shared.identifiers import new_id
from shared.staff import Purpose
from shared.web import drafts
from shared.web.responses import done
from shared.web.visit import ident, not_found

FORM: Final = "act"
"""By which the form of a page is known in it."""


def show(visit: Visit, name: str) -> Response:
    """The form; with what stood in it when the session ended, where one comes back to it."""
    form = _form(name)
    values = form.values(visit)
    if not all(values[each] for each in form.given):
        not_found()
    if form.asks is Asks.CUSTOMER:
        ident(values["account_id"])
    return page(visit, form, values, key=visit.form_key if visit.kept else None)


def send(visit: Visit, name: str) -> Response:
    """What its button sends: the act is done, or asked for where another person has to approve it."""
    form = _form(name)
    key, values = visit.form_key, form.values(visit)
    if visit.preference is not None:
        return page(visit, form, values, key=key)
    try:
        visit = looking(visit, form, key)
        call = form.call_of(values, who=visit.desk.who, key=str(key))
        service = form.service_of(values)
    except Invalid as refused:
        return page(visit, form, values, refused=refused, key=key)
    try:
        if form.takes_two:
            return done(_asked(visit, call, service, key), "asked")
        return done(_done(visit, form, call, service, key))
    except (Invalid, Conflict, Forbidden, NotFound) as refused:
        return page(visit, form, values, refused=refused, key=key)


def _done(visit: Visit, form: ActForm, call: Call[Any], service: str, key: UUID) -> str:
    """Where to go on to, once the act is done, for what it was done for. Raises what it is refused with."""
    of = "" if call.service else service
    try:
        reply = visit.desk.ask(call, of=of, idempotency_key=str(key) if call.is_command else None).to_json()
    except Conflict:
        if form.is_done is None or not form.is_done(visit, call):
            raise
        reply = {}
    instead = form.then_of(reply) if form.then_of else None
    beside = {name: visit.form[name] for name in form.beside}
    then = instead or form.then.format_map({"service": service, **beside, **reply, **call.to_json()})
    return purposes.carried(then, _said_purpose(visit, form))


def _asked(visit: Visit, call: Call[Any], service: str, key: UUID) -> str:
    """The page of the request. Raises what it is refused with."""
    try:
        visit.desk.request(call, of="" if call.service else service, approval_id=key)
    except (Conflict, Forbidden):
        # What was done already is refused as well where it is tried again.
        if not _is_asked(visit, call, key):
            raise
    return f"/approvals/{key}"


def _is_asked(visit: Visit, call: Call[Any], key: UUID) -> bool:
    """Whether just this was asked for by the same form before, and is over already."""
    try:
        known = visit.ask(ShowApproval(token=visit.token, approval_id=key))
    except NotFound:
        return False
    return dict(known.asked) == call.to_json()


def page(
    visit: Visit,
    form: ActForm,
    values: Values,
    *,
    refused: Refused | None = None,
    key: UUID | None = None,
    action: str | None = None,
    hidden: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """The form with what stands in it. What was refused says why, and keeps what was filled in.

    Where a request is changed by it, it is sent to `action`, with what is `hidden` in it besides.

    What it is for is asked first where the form says so. What is shown again, for something was refused, is
    the same look: it is told once.
    """
    errors = form.errors(visit, refused, values) if isinstance(refused, Invalid) else {}
    key = key or new_id()
    try:
        if refused is not None and form.asks_purpose and _is_about_purpose(refused):
            raise refused
        visit = looking(visit, form, key)
        looked = form.look(visit, values)
    except (Invalid, Forbidden) as unsaid:
        if not _is_about_purpose(unsaid):
            raise
        given = {**{each: values[each] for each in form.given}, **_kept(visit)}
        is_new = refused is None and not purposes.chosen(visit, _known(form))
        status = 200 if is_new else unsaid.status
        return purposes.ask(
            visit,
            form.roles,
            address=action or form.address,
            given=given,
            status=status,
            asks=form.asks,
            known=_known(form),
        )
    offers = {each.name: each.offers(visit, looked) for each in form.fields if each.offers}
    empty = form.says_empty(visit, looked)
    return visit.page(
        "act_form",
        form_on_page=FORM if action is None else None,
        status=refused.status if refused else 200,
        form=form,
        fields=form.fields_of(visit, looked),
        values=form.begun(values, offers, empty),
        errors=errors,
        refused=None if refused is None or errors else form.why(visit, refused),
        foreseen=form.foresee(visit, looked) if form.foresee else (),
        about=form.shown_about(visit, values, names.of_looked(looked)),
        empty=empty,
        offers=offers,
        key=key,
        action=action or form.address,
        is_edit=action is not None,
        hidden={**hidden, **_of_page(visit), **({PURPOSE: said} if (said := _said_purpose(visit, form)) else {})},
    )


def looking(visit: Visit, form: ActForm, key: UUID) -> Visit:
    """The visit, at whose desk the form is for what one looks for, and one look however often it is shown.

    Raises `Invalid` where a form that asks what for is for nothing, `Forbidden` before it is filled in for what
    nobody may do it for.
    """
    if not form.asks_purpose:
        return visit
    purpose = purposes.chosen(visit, _known(form))
    if not purpose:
        raise Invalid(details={"fields": {PURPOSE: ["missing"]}})
    if not visit.is_filled_in and purpose not in purposes.offered(visit, form.roles, _known(form)):
        raise Forbidden("this is not granted", details={"reason": refusals.OTHER_PURPOSE})
    desk = visit.desk.acting_for(Purpose(purpose), visit_id=key)
    return replace(visit, desk_or_none=desk)


def _known(form: ActForm) -> Sequence[str]:
    """The purposes for which it is filled in: records are kept for others too than customers are looked at for."""
    return OF_READING if form.asks is Asks.RECORD else OF_CUSTOMERS


def _said_purpose(visit: Visit, form: ActForm) -> str:
    """What one looks for, as said before the form or in it; empty where nobody here has said that."""
    return purposes.chosen(visit, OF_READING) if form.carries_purpose else ""


def _of_page(visit: Visit) -> Mapping[str, str]:
    """Which page of what it offers a form shows, so that it shows the same where it comes back."""
    place = paging.after(visit)
    return {} if place is None else {paging.AFTER: str(place)}


def _kept(visit: Visit) -> Mapping[str, str]:
    """What leads back to what was filled in, once a purpose is chosen; nothing where it could not be kept."""
    request = visit.request
    if request.method != "POST":
        return {}
    is_kept = drafts.keep(
        StaffDrafts(visit.caller),
        token=visit.token,
        browser=visit.browser,
        path=request.path,
        form=visit.form,
    )
    return {drafts.NAME: drafts.YES} if is_kept else {}


def _is_about_purpose(refused: Refused) -> bool:
    fields = refused.details.get("fields")
    return (isinstance(fields, Mapping) and PURPOSE in fields) or (
        refused.details.get("reason") == refusals.OTHER_PURPOSE
    )


def _form(name: str) -> ActForm:
    return BY_NAME.get(name) or not_found()
