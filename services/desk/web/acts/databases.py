"""What staff decide about looking into databases."""

from __future__ import annotations

from typing import Final

from services.desk.web.act_forms import ActField, ActForm
from services.staff.database_access.calls import HOURS_MOST, EndDatabaseAccess, OpenDatabaseAccess

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
    conflict=("Den er allerede avsluttet.", "It has ended already."),
    labels={"access_id": ("Tilgang", "Access")},
)
FORMS: Final = (OPEN, END)
