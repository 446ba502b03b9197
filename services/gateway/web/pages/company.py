"""The company's data, its notice of termination and its end, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from flask import Response

from services.account.accuracy.calls import ConfirmAccuracy
from services.account.companies.calls import AccountShown, GetAccount, PostalAddressShown, UpdateAccount
from services.account.deactivation.calls import DeactivateAccount
from services.account.termination.calls import TerminateWithPassword, WithdrawNotice
from services.account.users.calls import ListUsers
from services.gateway.web.acts import Act, Field, Kind, Values, changed_in, version_in
from services.gateway.web.cookies import INVENTORY
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.pages import fields, foreseen
from services.gateway.web.sessions import COOKIE
from services.gateway.web.visit import Visit
from shared.web.responses import redirect

PARTS: Final = ("line_1", "line_2", "postal_code", "city", "country")
PLACES: Final = ("contact_address", "billing_address")
ENDED: Final = ("account", "user")


def _company(visit: Visit) -> AccountShown:
    return visit.ask(GetAccount.from_json(visit.mine))


def show(visit: Visit) -> Response:
    """What is stored of the company, for its people to say whether it is still right."""
    return visit.page("company", company=_company(visit))


def _as_it_is(visit: Visit) -> Values:
    company = _company(visit)
    shown = {name: getattr(company, name) or "" for name in ("name", "email", "phone", "org_number", "language")}
    for place in PLACES:
        shown |= _parts(place, getattr(company, place))
    return shown | {"version": str(company.version)}


def _parts(place: str, address: PostalAddressShown | None) -> dict[str, str]:
    return {f"{place}_{part}": (getattr(address, part) or "") if address else "" for part in PARTS}


def _address(values: Values, place: str) -> dict[str, Any] | None:
    given = {part: values[f"{place}_{part}"] for part in PARTS}
    if not any(value for part, value in given.items() if part != "country"):
        return None
    return given | {"line_2": given["line_2"] or None, "country": (given["country"] or "NO").upper()}


def _correct(visit: Visit, values: Values) -> Came | None:
    changed: dict[str, Any] = dict(changed_in(values, ("name", "email", "phone", "language", "org_number")))
    if "org_number" in changed:
        changed["org_number"] = "".join(changed["org_number"].split()) or None
    for place in PLACES:
        if changed_in(values, (f"{place}_{part}" for part in PARTS)):
            changed[place] = _address(values, place)
    if not changed:
        return Came(Outcome.UNCHANGED)
    visit.ask(UpdateAccount.from_json(visit.mine | {"version": version_in(values)} | changed))
    return None


def _to_confirm(visit: Visit, _: Values) -> Mapping[str, Any]:
    return {"company": _company(visit), "people": visit.ask(ListUsers.from_json(visit.mine)).users}


def _confirm(visit: Visit, values: Values) -> None:
    visit.ask(ConfirmAccuracy.from_json(visit.mine | {"version": version_in(values)}))


def _version(visit: Visit) -> Values:
    return {"version": str(_company(visit).version)}


def _terminate(visit: Visit, values: Values) -> None:
    given = {"version": version_in(values), "current_password": values["current_password"]}
    visit.ask(TerminateWithPassword.from_json(visit.in_session | given))


def _end_of_agreement(visit: Visit) -> Iterator[str]:
    months = _company(visit).notice_months
    last, due = foreseen.noticed_today(visit, months)
    yield visit.count(
        months,
        ("Oppsigelsestiden er én kalendermåned.", "Oppsigelsestiden er {n} kalendermåneder."),
        ("The notice period is one calendar month.", "The notice period is {n} calendar months."),
    )
    yield visit.say(
        "Sier du opp i dag, kan alle bruke kontoen som før til og med {last}, og aktive lisenser faktureres. "
        "Deretter blir den inaktiv av seg selv.",
        "If you give notice today everybody can use the account as before until {last}, and active licences are "
        "billed. After that it becomes inactive by itself.",
        last=visit.day(last),
    )
    yield from _erasure(visit, due)
    yield visit.say(
        "En eier kan trekke oppsigelsen tilbake før oppsigelsestiden er over.",
        "An owner can withdraw the notice before the notice period is over.",
    )


def _erasure(visit: Visit, due: date) -> Iterator[str]:
    yield from foreseen.erasure(
        visit,
        due,
        "Opplysningene om virksomheten og brukerne, og det dere har registrert,",
        "The data about the company and the users, and what you have entered,",
    )
    yield foreseen.kept_of_company(visit)


def _end_of_account(visit: Visit) -> Iterator[str]:
    people = visit.ask(ListUsers.from_json(visit.mine)).users
    yield visit.count(
        sum(each.state == "active" for each in people),
        ("Fra nå av kan ingen logge inn: Én bruker mister tilgangen.",
         "Fra nå av kan ingen logge inn: {n} brukere mister tilgangen."),
        ("From now on nobody can log in: one user loses access.",
         "From now on nobody can log in: {n} users lose access."),
    )  # fmt: skip
    yield from _erasure(visit, foreseen.made_inactive_today(visit))
    yield visit.say(
        "Før slettingen begynner kan en eier aktivere kontoen igjen. Avtalen er ikke sagt opp med dette.",
        "Before the erasure begins an owner can reactivate the account. This gives no notice of termination.",
    )


def _withdraw(visit: Visit, values: Values) -> None:
    visit.ask(WithdrawNotice.from_json(visit.mine | {"version": version_in(values)}))


def _end(visit: Visit, values: Values) -> Response:
    given = {"version": version_in(values)} | visit.proving(values["current_password"])
    visit.ask(DeactivateAccount.from_json(visit.mine | given))
    return left("account")


def left(what: str) -> Response:
    """Go on to what is so now that account or user account are inactive: nobody is logged in any more."""
    answer = redirect(f"/ended?what={what}")
    INVENTORY.forget(answer, COOKIE)
    return answer


def ended(visit: Visit) -> Response:
    """What is so once an account is inactive, or one's own user account, and how to come back."""
    return visit.page("ended", what=visit.chosen("what", ENDED))


