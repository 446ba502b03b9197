"""What staff do with records: the same forms for every kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import ActField, ActForm, Asks, Looked, Values
from services.desk.web.visit import Visit
from services.registers.board.calls import ShowRecord
from services.registers.duty.calls import SetDuty
from services.registers.record_lifecycle.calls import (
    EndRecord,
    EndRecordInForce,
    PutRecordInForce,
    ReviewRecord,
    SubmitRecord,
)
from services.staff.contacts.calls import Reachable, SetContact
from shared.web.visit import ident


def _record(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"record": together.ask(ShowRecord(record_id=ident(values["record_id"])))}


def _what_it_is(visit: Visit, looked: Looked) -> Sequence[str]:
    record = looked["record"]
    said = ("{kind}, nå: {state}.", "{kind}, now: {state}.")
    facts = {"kind": visit.code("register_kind", record.kind), "state": visit.code("record_state", record.state)}
    return [visit.say(*said, **facts)]


CHANGED: Final = (
    "Det gikk ikke: oppføringen er ikke lenger slik du så den. Se på den igjen.",
    "This could not be done: the record is no longer as you saw it. Look at it again.",
)
LABELS: Final = {"record_id": ("Oppføring", "Record")}
OF_RECORD: Final[dict[str, Any]] = {
    "about": ("record_id", "version"),
    "then": "/registers/{record_id}",
    "conflict": CHANGED,
    "looks": _record,
    "foresee": _what_it_is,
    "labels": LABELS,
    "finds": Asks.RECORD,
}

SUBMIT_RECORD: Final = ActForm(
    name="submit-record",
    call=SubmitRecord,
    title=("Send inn et utkast", "Submit a draft"),
    says=(
        "Utkastet er ferdig. Der to personer må godkjenne det, gjelder det først etterpå.",
        "The draft is finished. Where two persons have to approve it, it counts only after that.",
    ),
    question=("Er utkastet ferdig?", "Is the draft finished?"),
    button=("Send inn", "Submit"),
    fields=(),
    **OF_RECORD,
)
PUT_IN_FORCE: Final = ActForm(
    name="put-record-in-force",
    call=PutRecordInForce,
    title=("Sett en oppføring i kraft", "Put a record in force"),
    says=(
        "Den gjelder fra sin første dag. Den som har skrevet noe av den, kan ikke godkjenne den.",
        "It counts from its first day on. Whoever has written any of it cannot approve it.",
    ),
    question=("Skal oppføringen gjelde?", "Shall the record count?"),
    button=("Sett i kraft", "Put in force"),
    fields=(),
    **OF_RECORD,
)
OF_ENDING: Final = (
    ActField(name="reason", label=("Grunn", "Why"), words="record_ending"),
    ActField(
        name="on",
        label=("Gjelder ikke fra", "Counts no more from"),
        hint=(
            "I dag om du lar det stå tomt. Trekker kunden noe tilbake, er det dagen kunden sa det.",
            "Today if you leave it empty. Where a customer withdraws, it is the day on which they said so.",
        ),
        empty_means=("i dag", "today"),
    ),
)
END_RECORD: Final = ActForm(
    name="end-record",
    call=EndRecord,
    title=("Avslutt en oppføring", "End a record"),
    says=(
        "Den gjelder ikke lenger fra denne dagen. Ingen gjenoppretting bringer den tilbake.",
        "It counts no more from this day on. No restore brings it back.",
    ),
    question=("Skal oppføringen avsluttes?", "Shall the record end?"),
    button=("Avslutt", "End it"),
    fields=OF_ENDING,
    is_destructive=True,
    **OF_RECORD,
)
END_IN_FORCE: Final = ActForm(
    name="end-record-in-force",
    call=EndRecordInForce,
    title=("Avslutt en oppføring som gjelder", "End a record that counts"),
    says=(
        "To har satt den i kraft, og to avslutter den. Ingen gjenoppretting bringer den tilbake.",
        "Two have put it in force, and two end it. No restore brings it back.",
    ),
    question=("Skal oppføringen avsluttes?", "Shall the record end?"),
    button=("Be om å avslutte", "Ask to end it"),
    fields=OF_ENDING,
    is_destructive=True,
    **OF_RECORD,
)
REVIEW_RECORD: Final = ActForm(
    name="review-record",
    call=ReviewRecord,
    title=("Bekreft at en oppføring er riktig", "Confirm that a record is right"),
    says=(
        "Du har sett på den, og den er riktig. Den vurderes igjen om så lang tid som slaget sier.",
        "You have looked at it, and it is right. It is reviewed again after the time that its kind has.",
    ),
    question=("Er oppføringen riktig?", "Is the record right?"),
    button=("Bekreft", "Confirm"),
    fields=(),
    **OF_RECORD,
)


def _reachable(_visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"reachable": together.ask(Reachable())}


def _in_vain(visit: Visit, looked: Looked) -> Sequence[str]:
    """Who has an address and may look at no case, as by a role for some customers only."""
    if not (codes := looked["reachable"].without_cases):
        return []
    told = (
        "Disse varsles forgjeves, for de kan ikke se saker: {codes}.",
        "These are called in vain, for they may look at no case: {codes}.",
    )
    return [visit.say(*told, codes=", ".join(codes))]


SET_DUTY: Final = ActForm(
    name="set-duty",
    call=SetDuty,
    title=("Sett vakten for en uke", "Set who is on duty in a week"),
    says=(
        "Den som har vakt, får ansvaret for det som åpnes. Går fristen ut, får den neste det.",
        "Whoever is on duty answers for what is opened. Once its time is over, that passes to who is next.",
    ),
    question=("Skal disse ha vakt?", "Shall these two be on duty?"),
    button=("Sett vakten", "Set it"),
    about=("week_on",),
    fields=(
        ActField(name="person", label=("Vakt", "On duty"), hint=("Medarbeiderkoden.", "The staff code.")),
        ActField(name="deputy", label=("Neste", "Then"), hint=("En annen medarbeiderkode.", "Another staff code.")),
    ),
    then="/duty",
    labels={"week_on": ("Uken fra", "Week from")},
    looks=_reachable,
    foresee=_in_vain,
)
SET_CONTACT: Final = ActForm(
    name="set-contact",
    call=SetContact,
    title=("Før inn hvor noen varsles", "Enter where somebody is called"),
    says=(
        "Hit går varsler når personen har vakt. Den forrige adressen glemmes. Ingen får se den her.",
        "Calls go there when the person is on duty. The address before is forgotten. Nobody gets to see it here.",
    ),
    question=("Skal varsler gå hit?", "Shall calls go there?"),
    button=("Lagre adressen", "Keep the address"),
    about=(),
    fields=(
        ActField(name="code", label=("Medarbeiderkode", "Staff code")),
        ActField(name="email", label=("E-postadresse på jobb", "E-mail address at work")),
        ActField(name="language", label=("Språk", "Language"), words="language"),
    ),
    then="/duty",
)
FORMS: Final = (SUBMIT_RECORD, PUT_IN_FORCE, END_RECORD, END_IN_FORCE, REVIEW_RECORD, SET_DUTY, SET_CONTACT)
