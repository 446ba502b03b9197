"""One's own data: what is stored, why and for how long, and putting it right."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.email_change.calls import ChangeEmail
from services.account.passwords.calls import ChangePassword
from services.account.users.calls import ListUsers, UpdateUser, User
from services.audit.staff_reads.calls import PersonalDataReads
from services.gateway.web.acts import Act, Field, Kind, Values, version_in
from services.gateway.web.outcomes import Outcome
from services.gateway.web.pages import fields
from services.gateway.web.visit import Visit
from services.notification.history.calls import OwnLetters
from shared.errors import Invalid
from shared.held_data import held_data


def myself(visit: Visit) -> User:
    """Whoever is here, as the service account knows them."""
    users = visit.ask(ListUsers.from_json(visit.mine)).users
    return next(each for each in users if each.user_id == visit.session.user_id)


def show(visit: Visit) -> Response:
    """What is stored about whoever is here, who gets it, and who has looked at it."""
    session = visit.session
    reads = visit.ask(PersonalDataReads(account_id=session.account_id, user_id=session.user_id))
    return visit.page(
        "me",
        me=myself(visit),
        held=held_data(visit.language),
        letters=visit.ask(OwnLetters(token=session.token)).letters,
        reads=reads.days,
        since=reads.since,
    )


def _as_i_am(visit: Visit) -> Values:
    me = myself(visit)
    return {"name": me.name, "phone": me.phone, "language": me.language, "version": str(me.version)}


def _correct(visit: Visit, values: Values) -> None:
    changed = {name: values[name] for name in ("name", "phone", "language")}
    who = {"user_id": str(visit.session.user_id), "version": version_in(values)}
    visit.ask(UpdateUser.from_json(visit.mine | who | changed))


def _change_password(visit: Visit, values: Values) -> None:
    if values["new_password"] != values["again_password"]:
        raise Invalid(details={"fields": {"again_password": ["differs"]}})
    given = {name: values[name] for name in ("current_password", "new_password")}
    visit.ask(ChangePassword.from_json(visit.in_session | given))


def _change_email(visit: Visit, values: Values) -> None:
    given = {name: values[name] for name in ("email", "current_password")}
    visit.ask(ChangeEmail.from_json(visit.in_session | given))


CORRECT: Final = Act(
    rule="/me/correct",
    title=("Rett opplysningene om meg", "Correct the data about me"),
    button=("Lagre", "Save"),
    fields=(fields.NAME, fields.PHONE, fields.LANGUAGE),
    begin=_as_i_am,
    carries=("version",),
    work=_correct,
    is_right=True,
    then="/me",
)
PASSWORD: Final = Act(
    rule="/me/password",
    title=("Bytt passord", "Change the password"),
    says=(
        "Du blir logget ut alle andre steder.",
        "You are logged out everywhere else.",
    ),
    button=("Bytt passord", "Change the password"),
    fields=(
        fields.CURRENT_PASSWORD,
        Field(
            name="new_password",
            of_call="password",
            label=("Nytt passord", "New password"),
            hint=(
                "Minst 12 tegn, uten navn, adresser, vanlige ord eller mønstre.",
                "At least 12 characters, without names, addresses, common words or patterns.",
            ),
            kind=Kind.PASSWORD,
            autocomplete="new-password",
        ),
        Field(
            name="again_password",
            label=("Nytt passord en gang til", "New password once more"),
            hint=("Det samme som i feltet over.", "The same as in the field above."),
            kind=Kind.PASSWORD,
            autocomplete="new-password",
        ),
    ),
    work=_change_password,
    then="/me",
    done=Outcome.PASSWORD_CHANGED,
    limit="login",
    keeps_draft=False,
)
EMAIL: Final = Act(
    rule="/me/email",
    title=("Bytt e-postadresse", "Change the e-mail address"),
    says=(
        "Den nye gjelder når du har åpnet lenken vi sender til den. Den gamle får beskjed.",
        "The new one counts once you have opened the link that we send to it. The old one is told.",
    ),
    button=("Bytt adresse", "Change the address"),
    fields=(fields.EMAIL, fields.CURRENT_PASSWORD),
    work=_change_email,
    then="/me",
    done=Outcome.LINK_SENT,
    limit="login",
)
ACTS: Final = (CORRECT, PASSWORD, EMAIL)
