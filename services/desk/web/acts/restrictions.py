"""What staff decide about restrictions (GDPR, article 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.queries.erasures import under_way
from services.desk.web.act_forms import CUSTOMER_PAGE, ActField, ActForm, Looked, Values
from services.desk.web.acts.account_and_people import may_have_to_wait, people, today, users_and_erasures
from services.desk.web.visit import Visit
from services.retention.monitoring.calls import Timeline
from services.retention.restrictions.calls import (
    AnnounceLift,
    LiftRestriction,
    Restrictions,
    SetRestriction,
)
from shared.calls import Call, pages
from shared.keyset import PAGE_MOST
from shared.web.visit import ident

PAGES_MOST: Final = 1_000


def _restriction(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    account_id = ident(values["account_id"])
    return {
        "restrictions": together.ask(Restrictions(account_id=account_id, limit=PAGE_MOST)),
        "erasures": together.ask(Timeline(account_id=account_id)),
    }


def _stopped(visit: Visit, looked: Looked) -> Sequence[str]:
    return [may_have_to_wait(visit, len(under_way(looked["erasures"].erasures)))]


def _goes_on(visit: Visit, looked: Looked) -> Sequence[str]:
    """What may go on once a restriction of the account is gone, which other ones may still keep."""
    waiting = [each for each in under_way(looked["erasures"].erasures) if each.suspended]
    return [
        visit.count(
            len(looked["restrictions"].restrictions),
            ("Kontoen har én begrensning nå.", "Kontoen har {n} begrensninger nå."),
            ("The account has one restriction now.", "The account has {n} restrictions now."),
        ),
        visit.count(
            len(waiting),
            ("Én sletting venter, og kan gå videre.", "{n} slettinger venter, og kan gå videre."),
            ("One erasure waits, and may go on.", "{n} erasures wait, and may go on."),
        ),
    ]


def _is_lifted(visit: Visit, call: Call[Any]) -> bool:
    """Whether the same person has lifted it: then the form was sent twice."""
    if not isinstance(call, LiftRestriction):
        return False
    account_id, lifted = ident(visit.form["account_id"]), (call.restriction_id, str(call.actor))
    read = pages(
        lambda after: visit.desk.ask(
            Restrictions(account_id=account_id, state="lifted", after=after, limit=PAGE_MOST)
        ),
        lambda page: page.next_after,
        most=PAGES_MOST,
        too_many="there are more lifted restrictions than one account has",
    )
    return any((each.restriction_id, each.lifted_by) == lifted for page in read for each in page.restrictions)


SET_RESTRICTION: Final = ActForm(
    name="set-restriction",
    call=SetRestriction,
    title=("Begrens behandlingen", "Restrict the processing"),
    says=(
        "Fra nå av kan opplysningene bare lagres: ingenting endres, sendes, kopieres eller slettes.",
        "From now on the data may only be stored: nothing is changed, sent, copied or erased.",
    ),
    question=("Skal behandlingen begrenses?", "Shall the processing be restricted?"),
    button=("Begrens", "Restrict"),
    about=("account_id",),
    fields=(
        ActField(
            name="user_id",
            label=("Person", "Person"),
            hint=("Ingen valgt: hele kontoen.", "None chosen: the whole account."),
            offers=people,
        ),
        ActField(name="ground", label=("Grunn", "Ground"), words="ground"),
        ActField(
            name="requested_on",
            label=("Ønsket", "Requested"),
            hint=("I dag eller tidligere.", "Today or earlier."),
            begins=today,
        ),
    ),
    then=CUSTOMER_PAGE,
    key="restriction_id",
    conflict=(
        "Det går ikke nå: personen eller kontoen har begrensninger nok, eller slettingen har begynt.",
        "This cannot be done now: there are enough restrictions of it, or the erasure has begun.",
    ),
    looks=users_and_erasures,
    foresee=_stopped,
)
ANNOUNCE_LIFT: Final = ActForm(
    name="announce-lift",
    call=AnnounceLift,
    title=("Varsle at begrensningen oppheves", "Announce that the restriction ends"),
    says=(
        "Personen skal vite det før den oppheves. Det sendes en e-post, om du ikke har sagt det på en annen måte.",
        "The person has to know before it is lifted. An e-mail is sent, unless you have told them in another way.",
    ),
    question=("Skal det varsles?", "Shall it be announced?"),
    button=("Varsle", "Announce"),
    about=("restriction_id",),
    fields=(
        ActField(
            name="channel",
            label=("Du har sagt det selv", "You have told them yourself"),
            hint=("Ikke valgt: det sendes en e-post.", "None chosen: an e-mail is sent."),
            words="told_channel",
        ),
    ),
    then=CUSTOMER_PAGE,
    conflict=("Den er opphevet, eller allerede varslet.", "It is lifted, or announced already."),
)
LIFT_RESTRICTION: Final = ActForm(
    name="lift-restriction",
    call=LiftRestriction,
    title=("Opphev en begrensning", "Lift a restriction"),
    says=(
        "Personen vet det. Opplysningene kan brukes igjen, og det som skulle vært slettet, slettes.",
        "The person knows. The data may be used again, and what should have been erased is erased.",
    ),
    question=("Skal begrensningen oppheves?", "Shall the restriction be lifted?"),
    button=("Opphev", "Lift"),
    about=("restriction_id",),
    beside=("account_id",),
    fields=(),
    then=CUSTOMER_PAGE,
    conflict=(
        "Det går ikke nå: personen har ikke fått vite det ennå, eller fikk vite det for kort tid siden.",
        "This cannot be done now: the person was not told yet, or too short a time ago.",
    ),
    is_destructive=True,
    looks=_restriction,
    foresee=_goes_on,
    is_done=_is_lifted,
)
FORMS: Final = (SET_RESTRICTION, ANNOUNCE_LIFT, LIFT_RESTRICTION)