def _address_fields(place: str, norwegian: str, english: str) -> tuple[Field, ...]:
    said = {
        "line_1": (f"{norwegian}: gate og nummer", f"{english}: street and number"),
        "line_2": (f"{norwegian}: mer", f"{english}: more"),
        "postal_code": (f"{norwegian}: postnummer", f"{english}: postal code"),
        "city": (f"{norwegian}: poststed", f"{english}: post town"),
        "country": (f"{norwegian}: land, to bokstaver", f"{english}: country, two letters"),
    }
    return tuple(
        Field(name=f"{place}_{part}", of_call=f"{place}.{part}", label=said[part], is_needed=False)
        for part in PARTS
    )


NUMBER: Final = Field(
    name="org_number",
    label=("Organisasjonsnummer", "Organisation number"),
    hint=("Ni siffer.", "Nine digits."),
    is_needed=False,
)
CORRECT: Final = Act(
    rule="/company/correct",
    title=("Rett opplysningene om virksomheten", "Correct the data of the company"),
    button=("Lagre", "Save"),
    fields=(
        replace(fields.NAME, autocomplete="organization"),
        NUMBER,
        replace(fields.EMAIL, autocomplete="off"),
        replace(fields.PHONE, autocomplete="off"),
        fields.LANGUAGE,
        *_address_fields("contact_address", "Postadresse", "Postal address"),
        *_address_fields("billing_address", "Fakturaadresse", "Billing address"),
    ),
    begin=_as_it_is,
    carries=("version",),
    compares=True,
    is_for_owners=True,
    work=_correct,
    then="/company",
)
ALL_IS_RIGHT: Final = Act(
    rule="/company/confirm",
    title=("Er dette fortsatt riktig?", "Is this still right?"),
    says=(
        "Se over opplysningene om virksomheten og brukerne. Er noe feil, rett det først.",
        "Look at the data about the company and the users. If something is wrong, correct it first.",
    ),
    button=("Ja, alt er riktig", "Yes, all is right"),
    fields=(),
    begin=_version,
    carries=("version",),
    shows=_to_confirm,
    template="company_confirm",
    is_for_owners=True,
    work=_confirm,
    then="/company",
    done=Outcome.ALL_IS_RIGHT,
)
NOTICE: Final = Act(
    rule="/company/terminate",
    title=("Si opp avtalen", "Give notice of termination"),
    foresees=_end_of_agreement,
    button=("Si opp avtalen", "Give notice"),
    fields=(fields.CURRENT_PASSWORD,),
    begin=_version,
    carries=("version",),
    is_for_owners=True,
    work=_terminate,
    then="/company",
    done=Outcome.NOTICED,
    is_destructive=True,
    limit="login",
    keeps_draft=False,
)
WITHDRAW: Final = Act(
    rule="/company/withdraw-notice",
    title=("Trekk oppsigelsen tilbake", "Withdraw the notice"),
    says=("Avtalen fortsetter som før.", "The agreement goes on as before."),
    button=("Trekk tilbake", "Withdraw"),
    fields=(),
    begin=_version,
    carries=("version",),
    is_for_owners=True,
    work=_withdraw,
    then="/company",
    done=Outcome.NOTICE_WITHDRAWN,
)
END: Final = Act(
    rule="/company/deactivate",
    title=("Gjør kontoen inaktiv", "Make the account inactive"),
    foresees=_end_of_account,
    button=("Gjør kontoen inaktiv nå", "Make the account inactive now"),
    fields=(
        Field(
            name="sure",
            label=(
                "Jeg forstår at alle brukerne mister tilgangen nå.",
                "I understand that all users lose access now.",
            ),
            kind=Kind.TICK,
        ),
        fields.CURRENT_PASSWORD,
    ),
    begin=_version,
    carries=("version",),
    is_for_owners=True,
    work=_end,
    is_destructive=True,
    limit="login",
)
ACTS: Final = (CORRECT, ALL_IS_RIGHT, NOTICE, WITHDRAW, END)
