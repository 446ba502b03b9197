"""What administrators of staff grant."""

from __future__ import annotations

from typing import Final

from services.desk.web.act_forms import ActField, ActForm
from services.staff.grants.calls import GiveGrant

GIVE_GRANT: Final = ActForm(
    name="give-grant",
    call=GiveGrant,
    title=("Gi en tildeling", "Give a grant"),
    says=(
        "En tildeling gir en rolle for ett formål i en periode. Den krever taushetserklæring og opplæring.",
        "A grant gives a role for one purpose for a time. It takes an undertaking and training.",
    ),
    question=("Skal denne tildelingen gis?", "Shall this be granted?"),
    button=("Gi tildelingen", "Give the grant"),
    about=(),
    fields=(
        ActField(
            name="code",
            label=("Medarbeiderkode", "Staff code"),
            hint=("Koden til den som skal ha tildelingen.", "The code of whoever is to have it."),
        ),
        ActField(name="role", label=("Rolle", "Role"), words="staff_role"),
        ActField(name="purpose", label=("Formål", "Purpose"), words="purpose"),
        ActField(
            name="account_ids",
            label=("Kunder", "Customers"),
            hint=(
                "Numre på kunder eller adressene til sidene deres. Den åpner da ingen andre, og ingen lister.",
                "Ids of customers or the addresses of their pages. It then opens no others, and no lists.",
            ),
            empty_where=("tomt: alle kunder", "empty: all customers"),
            empty_means=("alle kunder", "all customers"),
        ),
        ActField(
            name="begins_on",
            label=("Fra", "From"),
            hint=("Tomt: nå.", "Empty: now."),
            empty_means=("straks", "at once"),
        ),
        ActField(
            name="last_day",
            label=("Siste dag", "Last day"),
            hint=("Til og med denne dagen.", "Until the end of this day."),
        ),
    ),
    then="/people/{code}",
    conflict=(
        "Det går ikke: medarbeideren er ikke aktiv, eller tildelingen slutter for tidlig eller for sent.",
        "This cannot be done: the person is not active, or the grant would end too early or too late.",
    ),
)
FORMS: Final = (GIVE_GRANT,)
