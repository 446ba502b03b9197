"""Sign-up with the whole text of the terms in view.

The password is chosen by whoever reads the letter that confirms the address, and so is not asked for here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from services.account.agreements.calls import TermsText, TermsVersions
from services.account.sign_up.calls import SignUp
from services.gateway.web.acts import TICKED, Act, Field, Kind, Said, Values
from services.gateway.web.visit import Visit
from shared.terms import texts
from shared.words import AUTHORITIES

UNUSED_BYTES: Final = 24
ACCEPTED: Final = "accepted"
TICKS: Final = (ACCEPTED, *texts.SENTENCES)
ELEMENT: Final = "sign_up.accept"


ANOTHER_TEXT: Final = (
    "Teksten i avtalen er en annen enn da du åpnet skjemaet. Les den, og kryss av på nytt.",
    "The text of the agreement is not that of when you opened the form. Read it, and tick the boxes again.",
)


def _work(visit: Visit, values: Values) -> Response | None:
    company = {name: values[f"company_{name}"] for name in ("name", "email", "phone")}
    number = "".join(values["org_number"].split())
    agreement = {
        "version": values["version"],
        "text_sha256": values["text_sha256"],
        "accepted": values[ACCEPTED] == TICKED,
        "authority": values["right"],
        "attestations": {name: values[name] == TICKED for name in texts.SENTENCES},
        "domain": visit.host,
        "element": ELEMENT,
    }
    visit.ask(
        SignUp.from_json(
            {
                "company": company | {"org_number": number or None},
                "creator": {name: values[name] for name in ("name", "email", "phone")},
                "password": secrets.token_urlsafe(UNUSED_BYTES),
                "language": values["language"],
                "agreement": agreement,
                "origin": visit.origin,
                "idempotency_key": visit.own_key,
            }
        )
    )
    return visit.page("signed_up")


def _terms(visit: Visit, _: Values) -> Mapping[str, Any]:
    """The text that is accepted, whole, in the reader's language."""
    version = next(each for each in visit.ask(TermsVersions()).versions if each.in_force)
    terms = visit.ask(TermsText(version=version.version, language=visit.language))
    return {"terms": terms}


def _another_text(values: Values, facts: Mapping[str, Any]) -> Said | None:
    return None if values["text_sha256"] in ("", facts["terms"].sha256) else ANOTHER_TEXT


SIGN_UP: Final = Act(
    rule="/sign-up",
    title=("Opprett konto", "Create an account"),
    button=("Godta avtalen og opprett kontoen", "Accept the agreement and create the account"),
    fields=(
        Field(
            name="company_name",
            of_call="company.name",
            label=("Virksomhetens navn", "The company's name"),
            autocomplete="organization",
        ),
        Field(
            name="org_number",
            of_call="company.org_number",
            label=("Organisasjonsnummer", "Organisation number"),
            hint=(
                "Ni siffer. Vi spør Enhetsregisteret om det. Kan stå tomt.",
                "Nine digits. We ask the Norwegian business register about it. May be left empty.",
            ),
            is_needed=False,
        ),
        Field(
            name="company_email",
            of_call="company.email",
            label=("Virksomhetens e-postadresse", "The company's e-mail address"),
            kind=Kind.EMAIL,
        ),
        Field(
            name="company_phone",
            of_call="company.phone",
            label=("Virksomhetens telefonnummer", "The company's telephone number"),
            hint=("Uten landkode er nummeret norsk.", "Without a country code the number is Norwegian."),
            kind=Kind.PHONE,
        ),
        Field(name="name", of_call="creator.name", label=("Navnet ditt", "Your name"), autocomplete="name"),
        Field(
            name="email",
            of_call="creator.email",
            label=("E-postadressen din", "Your e-mail address"),
            hint=(
                "Du logger inn med den. Vi sender en lenke dit, og der velger du passord.",
                "You log in with it. We send a link there, and you choose a password there.",
            ),
            kind=Kind.EMAIL,
            autocomplete="email",
        ),
        Field(
            name="phone",
            of_call="creator.phone",
            label=("Telefonnummeret ditt", "Your telephone number"),
            hint=("Uten landkode er nummeret norsk.", "Without a country code the number is Norwegian."),
            kind=Kind.PHONE,
            autocomplete="tel",
        ),
        Field(
            name="right",
            of_call="agreement.authority",
            label=("Jeg handler som", "I act as"),
            kind=Kind.CHOICE,
            offers=tuple((code, (nb, en)) for code, nb, en in AUTHORITIES),
        ),
        Field(
            name=ACCEPTED,
            of_call="agreement.accepted",
            label=(
                "Virksomheten godtar databehandleravtalen slik den står her.",
                "The company accepts the data processing agreement as it stands here.",
            ),
            kind=Kind.TICK,
        ),
        *(
            Field(
                name=name,
                of_call=f"agreement.attestations.{name}",
                label=(sentence["nb"], sentence["en"]),
                kind=Kind.TICK,
            )
            for name, sentence in texts.SENTENCES.items()
        ),
    ),
    carries=("version", "text_sha256", "language"),
    work=_work,
    shows=_terms,
    begun_anew=_another_text,
    template="sign_up",
    refusals={
        "conflict": ANOTHER_TEXT,
    },
    is_public=True,
    limit="sign_up",
    keeps_draft=False,
)
