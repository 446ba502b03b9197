"""Breaches, changed security measures, and who pays (clauses 70 to 75)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, Value, cite

SECURITY_NOTICE_AGREEMENT = Clause(
    id="NOTICE-1",
    number=70,
    nb="Kunder kan skriftlig avtale å bli varslet når sikkerhetstiltak endres.",
    en="Customers may agree in writing to be told when security measures change.",
    source=cite(61),
    missing=(
        Text(
            "at et tiltak er endret, må en medarbeider si: ingen sammenligner tiltakene med dem fra i går",
            "that a measure has changed a person has to say: nothing compares measures with yesterday's",
        ),
        Text(
            "av dokumentet som viser avtalen, føres bare SHA-256 og dato: ingen ser etter at det selv finnes",
            "of the document that proves the agreement only its SHA-256 and its day are kept: nobody checks that "
            "it exists itself",
        ),
    ),
    unwatched=Text(
        "en avtale som ikke er ført inn, kan ingen se; de som er ført inn, vurderes igjen hvert år",
        "nobody can see an agreement that was not entered; those that were are reviewed every year",
    ),
)
WHAT_CHANGED_SINCE = Clause(
    id="NOTICE-2",
    number=71,
    nb="Varselet forteller hva som er annerledes med risikoen nå enn da avtalen ble inngått.",
    en="The notice tells how the risk differs now from when the agreement was made.",
    source=cite(61),
    missing=(
        Text(
            "forskjellen sier en medarbeider: den regnes ikke ut fra et register over risiko",
            "a person says how it differs: it is not computed from a register of risks",
        ),
    ),
)
HOW_FOUND_AND_MENDED = Clause(
    id="NOTICE-3",
    number=72,
    nb="Om et avvik får kunden vite hvordan det ble oppdaget og hvordan det blir rettet.",
    en="Of a deviation the customer learns how it was discovered and how it is mended.",
    source=cite(61),
    missing=(
        Text(
            "en medarbeider må si at det er et avvik: et avvik åpner ingen slik sak av seg selv",
            "a person has to say that there is a deviation: none opens such a case by itself",
        ),
    ),
)
INCIDENTS_ARE_KEPT = Clause(
    id="INCIDENT-1",
    number=73,
    nb="Uberettigede forsøk og brudd blir loggført slik at ingen kan endre loggen siden.",
    en="Unauthorised attempts and breaches are logged so that nobody can change the log later.",
    source=cite(61),
)
CONTROLLERS_ARE_TOLD = Clause(
    id="BREACH-1",
    number=74,
    nb="Er opplysninger trolig på avveie, får hver berørt kunde beskjed uoppfordret og uten ugrunnet opphold.",
    en="When data have probably gone astray, each affected customer is told unasked and without undue delay.",
    source=cite(61, 154),
    value=Value(24, "hours", "breach.controller_notice_target_hours"),
)
MENDED_FREE_OF_CHARGE = Clause(
    id="COST-1",
    number=75,
    nb="Feil i egne systemer rettes gratis, hvis ikke kunden har vært uforsvarlig; avvik kan kunden melde "
    "til selskapet eller Datatilsynet.",
    en="Faults in the company's own systems are mended free of charge, unless the customer was reckless; "
    "the customer can report deviations to the company or the Data Protection Authority.",
    source=cite(68, 178),
    missing=(
        Text(
            "hvem som betaler, avgjøres i programmet, men det fakturerer ikke: at en regning følger en slik "
            "avgjørelse, er opp til en medarbeider",
            "who pays is decided in the program, but it bills nothing: that an invoice follows such a decision is "
            "up to a person",
        ),
        Text(
            "avvik som en kunde melder i en vanlig e-post, fører en medarbeider inn",
            "what a customer reports by ordinary e-mail a person enters",
        ),
    ),
)
