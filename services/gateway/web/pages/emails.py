"""Which e-mails one wants: those that one agrees to, those that one declines, and no marketing at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.gateway.web import words
from services.gateway.web.acts import TICKED, Act, Field, Kind, Values
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.visit import Visit
from services.notification.preferences.calls import (
    CONSENT_SENTENCES,
    OPTIONAL_LETTERS,
    DeclineOwn,
    GiveConsent,
    ObjectToMarketing,
    OwnConsents,
    OwnPreferences,
)
from shared.errors import Conflict

SAID: Final = words.TABLES["email_class"]
AGREED: Final = {(each.letter_class, each.language): each for each in CONSENT_SENTENCES}
"""What one agrees to, by class and language."""


def _declined(visit: Visit, _: Values) -> Mapping[str, Any]:
    declined = visit.ask(OwnPreferences(token=visit.session.token)).declined
    return {"declined": declined, **_agreed(visit, {})}


def _agreed(visit: Visit, _: Values) -> Mapping[str, Any]:
    consents = visit.ask(OwnConsents(token=visit.session.token)).consents
    return {"agreed": {each.letter_class: each.given_at for each in consents if each.withdrawn_at is None}}


def _agree(visit: Visit, values: Values) -> Came:
    digests = tuple(AGREED[name, visit.language].sha256 for name in OPTIONAL_LETTERS if values[name] == TICKED)
    if not digests:
        return Came(Outcome.UNCHANGED)
    visit.ask(GiveConsent(token=visit.session.token, sentences=digests))
    return Came(Outcome.AGREED)


def _decline(visit: Visit, values: Values) -> Came:
    classes = tuple(name for name in OPTIONAL_LETTERS if values[name] == TICKED)
    if not classes:
        return Came(Outcome.UNCHANGED)
    visit.ask(DeclineOwn(token=visit.session.token, classes=classes))
    return Came(Outcome.DECLINED)


def _object(visit: Visit, _: Values) -> Came:
    taken = visit.ask(ObjectToMarketing(token=visit.session.token))
    return Came(Outcome.OBJECTED, taken.reference)


CHOOSE: Final = Act(
    rule="/me/emails",
    title=("E-postene du får", "The e-mails that you get"),
    says=(
        (
            "Svar når du ber oss om hjelp, beskjeder kontoen ikke kan brukes uten, og det loven krever at vi sier "
            "fra om, får du uansett."
        ),
        (
            "You get answers to what you ask us, notices without which the account cannot be used, and what the "
            "law has us tell you in any case."
        ),
    ),
    button=("Lagre", "Save"),
    fields=tuple(
        Field(
            name=name,
            label=(f"Nei takk til {SAID[name][0]}", f"No {SAID[name][1]}"),
            kind=Kind.TICK,
            is_needed=False,
        )
        for name in OPTIONAL_LETTERS
    ),
    shows=_declined,
    template="emails",
    work=_decline,
    is_right=True,
    then="/me/emails",
)
OBJECT: Final = Act(
    rule="/me/no-marketing",
    title=("Protester mot markedsføring", "Object to marketing"),
    says=(
        "Da bruker vi ikke opplysningene dine til markedsføring, på noen måte. Du trenger ingen begrunnelse.",
        "We do not use your data for marketing then, in any way. You need no reason.",
    ),
    button=("Jeg vil ikke ha markedsføring", "I want no marketing"),
    fields=(),
    work=_object,
    is_right=True,
    then="/me/emails",
)
AGREE: Final = Act(
    rule="/me/email-consent",
    title=("E-post du sier ja til", "E-mails that you agree to"),
    says=(
        "Vi sender slik e-post bare til den som har sagt ja. Kryss av for det du vil ha.",
        "We send such e-mail to nobody who has not agreed to it. Tick what you want.",
    ),
    button=("Jeg sier ja til dette", "I agree to this"),
    fields=tuple(
        Field(
            name=name,
            label=(AGREED[name, "nb"].text, AGREED[name, "en"].text),
            kind=Kind.TICK,
            is_needed=False,
        )
        for name in OPTIONAL_LETTERS
    ),
    shows=_agreed,
    template="email_consent",
    work=_agree,
    refusals={
        Conflict.code: (
            "Setningen er endret siden siden ble åpnet. Les den på nytt.",
            "The sentence was changed since the page was opened. Read it again.",
        ),
    },
    then="/me/emails",
)
ACTS: Final = (CHOOSE, AGREE, OBJECT)
