"""What one writes to support and is answered: one's own threads, and nobody else's."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.support.calls import (
    BEFORE_MOST,
    BeginSupport,
    SupportTaken,
    SupportThread,
    SupportThreads,
    WriteOn,
)
from services.gateway.web.acts import Act, Field, Kind, Values
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.visit import Visit
from shared.input_guard import hints
from shared.keyset import Place
from shared.web.visit import ident, not_found


def show(visit: Visit) -> Response:
    """The threads of whoever is here, those first in which something was written last."""
    after = visit.request.args.get("after")
    asked = SupportThreads.from_json(visit.mine | {"after": str(_place(after))} if after else visit.mine)
    shown = visit.ask(asked)
    return visit.page("support", threads=shown.threads, following=shown.next_after, is_first=not after)


def thread(visit: Visit, thread_id: str) -> Response:
    """One of them, with its newest messages or those before them."""
    before = visit.request.args.get("before")
    named = {"thread_id": str(ident(thread_id)), "before": _number(before) if before else None}
    return visit.page("support_thread", thread=visit.ask(SupportThread.from_json(visit.mine | named)))


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError:
        not_found()


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(BEFORE_MOST)) else 0
    return number if 1 < number <= BEFORE_MOST else not_found()


def _begin(visit: Visit, values: Values) -> Response | Came:
    return _taken(visit, values, visit.ask(BeginSupport.from_json(visit.mine | {"text": values["text"]})))


def _write_on(visit: Visit, values: Values, thread_id: str) -> Response | Came:
    named = {"thread_id": str(ident(thread_id)), "text": values["text"]}
    return _taken(visit, values, visit.ask(WriteOn.from_json(visit.mine | named)))


def _taken(visit: Visit, values: Values, taken: SupportTaken) -> Response | Came:
    """What came of it; what the text seems to speak of stands on a page, and in no address that a log may keep."""
    if found := hints(values["text"]):
        return visit.page("support_sent", taken=taken, hints=found)
    return Came(Outcome.WRITTEN, taken.reference)


TEXT: Final = Field(
    name="text",
    label=("Hva vil du spørre om?", "What do you want to ask?"),
    hint=(
        "Høyst 4000 tegn. Nevn ikke flere personer enn nødvendig, og ingen fødselsnumre.",
        "At most 4000 characters. Name no more people than needed, and no national identity numbers.",
    ),
    kind=Kind.LONG,
)
REFUSALS: Final = {
    "too_many": (
        "Du har skrevet svært ofte i dag. Skriv eller ring til oss i stedet.",
        "You have written very often today. Write or call us instead.",
    ),
}
BEGIN: Final = Act(
    rule="/support/write",
    title=("Skriv til brukerstøtte", "Write to support"),
    says=(
        (
            "Vi svarer innen fem virkedager. Svaret leser du her, og en e-post sier fra når det er kommet. Bare du "
            "og vi leser det: ingen andre i virksomheten."
        ),
        (
            "We answer within five working days. You read the answer here, and an e-mail tells you when there is "
            "one. Only you and we read it: nobody else at the company."
        ),
    ),
    button=("Send", "Send"),
    fields=(TEXT,),
    work=_begin,
    then="/support",
    refusals=REFUSALS,
)
WRITE_ON: Final = Act(
    rule="/support/<thread_id>/write",
    title=("Skriv mer", "Write more"),
    button=("Send", "Send"),
    fields=(TEXT,),
    work=_write_on,
    then="/support/{thread_id}",
    refusals=REFUSALS,
)
ACTS: Final = (BEGIN, WRITE_ON)
