"""What staff decide about one parked message; several at once are decided about in the list of them."""

from __future__ import annotations

from typing import Final

from services.desk.web.act_forms import ActField, ActForm
from shared.bus.every_service_calls import ParkedDiscard, ParkedReplay

ABOUT: Final = ("service", "parked_id")
DECIDED: Final = ("Noen har allerede bestemt seg.", "Somebody has decided already.")

REPLAY: Final = ActForm(
    name="replay",
    call=ParkedReplay,
    title=("Send meldingen på nytt", "Replay the message"),
    says=(
        "Den sendes til køen sin igjen. Se først at grunnen til at den feilet, er borte.",
        "It is sent to its queue again. First see that what it failed of is gone.",
    ),
    question=("Skal meldingen sendes på nytt?", "Shall the message be replayed?"),
    button=("Send på nytt", "Replay"),
    about=ABOUT,
    fields=(),
    then="/parked/{service}/{parked_id}",
    conflict=DECIDED,
)
DISCARD: Final = ActForm(
    name="discard",
    call=ParkedDiscard,
    title=("Forkast meldingen", "Discard the message"),
    says=(
        "Den blir aldri behandlet. Det den skulle ført til, skjer ikke, om det ikke er gjort på en annen måte.",
        "It is never handled. What it should have led to does not happen, unless it was done in another way.",
    ),
    question=("Skal meldingen forkastes?", "Shall the message be discarded?"),
    button=("Forkast", "Discard"),
    about=ABOUT,
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="discard_reason"),),
    then="/parked/{service}/{parked_id}",
    conflict=DECIDED,
    is_destructive=True,
)
FORMS: Final = (REPLAY, DISCARD)
