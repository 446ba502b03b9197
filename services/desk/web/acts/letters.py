"""What staff do about letters: lift a suppression, end a task, send what Mailgun's troubles held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import CUSTOMER_PAGE, ActField, ActForm, Looked, Values
from services.desk.web.visit import Visit
from services.notification.alarms.calls import Alarms, ReleaseParked
from services.notification.staff_tasks.calls import SettleTask
from services.notification.suppressions.calls import LiftSuppression


def _troubles(_visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"alarms": together.ask(Alarms())}


def _held_back(visit: Visit, looked: Looked) -> Sequence[str]:
    alarms = looked["alarms"]
    return [
        visit.count(
            len(alarms.alarms),
            ("Én alarm om Mailgun lukkes.", "{n} alarmer om Mailgun lukkes."),
            ("One alarm about Mailgun is closed.", "{n} alarms about Mailgun are closed."),
        ),
        visit.count(
            alarms.parked_letters,
            ("Én e-post er holdt tilbake, og sendes.", "{n} e-poster er holdt tilbake. Høyst 500 sendes nå."),
            ("One letter was held back and is sent.", "{n} letters were held back. At most 500 are sent now."),
        ),
    ]


LIFT_SUPPRESSION: Final = ActForm(
    name="lift-suppression",
    call=LiftSuppression,
    title=("Opphev en sperre", "Lift a suppression"),
    says=(
        "Du vet at adressen virker: neste e-post går ut. En sperre etter en klage oppheves aldri.",
        "You know that the address works: the next letter goes out. A suppression after a complaint stays.",
    ),
    question=("Virker adressen igjen?", "Does the address work again?"),
    button=("Opphev sperren", "Lift the suppression"),
    about=("suppression_id",),
    fields=(),
    then=CUSTOMER_PAGE,
    conflict=(
        "Den kan ikke oppheves: mottakeren har klaget, eller den er over.",
        "It cannot be lifted: the recipient complained, or it is over.",
    ),
)
SETTLE_TASK: Final = ActForm(
    name="settle-task",
    call=SettleTask,
    title=("Avslutt en oppgave", "End a task"),
    says=("Si hvordan det gikk.", "Say how it ended."),
    question=("Er oppgaven avsluttet?", "Has the task ended?"),
    button=("Avslutt oppgaven", "End the task"),
    about=("task_id",),
    fields=(ActField(name="outcome", label=("Hvordan det gikk", "How it ended"), words="task_outcome"),),
    then=CUSTOMER_PAGE,
    conflict=("Oppgaven er allerede avsluttet.", "The task has ended already."),
)
RELEASE_LETTERS: Final = ActForm(
    name="release-letters",
    call=ReleaseParked,
    title=("Send e-postene som er holdt tilbake", "Send the letters that were held back"),
    says=(
        "Du har sett til det som var galt hos Mailgun.",
        "You have seen to what was wrong at Mailgun.",
    ),
    question=("Er feilen hos Mailgun rettet?", "Is the trouble with Mailgun over?"),
    button=("Send dem", "Send them"),
    about=(),
    fields=(),
    then="/letters",
    looks=_troubles,
    foresee=_held_back,
)
FORMS: Final = (LIFT_SUPPRESSION, SETTLE_TASK, RELEASE_LETTERS)
