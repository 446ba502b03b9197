"""The people of a company: invited, changed, made inactive and reactivated, by an owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Response

from services.account.users.calls import (
    AddUser,
    DeactivateUser,
    InviteUser,
    ListUsers,
    ReactivateUser,
    UpdateUser,
    User,
)
from services.audit.logins.calls import PURPOSES, LoginReport
from services.audit.staff_reads.calls import PersonalDataReads
from services.gateway.web import words
from services.gateway.web.acts import Act, Field, Kind, Values, changed_in, version_in
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.pages import company, fields, foreseen
from services.gateway.web.pages.log_ins import OWN
from services.gateway.web.visit import Visit
from shared.web.visit import ident, not_found

DISCLOSED_DAYS: Final = 31
"""So far back audit shows an owner the log-ins of others; a test holds it against its rules."""
ROLE: Final = Field(
    name="role",
    label=("Rolle", "Role"),
    hint=(
        "En eier styrer kontoen og de andre brukerne.",
        "An owner sees to the account and to the other users.",
    ),
    kind=Kind.CHOICE,
    offers=tuple(words.TABLES["role"].items()),
)


def show(visit: Visit) -> Response:
    """All of them for an owner; whoever is here alone for a user."""
    people = visit.ask(ListUsers.from_json(visit.mine)).users
    looks = visit.ask(PersonalDataReads(account_id=visit.session.account_id)) if visit.is_owner else None
    return visit.page("people", people=people, looks=looks, names={each.user_id: each.name for each in people})


def _known(visit: Visit, user_id: str) -> User:
    """A user whom whoever is here may see. Raises `NotFound`."""
    asked, users = ident(user_id), visit.ask(ListUsers.from_json(visit.mine)).users
    return next((each for each in users if each.user_id == asked), None) or not_found()


def _at_version(visit: Visit, values: Values, user_id: str) -> dict[str, Any]:
    return visit.mine | {"user_id": str(ident(user_id)), "version": version_in(values)}


def _as_they_are(visit: Visit, user_id: str) -> Values:
    user = _known(visit, user_id)
    shown = {name: getattr(user, name) for name in ("name", "email", "phone", "language", "role")}
    return shown | {"version": str(user.version)}


def _who(visit: Visit, _: Values, user_id: str) -> Mapping[str, Any]:
    return {"who": _known(visit, user_id).name}


def _invite(visit: Visit, values: Values) -> None:
    given = {name: values[name] for name in ("name", "email", "phone", "language")}
    visit.ask(AddUser.from_json(visit.mine | given))


def _change(visit: Visit, values: Values, user_id: str) -> Came:
    changed = changed_in(values, ("name", "email", "phone", "language", "role"))
    if not changed:
        return Came(Outcome.UNCHANGED)
    proof = visit.proving(values["current_password"])
    visit.ask(UpdateUser.from_json(_at_version(visit, values, user_id) | changed | proof))
    return Came(Outcome.ADDRESS_WAITS if "email" in changed else Outcome.SAVED)


def _deactivate(visit: Visit, values: Values, user_id: str) -> Response | None:
    proof = visit.proving(values["current_password"])
    visit.ask(DeactivateUser.from_json(_at_version(visit, values, user_id) | proof))
    return company.left("user") if _is_oneself(visit, user_id) else None


def _is_oneself(visit: Visit, user_id: str) -> bool:
    return ident(user_id) == visit.session.user_id


def _end_of_user(visit: Visit, user_id: str) -> Iterator[str]:
    is_own = _is_oneself(visit, user_id)
    if is_own:
        yield visit.say("Du logges ut nå, og kan ikke logge inn mer.", "You are logged out now, and cannot log in.")
    else:
        yield visit.say(
            "Brukeren logges ut nå, og kan ikke logge inn mer.",
            "The user is logged out now, and cannot log in any more.",
        )
    yield from foreseen.erasure(
        visit,
        foreseen.made_inactive_today(visit),
        "Opplysningene i brukerkontoen",
        "The data in the user account",
    )
    yield visit.say(
        "Det brukeren har skrevet inn for virksomheten, er virksomhetens, og blir der.",
        "What the user has typed for the company is the company's, and stays there.",
    )
    if is_own:
        yield visit.say(
            "Før slettingen begynner kan en annen eier aktivere brukerkontoen din igjen.",
            "Before the erasure begins another owner can reactivate your user account.",
        )
    else:
        yield visit.say(
            "Før slettingen begynner kan en eier aktivere brukeren igjen.",
            "Before the erasure begins an owner can reactivate the user.",
        )


def _reactivate(visit: Visit, values: Values, user_id: str) -> None:
    visit.ask(ReactivateUser.from_json(_at_version(visit, values, user_id)))


def _invite_again(visit: Visit, values: Values, user_id: str) -> None:
    visit.ask(InviteUser.from_json(_at_version(visit, values, user_id)))


def _log_ins(visit: Visit, values: Values, user_id: str) -> Response:
    """The log-ins of a user, for a purpose that is told to the person: a page of its own, which is not led to."""
    now = visit.now
    asked = {
        "token": visit.session.token,
        "purpose": values["purpose"],
        "user_id": str(ident(user_id)),
        "from": (now - timedelta(days=DISCLOSED_DAYS)).isoformat(),
        "to": now.isoformat(),
    }
    report = visit.ask(LoginReport.from_json(asked))
    return visit.page("log_ins_of_user", report=report, who=_known(visit, user_id).name)


INVITE: Final = Act(
    rule="/people/invite",
    title=("Inviter en bruker", "Invite a user"),
    says=(
        "Vi sender en invitasjon til adressen. Der står det hvem som oppga opplysningene, og hva de brukes til.",
        "We send an invitation to the address. It says who gave us the data, and what they are used for.",
    ),
    button=("Send invitasjonen", "Send the invitation"),
    fields=(*fields.OF_ANOTHER, fields.LANGUAGE),
    begin=lambda visit: {"language": visit.language},
    is_for_owners=True,
    work=_invite,
    then="/people",
    done=Outcome.INVITED,
    refusals={
        "conflict": (
            "Adressen er i bruk i en annen brukerkonto.",
            "The address is in use in another user account.",
        ),
        "too_many": (
            "Kontoen har invitert så mange den kan på et døgn.",
            "The account has invited as many people as it may in a day.",
        ),
    },
)
CHANGE: Final = Act(
    rule="/people/<user_id>/change",
    title=("Endre en bruker", "Change a user"),
    says=(
        "En ny adresse gjelder når personen har bekreftet den.",
        "A new address counts once the person has confirmed it.",
    ),
    button=("Lagre", "Save"),
    fields=(
        *fields.OF_ANOTHER,
        fields.LANGUAGE,
        ROLE,
        fields.needed_for(
            "Trengs for å endre rollen, og adressen til en eier.",
            "Needed to change the role, and the address of an owner.",
        ),
    ),
    begin=_as_they_are,
    carries=("version",),
    compares=True,
    is_for_owners=True,
    work=_change,
    then="/people",
)
DEACTIVATE: Final = Act(
    rule="/people/<user_id>/deactivate",
    title=("Gjør en bruker inaktiv", "Make a user inactive"),
    foresees=_end_of_user,
    button=("Gjør inaktiv", "Make inactive"),
    fields=(fields.needed_for("Trengs når brukeren er eier.", "Needed where the user is an owner."),),
    begin=_as_they_are,
    carries=("version",),
    shows=_who,
    template="act_of_person",
    is_for_owners=True,
    work=_deactivate,
    then="/people",
    done=Outcome.USER_INACTIVE,
    is_destructive=True,
)
REACTIVATE: Final = Act(
    rule="/people/<user_id>/reactivate",
    title=("Aktiver en bruker igjen", "Reactivate a user"),
    says=("Brukeren kan logge inn igjen, og slettes ikke.", "The user can log in again, and is not erased."),
    button=("Aktiver igjen", "Reactivate"),
    fields=(),
    begin=_as_they_are,
    carries=("version",),
    shows=_who,
    template="act_of_person",
    is_for_owners=True,
    work=_reactivate,
    then="/people",
    done=Outcome.USER_ACTIVE,
)
INVITE_AGAIN: Final = Act(
    rule="/people/<user_id>/invite-again",
    title=("Send invitasjonen på nytt", "Send the invitation again"),
    says=("Lenken i den forrige virker ikke mer.", "The link in the one before works no more."),
    button=("Send på nytt", "Send again"),
    fields=(),
    begin=_as_they_are,
    carries=("version",),
    shows=_who,
    template="act_of_person",
    is_for_owners=True,
    work=_invite_again,
    then="/people",
    done=Outcome.INVITED,
)
LOG_INS: Final = Act(
    rule="/people/<user_id>/log-ins",
    title=("Se påloggingene til en bruker", "See the log-ins of a user"),
    says=(
        "Du kan se de siste 31 dagene, aldri for å overvåke noen på jobb. Brukeren får vite det, og hvorfor.",
        "You can see the last 31 days, never to watch people at work. The user is told of it, and what for.",
    ),
    button=("Vis påloggingene", "Show the log-ins"),
    fields=(
        Field(
            name="purpose",
            label=("Hvorfor trenger du å se dem?", "Why do you need to see them?"),
            kind=Kind.CHOICE,
            offers=tuple((name, words.TABLES["purpose"][name]) for name in PURPOSES if name != OWN),
        ),
    ),
    shows=_who,
    template="act_of_person",
    is_for_owners=True,
    work=_log_ins,
)
ACTS: Final = (INVITE, CHANGE, DEACTIVATE, REACTIVATE, INVITE_AGAIN, LOG_INS)
