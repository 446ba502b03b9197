"""What takes two persons: what waits for whom, approving with a passkey, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from flask import Response

from services.account.companies.calls import GetAccount
from services.cases.board.calls import CaseWhole, ShowCase
from services.desk.call_codes import codes_of
from services.desk.web import names, paging, passkey_forms, purposes
from services.desk.web.act_forms import CASE, ActForm, Looked, Values
from services.desk.web.acts.table import OF_ACT, title_of
from services.desk.web.pages import acts
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.approvals.calls import (
    REFUSAL_REASONS,
    ApprovalOptions,
    ApprovalShown,
    ApprovalWhole,
    Approve,
    EditApproval,
    ExportApproval,
    ListApprovals,
    RefuseApproval,
    ShowApproval,
    WithdrawApproval,
)
from shared import log
from shared.demo_staff import PEOPLE
from shared.errors import (
    Conflict,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Transient,
    Unauthenticated,
)
from shared.staff import Purpose, act_name
from shared.staff import acts as known_acts
from shared.web.responses import done, redirect
from shared.web.visit import ident, not_found

logger = log.get("desk")

STATES: Final = codes_of(ListApprovals, "state")
TOLD_SECONDS: Final = 2.0
"""So long a page waits until the service that did it has told that it is done."""
LOOK_AGAIN_SECONDS: Final = 0.25
DONE_ALREADY: Final = "statement_spent"
NAMED_BY: Final = act_name(GetAccount.service, GetAccount.method)
EDITED: Final = "edited_version"
"""The field of a form with the version of the request that is changed. Some calls have one of their own."""


def listed(visit: Visit) -> Response:
    """Requests in one state; of those that wait first what one may approve, then one's own."""
    state = visit.chosen("state", STATES)
    shown = visit.ask(ListApprovals(token=visit.token, state=state, after=paging.after(visit)))
    return visit.page(
        "approvals",
        state=state,
        states=STATES,
        groups=_groups(visit, shown.approvals) if state == "waiting" else [("", shown.approvals)],
        pages=paging.around(visit, shown.next_after),
        title_of=lambda act: title_of(visit, act),
        now=visit.desk.clock.now(),
    )


def show(visit: Visit, approval_id: str) -> Response:
    """One request: what is asked for, who asks and until when, and what whoever looks can do about it."""
    return _page(visit, _whole(visit, approval_id))


def approve(visit: Visit, approval_id: str) -> Response:
    """What the button with the passkey sends: it is approved, and carried out at once."""

    def sign(seen: ApprovalWhole) -> None:
        assertion = passkey_forms.answer_of(visit.request.form.get(passkey_forms.ANSWER, ""), "get")
        about = {"token": visit.token, "approval_id": str(seen.approval_id), "version": _version(visit)}
        visit.ask(Approve.from_json({**about, "assertion": assertion}))

    return _approved(visit, approval_id, sign)


def approve_as_invented(visit: Visit, approval_id: str) -> Response:
    """What an invented person's button sends: their key is in software, so that no browser has to have one.

    Raises `NotFound` for everybody else.
    """
    people = visit.invented_people
    if people is None or not visit.is_invented:
        not_found()

    def sign(seen: ApprovalWhole) -> None:
        people.approve(visit.desk.who.name or "", seen.approval_id, _version(visit), token=visit.token)

    return _approved(visit, approval_id, sign)


def _approved(visit: Visit, approval_id: str, sign: Callable[[ApprovalWhole], None]) -> Response:
    """Have it signed, unless its service would refuse it, and carry it out at once."""
    seen = _whole(visit, approval_id)
    if (objection := _tried(visit, seen)) is not None:
        return _page(visit, seen, refused=objection)
    try:
        sign(seen)
    except Refused as refused:
        return _page(visit, _whole(visit, approval_id), refused=refused)
    return _carried_out(visit, seen)


def carry_out(visit: Visit, approval_id: str) -> Response:
    """Carry out what was approved, where that failed before."""
    return _carried_out(visit, _whole(visit, approval_id))


def refuse(visit: Visit, approval_id: str) -> Response:
    """Refuse what another person has asked for, with a reason from a list."""
    seen = _whole(visit, approval_id)
    reason = visit.request.form.get("reason", "")
    if reason not in REFUSAL_REASONS:
        return _page(visit, seen, lacks_reason=True)
    call = RefuseApproval(token=visit.token, approval_id=seen.approval_id, version=_version(visit), reason=reason)
    return _ended(visit, seen, call)


def withdraw(visit: Visit, approval_id: str) -> Response:
    """Take back what one has asked for."""
    seen = _whole(visit, approval_id)
    call = WithdrawApproval(token=visit.token, approval_id=seen.approval_id, version=_version(visit))
    return _ended(visit, seen, call)


def edit(visit: Visit, approval_id: str) -> Response:
    """The form with what is asked for, to be changed."""
    seen = _whole(visit, approval_id)
    form = _form_of(seen)
    if visit.kept is not None:
        values, version = form.values(visit), visit.kept.get(EDITED, "")
    else:
        values, version = form.values_of(seen.asked), str(seen.version)
    return _edited(visit, seen, form, values, version=version, key=visit.form_key if visit.kept else None)


