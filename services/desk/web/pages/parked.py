"""Messages that were set aside after failing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.queries.parked import parked_in
from services.desk.web import paging
from services.desk.web.acts.parked import DISCARD, REPLAY
from services.desk.web.visit import Visit
from shared.bus.every_service_calls import DISCARD_REASONS, ParkedDiscard, ParkedList, ParkedReplay, ParkedShow
from shared.errors import Forbidden, Refused, Transient, Unauthenticated
from shared.system import SERVICES
from shared.web.responses import redirect
from shared.web.visit import ident, not_found

STATES: Final = codes_of(ParkedList, "state")
MOST: Final = 100
"""So many messages are decided about at once."""
FORMS: Final = {"replay": REPLAY, "discard": DISCARD}
OF_MANY: Final = {
    "replay": ("Send meldingene på nytt", "Replay the messages"),
    "discard": ("Forkast meldingene", "Discard the messages"),
}
CHOSEN: Final = "message"
OTHERS: Final = "others"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of one message of a group: `done`, the code of a refusal, or `unknown` where nobody answered."""

    service: str
    parked_id: UUID
    outcome: str


def listed(visit: Visit) -> Response:
    """Messages in one state, of all services or of one; a service that does not answer is named."""
    state = visit.chosen("state", STATES)
    return _list(visit, state)


def _list(
    visit: Visit, state: str, *, error: str | None = None, ticked: Collection[tuple[str, UUID]] = ()
) -> Response:
    of_one = visit.request.args.get("service")
    if of_one and of_one not in SERVICES:
        not_found()
    after = paging.after(visit) if of_one else None
    found = parked_in(visit.desk, (of_one,) if of_one else SERVICES, state, after)
    messages = found.messages
    return visit.page(
        "parked",
        status=422 if error else 200,
        found=messages[:MOST] if state == "parked" else messages,
        left_off=max(0, len(messages) - MOST) if state == "parked" else 0,
        away=list(found.away),
        more=found.more,
        service=of_one,
        state=state,
        states=STATES,
        error=error,
        ticked={_value(*each) for each in ticked},
        field=CHOSEN,
    )


def show(visit: Visit, service: str, parked_id: str) -> Response:
    """One message with what is known of it. What it says stays out of pages: it may be about people."""
    if service not in SERVICES:
        not_found()
    message = visit.desk.ask(ParkedShow(parked_id=ident(parked_id)), of=service)
    return visit.page("parked_message", service=service, message=message)


def choose(visit: Visit) -> Response:
    """What would be done with the messages that were chosen, in numbers, and one question. Nothing is done.

    Whoever wants to choose others comes back to the list, where those are ticked.
    """
    if not visit.is_filled_in:
        return redirect("/parked")
    chosen, decision = list(_chosen(visit)), visit.form.get("decision", "")
    if visit.form.get(OTHERS) == "yes":
        return _list(visit, "parked", ticked=chosen)
    if decision not in FORMS:
        not_found()
    if not chosen:
        return _list(visit, "parked", error=visit.say("Velg minst én melding.", "Choose one message at least."))
    return _question(visit, chosen, decision)


def decide(visit: Visit) -> Response:
    """Decide about each message by itself, once for a form however often it is sent; then what became of each."""
    if visit.request.method != "POST":
        return _asked_again(visit)
    chosen, form = list(_chosen(visit)), visit.form
    decision, reason = form.get("decision", ""), form.get("reason", "")
    if decision not in FORMS or not chosen:
        not_found()
    if decision == "discard" and reason not in DISCARD_REASONS:
        lacking = visit.say("Velg en grunn.", "Choose a reason.")
        return _question(visit, chosen, decision, key=visit.form_key, error=lacking)
    key = visit.form_key
    decided = [
        Decided(
            service=service,
            parked_id=parked_id,
            outcome=_decided(visit, service, parked_id, reason=reason if decision == "discard" else None, key=key),
        )
        for service, parked_id in chosen
    ]
    return visit.page(
        "parked_decided",
        decided=decided,
        decision=decision,
        reason=reason,
        key=key,
        done=sum(each.outcome == "done" for each in decided),
        unknown=[each for each in decided if each.outcome == "unknown"],
        field=CHOSEN,
    )


def _asked_again(visit: Visit) -> Response:
    """The question as it was answered when the session ended; under its key what was done is not done again."""
    chosen, decision = list(_chosen(visit)), visit.form.get("decision", "")
    if visit.kept is None or decision not in FORMS or not chosen:
        return redirect("/parked")
    return _question(visit, chosen, decision, key=visit.form_key)


def _question(
    visit: Visit,
    chosen: list[tuple[str, UUID]],
    decision: str,
    *,
    key: UUID | None = None,
    error: str | None = None,
) -> Response:
    return visit.page(
        "parked_question",
        status=422 if error else 200,
        form=FORMS[decision],
        title_of_many=OF_MANY[decision],
        decision=decision,
        chosen=chosen,
        by_service=sorted(Counter(service for service, _ in chosen).items()),
        reasons=visit.coded("discard_reason", DISCARD_REASONS),
        reason=visit.form.get("reason", ""),
        key=key,
        error=error,
        field=CHOSEN,
        others=OTHERS,
    )


def _chosen(visit: Visit) -> Iterator[tuple[str, UUID]]:
    """The messages that were chosen, each once. Raises `NotFound` for what is none, or too many."""
    values = dict.fromkeys(visit.form.getlist(CHOSEN))
    if len(values) > MOST:
        not_found()
    for value in values:
        service, _, parked_id = value.partition("/")
        if service not in SERVICES:
            not_found()
        yield service, ident(parked_id)


def _value(service: str, parked_id: UUID) -> str:
    """What a message is called in forms."""
    return f"{service}/{parked_id}"


def _decided(visit: Visit, service: str, parked_id: UUID, *, reason: str | None, key: UUID) -> str:
    """Decide about one message. What is refused or away for one keeps the others waiting for nothing."""
    at = visit.desk
    own_key = str(uuid5(key, _value(service, parked_id)))
    try:
        if reason is None:
            at.ask(ParkedReplay(parked_id=parked_id, actor=at.who), of=service, idempotency_key=own_key)
        else:
            call = ParkedDiscard(parked_id=parked_id, actor=at.who, reason=reason)
            at.ask(call, of=service, idempotency_key=own_key)
    except (Forbidden, Unauthenticated):
        raise  # of whoever acts, not of the message: the same for all of them
    except Refused as refused:
        return refused.code
    except Transient:
        return "unknown"
    return "done"
