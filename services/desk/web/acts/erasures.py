"""What staff decide about erasures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.queries.dry_runs import answered
from services.desk.web.act_forms import ActField, ActForm, Asks, Looked, Values
from services.desk.web.visit import Visit
from services.retention.dry_runs.calls import OrderDryRun, WouldErase
from services.retention.early_erasure.calls import RequestEarlyErasure
from services.retention.execution.calls import Release
from services.retention.monitoring.calls import Erasures, ErasureShown
from shared.web.visit import ident, short

DRY_RUN_SECONDS: Final = 3.0
"""So long a page waits for what every service would erase; those that have not answered by then are named."""


def _dry_run(visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    order = OrderDryRun(account_id=ident(values["account_id"]), actor=visit.desk.who)
    return {"run": together.ask(order)}


def _would_erase(visit: Visit, looked: Looked) -> Sequence[str]:
    """What every service would erase now, in numbers."""
    run = answered(visit.desk, looked["run"], until=time.monotonic() + DRY_RUN_SECONDS)
    lines = [_part(visit, each) for each in run.participants if each.state == "answered"]
    silent = [visit.code("participant", each.participant) for each in run.participants if each.state != "answered"]
    if silent:
        text = ("Har ikke svart ennå: {names}.", "Has not answered yet: {names}.")
        lines.append(visit.say(*text, names=", ".join(silent)))
    if run.held:
        lines.append(visit.say("Alt er holdt tilbake: slettingen venter.", "All is held: the erasure waits."))
    return lines


def _part(visit: Visit, part: WouldErase) -> str:
    erased = ", ".join(f"{count} {visit.code('count', kind)}" for kind, count in part.counts.items() if count)
    return f"{visit.code('participant', part.participant)}: {erased or visit.say('ingenting', 'nothing')}"


def _halted(_visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"halted": together.ask(Erasures(state="halted"))}


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
    halted: Sequence[ErasureShown] = looked["halted"].erasures
    return [
        visit.count(
            len(halted),
            ("Én sletting er stanset.", "{n} slettinger er stanset."),
            ("One erasure is halted.", "{n} erasures are halted."),
        ),
        visit.count(
            len({each.account_id for each in halted}),
            ("Det gjelder én kunde.", "Det gjelder {n} kunder."),
            ("One customer is concerned.", "{n} customers are concerned."),
        ),
    ]


ERASE_EARLY: Final = ActForm(
    name="erase-early",
    call=RequestEarlyErasure,
    title=("Slett uten å vente", "Erase without waiting"),
    says=(
        (
            "På kundens skriftlige ønske gjøres kontoen inaktiv og slettes nå, uten å vente til datoen, også når "
            "den ikke er sagt opp. Den som ber om det, har kontrollert hvem som ønsker det, og at de kan. Det kan "
            "ikke gjøres om."
        ),
        (
            "At the customer's written request the account is made inactive and erased now, without waiting for "
            "the date, also under no notice. Whoever asks for it has checked who wants it, and that they may. It "
            "cannot be undone."
        ),
    ),
    question=("Skal alt om denne kunden slettes nå?", "Shall all about this customer be erased now?"),
    button=("Slett kunden", "Erase the customer"),
    about=("account_id",),
    fields=(
        ActField(name="requester_role", label=("Hvem som ønsker det", "Who wants it"), words="authority"),
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
            words="authority_check",
        ),
        ActField(
            name="export_offered_on",
            label=("Kopi av opplysningene tilbudt", "Copy of the data offered"),
            hint=(
                "I dag eller tidligere: kunden skal ha fått tilbud om opplysningene først.",
                "Today or earlier: the customer must have been offered the data first.",
            ),
        ),
    ),
    then="/customers/{account_id}/timeline",
    key="request_id",
    conflict=(
        "Det går ikke nå: kontoen er aktiv og ikke sagt opp, slettingen er i gang, eller det er allerede bedt om.",
        "This cannot be done now: the account is active without notice, being erased, or it was asked for already.",
    ),
    is_destructive=True,
    looks=_dry_run,
    foresee=_would_erase,
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