def change(visit: Visit, approval_id: str) -> Response:
    """What its button sends: from now on it is another request, which nobody has approved."""
    seen = _whole(visit, approval_id)
    form = _form_of(seen)
    key, values = visit.form_key, form.values(visit)
    version = visit.form.get(EDITED, "")
    try:
        visit = acts.looking(visit, form, key)
        call = form.call_of(values, who=visit.desk.who, key=str(seen.asked.get(form.key or "") or ""))
        visit.desk.rehearse(seen.act, call.to_json(), approval_id=seen.approval_id)
        asked = {"token": visit.token, "approval_id": str(seen.approval_id), "version": _number(version)}
        visit.ask(EditApproval.from_json({**asked, "fields": call.to_json()}))
    except (Invalid, Conflict, Forbidden, NotFound) as refused:
        return _edited(visit, seen, form, values, version=version, key=key, refused=refused)
    return done(f"/approvals/{seen.approval_id}")


def _edited(
    visit: Visit,
    seen: ApprovalWhole,
    form: ActForm,
    values: Values,
    *,
    version: str,
    key: UUID | None,
    refused: Refused | None = None,
) -> Response:
    """The form of what is asked for; it says which version of that was seen when it was opened."""
    action, hidden = f"/approvals/{seen.approval_id}/edit", {EDITED: version}
    return acts.page(visit, form, values, refused=refused, key=key, action=action, hidden=hidden)


