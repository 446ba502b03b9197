"""What staff decide about erasures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.queries.dry_runs import answered
from services.desk.web import paging
from services.desk.web.act_forms import ActField, ActForm, Asks, Looked, Values
from services.desk.web.acts.account_and_people import people, users
from services.desk.web.paging import links
from services.desk.web.visit import Visit
from services.retention.dry_runs.calls import OrderDryRun, WouldErase
from services.retention.early_erasure.calls import RequestEarlyErasure
from services.retention.execution.calls import Release
from services.retention.monitoring.calls import CountHalted, Erasures, ErasureShown, ErasuresInState
from shared.web.visit import ident, short

DRY_RUN_SECONDS: Final = 3.0
"""So long a page waits for what every service would erase; those that have not answered by then are named."""


def _dry_run(visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    user_id = ident(values["user_id"]) if values["user_id"] else None
    order = OrderDryRun(account_id=ident(values["account_id"]), user_id=user_id, actor=visit.desk.who)
    return {"run": together.ask(order), **users(visit, values, together)}


def _would_erase(visit: Visit, looked: Looked) -> Sequence[str]:
    """What every service would erase now, in numbers, and of whom these are."""
    run = answered(visit.desk, looked["run"], until=time.monotonic() + DRY_RUN_SECONDS)
    named = dict(people(visit, looked))
    whose = visit.say("Hele kontoen:", "The whole account:")
    if run.user_id is not None:
        whose = f"{named.get(str(run.user_id), short(run.user_id))}:"
    lines = [whose]
    lines += [_part(visit, each) for each in run.participants if each.state == "answered"]
    silent = [visit.code("participant", each.participant) for each in run.participants if each.state != "answered"]
    if silent:
        text = ("Har ikke svart ennå: {names}.", "Has not answered yet: {names}.")
        lines.append(visit.say(*text, names=", ".join(silent)))
    if run.held:
        lines.append(visit.say("Alt er holdt tilbake: slettingen venter.", "All is held: the erasure waits."))
    return lines


def _part(visit: Visit, part: WouldErase) -> str:
    erased = ", ".join(f"{visit.code('count', kind)} ({count})" for kind, count in part.counts.items() if count)
    return f"{visit.code('participant', part.participant)}: {erased or visit.say('ingenting', 'nothing')}"


def _halted(visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    page = Erasures(state="halted", after=paging.after(visit))
    return {"halted": together.ask(page), "count": together.ask(CountHalted())}


def _offered(visit: Visit, looked: Looked) -> Sequence[tuple[str, str]]:
    halted: Sequence[ErasureShown] = looked["halted"].erasures
    return [
        (
            str(each.erasure_id),
            visit.say(
                "{id}, kunde {account}, {trigger}, skulle vært slettet {day}",
                "{id}, customer {account}, {trigger}, was due on {day}",
                id=short(each.erasure_id),
                account=short(each.account_id),
                trigger=visit.code("trigger", each.trigger),
                day=visit.day(each.due_on),
            ),
        )
        for each in halted
    ]


def _would_go_on(visit: Visit, looked: Looked) -> Sequence[str]:
    halted: ErasuresInState = looked["halted"]
    lines = [
        visit.count(
            looked["count"].count,
            ("Én sletting er stanset.", "{n} slettinger er stanset."),
            ("One erasure is halted.", "{n} erasures are halted."),
        ),
        visit.count(
            len({each.account_id for each in halted.erasures}),
            ("De som vises her, gjelder én kunde.", "De som vises her, gjelder {n} kunder."),
            ("Those shown here concern one customer.", "Those shown here concern {n} customers."),
        ),
    ]
    return [*lines, *links(visit, halted.next_after)]


ERASE_EARLY: Final = ActForm(
    name="erase-early",
    call=RequestEarlyErasure,
    title=("Slett uten å vente", "Erase without waiting"),
    says=(
        (
            "På skriftlig ønske gjøres kontoen, eller én person på den, inaktiv og slettes nå, uten å vente til "
            "datoen, også når avtalen ikke er sagt opp. Kunden ønsker det for kontoen, og en person bare for seg "
            "selv. Den som ber om det, har kontrollert hvem som ønsker det, og at de kan. Det kan ikke gjøres om."
        ),
        (
            "At a written request the account, or one person of it, is made inactive and erased now, without "
            "waiting for the date, also under no notice. The customer wishes it for the account, and a person "
            "for themselves alone. Whoever asks for it has checked who wants it, and that they may. It cannot be "
            "undone."
        ),
    ),
    question=("Skal dette slettes nå?", "Shall this be erased now?"),
    button=("Slett nå", "Erase now"),
    about=("account_id",),
    fields=(
        ActField(
            name="user_id",
            label=("Person", "Person"),
            hint=("Ingen valgt: hele kontoen.", "None chosen: the whole account."),
            empty_means=("hele kontoen", "the whole account"),
            offers=people,
        ),
        ActField(
            name="requester_role",
            label=("Hvem som ønsker det", "Who wants it"),
            hint=(
                "«Personen selv» når én person er valgt, og bare da.",
                "“The person themselves” where one person is chosen, and only then.",
            ),
            words="authority",
        ),
        ActField(
            name="evidence",
            label=("Nummeret på det skriftlige ønsket", "Number of the written request"),
            hint=(
                "sak-, brev-, epost- eller signert-, år og nummer, for eksempel brev-2026-114.",
                "sak-, brev-, epost- or signert-, year and number, such as brev-2026-114.",
            ),
        ),
        ActField(
            name="received_on",
            label=("Mottatt", "Received"),
            hint=("I dag eller tidligere.", "Today or earlier."),
        ),
        ActField(
            name="identity_check",
            label=("Hvordan vi vet hvem det er", "How we know who it is"),
            words="identity_check",
        ),
        ActField(
            name="authority_check",
            label=("Hvordan vi vet at de kan bestemme det", "How we know that they may"),
            hint=(
                "«Ber for seg selv» når én person er valgt, og bare da.",
                "“Asks for themselves” where one person is chosen, and only then.",
            ),
            words="authority_check",
        ),
        ActField(
            name="export_offered_on",
            label=("Kopi av opplysningene tilbudt", "Copy of the data offered"),
            hint=(
                "I dag eller tidligere: den som ønsker det, skal ha fått tilbud om opplysningene først.",
                "Today or earlier: whoever wants it must have been offered the data first.",
            ),
        ),
    ),
    then="/customers/{account_id}/timeline",
    key="request_id",
    conflict=(
        "Det går ikke nå: slettingen er i gang, det er allerede bedt om, eller personen er den siste eieren.",
        "This cannot be done now: it is being erased or was asked for already, or the person is the last owner.",
    ),
    is_destructive=True,
    looks=_dry_run,
    foresee=_would_erase,
    tells_approver=True,
)
RELEASE_HALTED: Final = ActForm(
    name="release-halted",
    call=Release,
    title=("La stansede slettinger gå videre", "Release halted erasures"),
    says=(
        "Noe uventet stanset dem. De som velges, går videre og kan ikke gjøres om. Se først hvorfor.",
        "Something unexpected halted them. What is chosen goes on and cannot be undone. First see why.",
    ),
    question=("Skal disse slettingene gå videre?", "Shall these erasures go on?"),
    button=("La dem gå videre", "Release them"),
    about=(),
    fields=(
        ActField(
            name="erasure_ids",
            label=("Slettinger", "Erasures"),
            hint=("Velg minst én.", "Choose one at least."),
            offers=_offered,
        ),
    ),
    then="/erasures?state=halted",
    is_destructive=True,
    finds=Asks.CUSTOMERS,
    looks=_halted,
    foresee=_would_go_on,
)
FORMS: Final = (ERASE_EARLY, RELEASE_HALTED)
