"""What staff decide about holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import ActField, ActForm, Looked, Values
from services.desk.web.acts.account_and_people import may_have_to_wait, people, today, users_and_erasures
from services.desk.web.visit import Visit
from services.retention.holds.calls import Hold, PlaceHold, ReleaseHold, RenewHold
from services.retention.monitoring.calls import ErasureShown, Timeline
from shared.calendar import oslo_date
from shared.calls import Call
from shared.terms.parameters import in_force
from shared.web.visit import ident

BEGUN: Final = frozenset({"fenced", "ordered", "destroyed", "certified", "cancelled"})
"""States in which nothing of an erasure can be kept back any more."""


def _latest_review(visit: Visit) -> str:
    today = oslo_date(visit.desk.clock.now())
    return (today + timedelta(days=in_force("hold.review", today).default)).isoformat()


def _me(visit: Visit) -> str:
    return visit.desk.who.name or ""


def _hold(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {
        "hold": together.ask(Hold(hold_id=ident(values["hold_id"]))),
        "erasures": together.ask(Timeline(account_id=ident(values["account_id"]))),
    }


def _open_erasures(looked: Looked) -> list[ErasureShown]:
    return [each for each in looked["erasures"].erasures if each.state not in BEGUN]


def _stopped(visit: Visit, looked: Looked) -> Sequence[str]:
    planned = _open_erasures(looked)
    stopped = may_have_to_wait(visit, len(planned))
    if not planned:
        nobody = (
            "Det sendes ingen e-post om det.",
            "No letter about it goes out.",
        )
        return [stopped, visit.say(*nobody)]
    first = visit.day(min(each.due_on for each in planned))
    due = ("Den første skulle vært gjort {day}.", "The first one was due on {day}.")
    return [stopped, visit.say(*due, day=first)]


def _released(visit: Visit, looked: Looked) -> Sequence[str]:
    """What goes on once the hold is gone, which other holds may still keep."""
    if looked["hold"].account_id not in {each.account_id for each in looked["erasures"].erasures}:
        return [visit.say("Ingen sletting venter.", "No erasure waits.")]
    waiting = [each for each in _open_erasures(looked) if each.suspended]
    today = oslo_date(visit.desk.clock.now())
    due = [each for each in waiting if each.due_on <= today]
    return [
        visit.count(
            len(waiting),
            ("Én sletting venter på tilbakehold.", "{n} slettinger venter på tilbakehold."),
            ("One erasure waits for holds.", "{n} erasures wait for holds."),
        ),
        visit.count(
            len(due),
            ("Datoen for én av dem er passert: den går da straks i gang.",
             "Datoen for {n} av dem er passert: de går da straks i gang."),
            ("The date of one of them has passed: it then begins at once.",
             "The dates of {n} of them have passed: they then begin at once."),
        ),
    ]  # fmt: skip


def _is_released(visit: Visit, call: Call[Any]) -> bool:
    """Whether the same person has released it for the same reason: then the form was sent twice."""
    if not isinstance(call, ReleaseHold):
        return False
    hold = visit.desk.ask(Hold(hold_id=call.hold_id))
    return (hold.released_by, hold.release_reason) == (str(call.actor), call.reason)


REVIEW: Final = ActField(
    name="review_on",
    label=("Vurderes på nytt", "Next review"),
    hint=(
        "Fra i morgen til 90 dager fram: da ser en person på det igjen.",
        "From tomorrow to 90 days ahead: then a person looks at it again.",
    ),
    begins=_latest_review,
)
REASON: Final = ActField(name="reason", label=("Grunn", "Why"), words="hold_reason")

PLACE_HOLD: Final = ActForm(
    name="place-hold",
    call=PlaceHold,
    title=("Sett et tilbakehold", "Place a hold"),
    says=(
        "Det som et tilbakehold dekker, blir verken slettet eller endret før det oppheves.",
        "What a hold covers is neither erased nor changed until it is released.",
    ),
    question=("Skal dette holdes tilbake?", "Shall this be held?"),
    button=("Sett tilbakeholdet", "Place the hold"),
    about=("account_id",),
    fields=(
        REASON,
        ActField(
            name="case_ref",
            label=("Saksnummer", "Number of the case"),
            hint=(
                "Det uenigheten heter, som V-7K3M-92; ellers sak-, tvist-, krav- eller palegg-, år og nummer.",
                "What the disagreement is called, as V-7K3M-92; or sak-, tvist-, krav- or palegg-, year, number.",
            ),
        ),
        ActField(
            name="owner",
            label=("Ansvarlig", "Owner"),
            hint=(
                "Medarbeiderkoden til den som svarer for tilbakeholdet.",
                "The staff code of whoever answers for the hold.",
            ),
            begins=_me,
        ),
        ActField(
            name="user_ids",
            label=("Personer", "People"),
            hint=("Ingen valgt: hele kontoen.", "None chosen: the whole account."),
            empty_means=("hele kontoen", "the whole account"),
            offers=people,
        ),
        ActField(
            name="categories",
            label=("Opplysninger", "Data"),
            hint=("Ingen valgt: alle opplysninger.", "None chosen: all data."),
            empty_means=("alle opplysninger", "all data"),
            words="category",
        ),
        ActField(
            name="starts_on",
            label=("Gjelder fra", "From"),
            hint=("I dag eller tidligere.", "Today or earlier."),
            begins=today,
        ),
        REVIEW,
    ),
    then="/holds/{hold_id}",
    key="hold_id",
    conflict=(
        "Det går ikke nå: kontoen har allerede ti tilbakehold, saken er avsluttet, eller slettingen har begynt.",
        "This cannot be done now: the account has ten holds already, the case has ended, or the erasure has begun.",
    ),
    looks=users_and_erasures,
    foresee=_stopped,
    tells_approver=True,
)
RENEW_HOLD: Final = ActForm(
    name="renew-hold",
    call=RenewHold,
    title=("Forleng et tilbakehold", "Renew a hold"),
    says=(
        "Tilbakeholdet står til den nye datoen, fordi noen har vurdert det og det fortsatt trengs.",
        "The hold stands until the new date, because somebody has reviewed it and it is still needed.",
    ),
    question=("Trengs tilbakeholdet fortsatt?", "Is the hold still needed?"),
    button=("Forleng tilbakeholdet", "Renew the hold"),
    about=("hold_id", "account_id"),
    fields=(
        REASON,
        REVIEW,
        ActField(
            name="owner",
            label=("Ny ansvarlig", "New owner"),
            hint=(
                "Koden til medarbeideren som overtar. Tomt: den samme svarer for det.",
                "The code of the person who takes it over. Empty: the same one answers for it.",
            ),
            empty_means=("den samme som før", "the same as before"),
        ),
    ),
    then="/holds/{hold_id}",
    conflict=("Tilbakeholdet er allerede opphevet.", "The hold is released already."),
)
RELEASE_HOLD: Final = ActForm(
    name="release-hold",
    call=ReleaseHold,
    title=("Opphev et tilbakehold", "Release a hold"),
    says=(
        "Det som tilbakeholdet har dekket, kan slettes igjen. Det som da slettes, kan ikke hentes tilbake.",
        "What the hold has covered may be erased again. What is erased then cannot be brought back.",
    ),
    question=("Skal tilbakeholdet oppheves?", "Shall the hold be released?"),
    button=("Opphev tilbakeholdet", "Release the hold"),
    about=("hold_id",),
    fields=(ActField(name="reason", label=("Grunn", "Why"), words="release_reason"),),
    then="/holds/{hold_id}",
    conflict=("Tilbakeholdet er allerede opphevet.", "The hold is released already."),
    is_destructive=True,
    beside=("account_id",),
    looks=_hold,
    foresee=_released,
    is_done=_is_released,
)
FORMS: Final = (PLACE_HOLD, RENEW_HOLD, RELEASE_HOLD)