def export(visit: Visit, approval_id: str) -> Response:
    """The file that proves the approval without us."""
    known = ident(approval_id)
    document = visit.ask(ExportApproval(token=visit.token, approval_id=known)).document
    answer = Response(document, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="approval-{known}.json"'
    return answer


def _groups(visit: Visit, found: tuple[ApprovalShown, ...]) -> list[tuple[str, list[ApprovalShown]]]:
    groups = (
        (visit.say("Venter på deg", "Wait for you"), [each for each in found if each.approvable]),
        (visit.say("Dine", "Yours"), [each for each in found if each.mine]),
        (
            visit.say("Venter på andre", "Wait for others"),
            [each for each in found if not (each.approvable or each.mine)],
        ),
    )
    return [(title, of_group) for number, (title, of_group) in enumerate(groups) if of_group or not number]


def _carried_out(visit: Visit, approval: ApprovalWhole) -> Response:
    """Carry it out, and go on to the request, which tells what became of it."""
    try:
        visit.desk.carry_out(approval)
    except Refused as refused:
        if refused.details.get("reason") != DONE_ALREADY:
            return _page(visit, _whole(visit, str(approval.approval_id)), refused=refused)
    except (Transient, Internal) as failed:
        logger.warning("what was approved was not carried out", approval_id=approval.approval_id, exc_info=failed)
        return _page(visit, _whole(visit, str(approval.approval_id)), is_unknown=True)
    _await_end(visit, approval)
    return redirect(f"/approvals/{approval.approval_id}")


def _await_end(visit: Visit, approval: ApprovalWhole) -> None:
    """Wait a moment until the service has told that it is done; the page tells what is known by then."""
    until = time.monotonic() + TOLD_SECONDS
    while time.monotonic() < until:
        if visit.ask(ShowApproval(token=visit.token, approval_id=approval.approval_id)).state == "ended":
            return
        time.sleep(LOOK_AGAIN_SECONDS)


def _ended(visit: Visit, seen: ApprovalWhole, call: RefuseApproval | WithdrawApproval) -> Response:
    try:
        visit.ask(call)
    except Refused as refused:
        return _page(visit, _whole(visit, str(seen.approval_id)), refused=refused)
    return done(f"/approvals/{seen.approval_id}")


def _page(
    visit: Visit,
    approval: ApprovalWhole,
    *,
    refused: Refused | None = None,
    lacks_reason: bool = False,
    is_unknown: bool = False,
) -> Response:
    form, options, case = OF_ACT.get(approval.act), None, _case(visit, approval.asked)
    objection, told = _tried(visit, approval), _told(visit, form, approval, case)
    if approval.approvable and objection is None:
        signing = ApprovalOptions(token=visit.token, approval_id=approval.approval_id, version=approval.version)
        try:
            options = visit.ask(signing).options.to_json()
        except (Conflict, Forbidden, TooMany) as error:
            refused = refused or error
    return visit.page(
        "approval",
        status=refused.status if refused else 422 if lacks_reason else 503 if is_unknown else 200,
        approval=approval,
        title=title_of(visit, approval.act),
        form=form,
        asked=told.asked,
        foreseen=told.foreseen,
        case=case,
        named_for=_named_for(visit, approval.asked),
        options=options,
        refused=_why(visit, form, refused) if refused else None,
        objection=_why(visit, form, objection) if objection and not refused else None,
        lacks_reason=lacks_reason,
        is_unknown=is_unknown,
        reasons=REFUSAL_REASONS,
        then=_then(form, approval),
        is_party=_is_party(visit, approval),
        is_invented=visit.is_invented,
        others_invented=_others_invented(visit, approval),
    )


def _case(visit: Visit, asked: Mapping[str, Any]) -> CaseWhole | None:
    """The case that it is about, as people call it; None for none, and where it is not shown to whoever looks."""
    if "case_id" not in asked:
        return None
    try:
        return visit.desk.ask(ShowCase(case_id=UUID(str(asked["case_id"]))))
    except Unauthenticated:
        raise
    except (Refused, Transient) as why:
        logger.info("the case of an approval is not shown", reason=type(why).__name__)
        return None


def _tried(visit: Visit, approval: ApprovalWhole) -> Refused | None:
    """What it would be refused with if it were carried out now; None where it would not, or that is not known.

    It is looked at for who may approve it, before they sign, and for the two of what was approved and not done.
    """
    is_stuck = approval.state == "approved" and _is_party(visit, approval)
    if not (approval.approvable or is_stuck):
        return None
    try:
        visit.desk.rehearse(approval.act, approval.asked, approval_id=approval.approval_id)
    except Unauthenticated:
        raise
    except Refused as refused:
        return None if refused.details.get("reason") == DONE_ALREADY else refused
    except (Transient, Internal) as failed:
        logger.warning("what waits could not be tried", approval_id=approval.approval_id, exc_info=failed)
    return None


def _is_party(visit: Visit, approval: ApprovalWhole) -> bool:
    return visit.desk.who.name in (approval.requested_by, approval.approved_by)


def _others_invented(visit: Visit, approval: ApprovalWhole) -> Sequence[str]:
    """In a demo: as whom of those who have a role for it one may go on, where it waits for another person."""
    if not visit.is_invented or approval.approvable or approval.state != "waiting":
        return ()
    parties = (visit.desk.who.name, approval.requested_by, approval.edited_by, approval.subject)
    known = known_acts().get(approval.act)
    may = frozenset(known.act.roles) if known else frozenset()
    return [each.code for each in PEOPLE if each.code not in parties and may & each.grants.keys()]


class _Told(NamedTuple):
    """What is asked for, in words, and what will happen, in numbers."""

    asked: list[tuple[str, str]]
    foreseen: Sequence[str] = ()


def _told(visit: Visit, form: ActForm | None, approval: ApprovalWhole, case: CaseWhole | None) -> _Told:
    """What whoever looks is told of it; of an act without a form each field as it is.

    Customers are named, and what there is of them is counted, once it is said what one looks at them for. The case
    is called by what people call it.
    """
    asked = approval.asked
    if form is None:
        return _Told([(name, str(value)) for name, value in asked.items()])
    purpose = purposes.chosen(visit) if visit.request.method == "GET" else ""
    looking = replace(visit, desk_or_none=visit.desk.acting_for(Purpose(purpose))) if purpose else None
    looked, foreseen = _foreseen(looking if form.asks_purpose else visit, form, approval)
    known = names.of_looked(looked)
    if not known and looking and names.accounts_in(asked):
        known = names.of_asked(looking, asked)
    shown = {name: value for name, value in asked.items() if not (case and name == CASE)}
    return _Told(form.shown(visit, shown, known), foreseen)


def _foreseen(visit: Visit | None, form: ActForm, approval: ApprovalWhole) -> tuple[Looked, Sequence[str]]:
    """What was looked at to say what will happen, and that; nothing where it is not shown to whoever looks."""
    if visit is None or not form.tells_approver or form.foresee is None or approval.state == "ended":
        return {}, ()
    try:
        looked = form.look(visit, form.values_of(approval.asked))
        return looked, form.foresee(visit, looked)
    except Unauthenticated:
        raise
    except (Refused, Transient) as why:
        logger.info("what an act would do is not shown", act=approval.act, reason=type(why).__name__)
        return {}, ()


def _named_for(visit: Visit, asked: Mapping[str, Any]) -> Sequence[str]:
    """For what whoever is here may have the customers named; empty where none is, or they are named already."""
    if not names.accounts_in(asked) or purposes.chosen(visit):
        return ()
    return purposes.offered(visit, known_acts()[NAMED_BY].act.roles)


def _then(form: ActForm | None, approval: ApprovalWhole) -> str | None:
    """Where what was done is seen."""
    if form is None or approval.ended_because != "carried_out":
        return None
    return form.then.format_map(approval.asked)


def _why(visit: Visit, form: ActForm | None, refused: Refused) -> str:
    return form.why(visit, refused) if form else visit.say(*refusals.why(refused))


def _whole(visit: Visit, approval_id: str) -> ApprovalWhole:
    return visit.ask(ShowApproval(token=visit.token, approval_id=ident(approval_id)))


def _form_of(approval: ApprovalWhole) -> ActForm:
    if approval.state == "ended":
        not_found()
    return OF_ACT.get(approval.act) or not_found()


def _version(visit: Visit) -> int:
    """The version that was seen. Raises `Invalid`."""
    return _number(visit.request.form.get("version", ""))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004
        raise Invalid(details={"fields": {"version": ["not a number"]}})
    return int(text)
