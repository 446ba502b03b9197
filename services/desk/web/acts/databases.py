"""What staff decide about looking into databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import FILLED_IN, ActField, ActForm, Looked, Values
from services.desk.web.visit import Visit
from services.staff.database_access.calls import (
    HOURS_MOST,
    EndDatabaseAccess,
    ListDatabaseAccess,
    OpenDatabaseAccess,
)
from shared.keyset import PAGE_MOST


def _accesses(_visit: Visit, _values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"accesses": together.ask(ListDatabaseAccess(limit=PAGE_MOST))}


def _whose(visit: Visit, looked: Looked) -> Sequence[str]:
    access_id = looked[FILLED_IN]["access_id"]
    said = (
        "{code} ser ikke lenger i databasen {database}.",
        "{code} looks no longer into the database {database}.",
    )
    return [
        visit.say(*said, code=each.code, database=visit.code("database", each.database))
        for each in looked["accesses"].accesses
        if str(each.access_id) == access_id
    ]


OPEN: Final = ActForm(
    name="open-database-access",
    call=OpenDatabaseAccess,
    title=("Få se i en database", "Look into a database"),
    says=(
        "Den som ber om det, ser i én database noen timer, og lager passordet selv. Hvert oppslag telles.",
        "Whoever asks looks into one database for some hours, and makes the password. Every look is counted.",
    ),
    question=("Skal vedkommende få se i databasen?", "Shall they look into the database?"),
    button=("Gi tilgangen", "Give the access"),
    about=(),
    fields=(
        ActField(name="database", label=("Database", "Database"), words="database"),
        ActField(
            name="hours",
            label=("Timer", "Hours"),
            hint=(f"Fra 1 til {HOURS_MOST}.", f"From 1 to {HOURS_MOST}."),
        ),
        ActField(name="reason", label=("Grunn", "Why"), words="access_reason"),
    ),
    then="/databases",
    conflict=(
        "Det går ikke: en annen ser i denne databasen nå.",
        "This cannot be done: somebody else looks into this database now.",
    ),
)
END: Final = ActForm(
    name="end-database-access",
    call=EndDatabaseAccess,
    title=("Avslutt en tilgang", "End an access"),
    says=(
        "Passordet virker ikke lenger, og den som er inne, blir koblet fra.",
        "The password works no more, and whoever is in is cut off.",
    ),
    question=("Skal tilgangen avsluttes?", "Shall the access end?"),
    button=("Avslutt tilgangen", "End the access"),
    about=("access_id",),
    fields=(),
    then="/databases",
    looks=_accesses,
    foresee=_whose,
    conflict=("Den er allerede avsluttet.", "It has ended already."),
    labels={"access_id": ("Tilgang", "Access")},
)
FORMS: Final = (OPEN, END)
