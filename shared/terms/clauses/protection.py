"""Who sees what, and how the house is kept safe (clauses 39 to 51)."""

from __future__ import annotations

from shared.terms.clause import Clause, Structure, Text, cite

ONLY_YOUR_OWN = Clause(
    id="ISOLATE-1",
    number=39,
    nb="Ingen kommer inn på en annens konto eller ser en annens opplysninger.",
    en="Nobody gets into another's account or sees another's data.",
    source=cite(47),
)
NOT_PASSED_ON = Clause(
    id="EGRESS-1",
    number=40,
    nb="Opplysninger går ikke ut av huset til andre enn dem vilkårene selv navngir.",
    en="Data leave the house for nobody but those the terms themselves name.",
    source=cite(47),
    missing=(
        Text(
            "hvilke felt som går ut, er bestemt; hvilke maskiner programmene kan nå, er det ikke",
            "which fields leave is settled; which hosts the programs can reach is not",
        ),
    ),
    unwatched=Text(
        "hva som sendes ut, avgjøres idet det sendes, og innholdet lagres ingen steder",
        "what leaves is decided as it is sent, and its content is kept nowhere",
    ),
)
CONFIDENTIAL_AND_CORRECT = Clause(
    id="CONFIDE-1",
    number=41,
    nb="Opplysninger holdes fortrolige og riktige.",
    en="Data are kept confidential and correct.",
    source=cite(47),
)
HOST_SEES_NOTHING = Clause(
    id="BLIND-1",
    number=42,
    nb="Opplysningene lagres kryptert.",
    en="The data are stored encrypted.",
    source=cite(49, 94, 96),
    built=(
        Structure(
            "kolonner med personopplysninger er låst med nøkler som ligger i en annen databaseserver",
            "personal columns are sealed with keys that lie in another instance",
            where="shared/privacy/vault.py",
        ),
    ),
    missing=(
        Text(
            "den som drifter maskinene, har også nøkkelen som de andre nøklene er låst med",
            "whoever operates the machines also holds the key that locks the other keys",
        ),
    ),
)
DATABASE_ADMIN_SEES_CIPHERTEXT = Clause(
    id="BLIND-2",
    number=43,
    nb="Verktøyet for databasen viser den som bruker det bare kryptert innhold.",
    en="The tool that manages the database shows its user ciphertext only.",
    source=cite(100, 196),
    built=(
        Structure(
            "rollen til databaseverktøyet leser bare gjennom visninger, og der er alt personlig kryptert",
            "the role of the database tool reads through views only, and everything personal in them is ciphertext",
            where="shared/database/migrations/0007_reading.sql",
        ),
    ),
)
AUTHORISED_STAFF_ONLY = Clause(
    id="STAFF-1",
    number=44,
    nb="Bare autoriserte medarbeidere ser personopplysninger, og hvert oppslag etterlater spor.",
    en="Only authorised staff see personal data, and each look leaves a trace.",
    source=cite(53),
    missing=(
        Text(
            "den som er root på maskinen, kommer forbi: hvem det er, avgjøres ikke her",
            "whoever is root on the machine gets past all of it: who that is, is not decided here",
        ),
    ),
)
UNDERTAKING_FIRST = Clause(
    id="STAFF-2",
    number=45,
    nb="Ansatte og utviklere får tilgang først når de har undertegnet en taushetserklæring.",
    en="Employees and developers get access rights only after signing a confidentiality undertaking.",
    source=cite(53),
    missing=(
        Text(
            "tilgang til maskinen selv er ikke knyttet til erklæringen",
            "access to the machine itself is not tied to the undertaking",
        ),
    ),
)
KEPT_UP_TO_DATE = Clause(
    id="PATCH-1",
    number=46,
    nb="Systemene vedlikeholdes og oppdateres etter faste krav.",
    en="Systems are maintained and updated to fixed requirements.",
    source=cite(49),
)
ATTACKS_ARE_LOOKED_FOR = Clause(
    id="SCAN-1",
    number=47,
    nb="Det letes hele tiden etter hull i nettsider, gjetting av passord og forsøk på å overbelaste tjenesten.",
    en="Holes in web pages, guessing of passwords and overload attacks are looked for all the time.",
    source=cite(49),
    missing=(
        Text(
            "det letes ikke etter hull i nettsider og forsøk på å overbelaste tjenesten",
            "holes in web pages and overload attacks are not looked for",
        ),
    ),
    unwatched=Text(
        "gjetting stanses idet den skjer, og etterpå er det ingenting å se etter",
        "guessing is stopped as it happens, and nothing is left to look for",
    ),
)
WARNINGS_ARE_TAKEN_UP = Clause(
    id="SCAN-2",
    number=48,
    nb="Varsler fra driftsleverandøren blir fulgt opp raskt.",
    en="Warnings from the hosting company are taken up quickly.",
    source=cite(49),
)
REGULAR_SECURITY_REVIEW = Clause(
    id="REVIEW-1",
    number=49,
    nb="Ledelsen går gjennom sikkerheten med faste mellomrom.",
    en="Management reviews security at regular intervals.",
    source=cite(51),
)
OUTSIDE_ASSESSMENT = Clause(
    id="REVIEW-2",
    number=50,
    nb="En utenforstående har vurdert retningslinjene, og vurderingen fornyes.",
    en="An outsider has assessed the guidelines, and the assessment is renewed.",
    source=cite(55),
)
INTERNAL_CONTROL = Clause(
    id="CONTROL-1",
    number=51,
    nb="Internkontroll, opplæring, mål og risikovurderinger finnes skriftlig og holdes ved like.",
    en="Internal control, training, goals and risk assessments exist in writing and are kept alive.",
    source=cite(74, 76, 78, 80, 150),
)
