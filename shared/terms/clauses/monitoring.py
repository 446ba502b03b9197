"""Logins that are watched, and accounts that raise suspicion (clauses 52 to 57, and 85)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, Value, cite

ODD_LOGINS_ARE_REPORTED = Clause(
    id="WATCH-1",
    number=52,
    nb="Løsningen oppdager påfallende påloggingsforsøk og melder fra om dem av seg selv.",
    en="The product discovers conspicuous login attempts and reports them by itself.",
    source=cite(57),
    missing=(
        Text(
            "den som logger inn fra et uvant sted, slipper inn, og får melding i etterkant: det bes ikke om noe "
            "mer enn passordet",
            "whoever logs in from an unusual place is let in and told afterwards: nothing is asked for beside the "
            "password",
        ),
    ),
    unwatched=Text(
        "gjetting stanses idet den skjer, og etterpå er det ingenting å se etter",
        "guessing is stopped as it happens, and nothing is left to look for",
    ),
)
LOGIN_REPORT = Clause(
    id="WATCH-2",
    number=53,
    nb="Kunden kan få vite når noen har logget på, og fra hvilken IP-adresse.",
    en="The customer can learn when somebody logged in, and from which IP address.",
    source=cite(57),
    unwatched=Text(
        "svaret gis idet det spørres; hvert svar og hvert nei står i revisjonssporet",
        "the answer is given as it is asked; each answer and each refusal stands in the audit trail",
    ),
)
HOST_REPORTS_ATTACKS = Clause(
    id="WATCH-3",
    number=54,
    nb="Driftsleverandørens meldinger om uønsket trafikk mot webserveren kommer inn og blir tatt vare på.",
    en="The hosting company's reports of unwanted traffic to the web server come in and are kept.",
    source=cite(57),
    missing=(
        Text(
            "at en melding kom, og når, blir tatt vare på; det den sier, ligger i postkassen den også leveres til",
            "that a report came, and when, is kept; what it says lies in the mailbox it is delivered to as well",
        ),
    ),
    unwatched=Text(
        "ingen kan se en melding som aldri kom; det som kom, overvåkes som saker med frister",
        "nobody can see a report that never came; what came is watched as cases with their clocks",
    ),
)
SUSPICIOUS_ACCOUNTS = Clause(
    id="SUSPECT-1",
    number=55,
    nb="En konto som ikke stemmer med Enhetsregisteret eller brukes på feil vis, kan bli stengt.",
    en="An account that does not match the business register, or is misused, may be closed.",
    source=cite(160),
    missing=(
        Text(
            "programmet ser selv bare avvik fra Enhetsregisteret; feil bruk må en medarbeider oppdage",
            "the program itself sees only what the business register contradicts; misuse is for a person to notice",
        ),
    ),
)
DIALOGUE_BEFORE_DELETION = Clause(
    id="SUSPECT-2",
    number=56,
    nb="Før noe slettes på mistanke, er kunden forsøkt kontaktet flere ganger og på flere måter.",
    en="Before deletion on suspicion, the customer has been approached more than once, in more than one way.",
    source=cite(160),
    value=Value(2, "attempts", "suspicion.contact_attempts"),
)
DISAGREEMENT_IS_TALKED_ABOUT = Clause(
    id="DISPUTE-1",
    number=57,
    nb="Uenighet og misforståelser blir en sak det snakkes om, og kan stanse sletting mens den varer.",
    en="Disagreement becomes a case that is talked about, and may halt erasure while it lasts.",
    source=cite(162),
)
WATCHING_IS_PROCESSING_TOO = Clause(
    id="WATCH-4",
    number=85,
    nb="Det overvåkingen samler, er personopplysninger: det slettes når lagringstiden er ute, og man kan få kopi.",
    en="What monitoring gathers is personal data: it is erased when its retention ends, and one can get a copy.",
    source=cite(57, 61),
    value=Value(6, "calendar months", "log.login_retention"),
)
