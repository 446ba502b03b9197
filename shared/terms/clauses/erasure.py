"""How long data are kept, what suspends erasure, and why nothing comes back (clauses 58 to 69)."""

from __future__ import annotations

from shared.terms.clause import Clause, Text, Value, cite

LIFE_CYCLE_BY_LAW = Clause(
    id="LIFE-1",
    number=58,
    nb="Innsamling, lagring, bruk, utlevering og sletting følger loven, og hvert steg kan vises.",
    en="Collection, storage, use, disclosure and erasure follow the law, and each step can be shown.",
    source=cite(59),
)
ERASE_ON_REQUEST = Clause(
    id="ERASE-3",
    number=59,
    nb="En konto slettes når kunden ønsker det.",
    en="An account is erased when the customer wishes it.",
    source=cite(59),
)
ERASE_AFTER_INACTIVE = Clause(
    id="ERASE-1",
    number=60,
    nb="Tre måneder etter at en virksomhet eller en bruker ble inaktiv, slettes opplysningene, "
    "med mindre loven eller en tvist krever noe annet.",
    en="Three months after a company or a user became inactive, its data are erased, "
    "unless the law or a dispute demands otherwise.",
    source=cite(59),
    value=Value(3, "calendar months", "retention.inactive_account"),
)
ERASE_AFTER_NOTICE = Clause(
    id="ERASE-2",
    number=61,
    nb="Sies avtalen opp, telles de tre månedene fra siste dag av oppsigelsestiden.",
    en="When the agreement is terminated, the three months count from the last day of notice.",
    source=cite(204),
    value=Value(3, "calendar months", "retention.inactive_account"),
)
HOLD_IN_DISPUTE = Clause(
    id="HOLD-1",
    number=62,
    nb="En tvist kan utsette slettingen av det tvisten gjelder, og slettingen går videre når den er over.",
    en="A dispute may put off the erasure of what it concerns, and erasure goes on when it is over.",
    source=cite(59, 204),
)
HOLD_NO_LONGER_THAN_NEEDED = Clause(
    id="HOLD-2",
    number=63,
    nb="Et slikt unntak vurderes på nytt innen 90 dager, og varer ikke lenger enn det finnes en begrunnelse for.",
    en="Such an exception is reviewed within 90 days, and lasts no longer than there is a reason for it.",
    source=cite(59, 204),
    value=Value(90, "days", "hold.review"),
    missing=(
        Text(
            "at fristen for en vurdering er ute, vises bare den som ser etter; ingen får beskjed",
            "that a review is overdue is shown to whoever looks; nobody is sent word of it",
        ),
    ),
)
EARLY_ERASURE_IN_WRITING = Clause(
    id="ERASE-4",
    number=64,
    nb="Sletting før oppsigelsestiden er ute krever at kunden ber om det skriftlig.",
    en="Erasure before the notice period has ended needs the customer's request in writing.",
    source=cite(204),
)
ERASE_WHEN_NOT_NEEDED = Clause(
    id="ERASE-5",
    number=65,
    nb="Alle slags opplysninger har en slutt: de slettes når ingen har bruk for dem.",
    en="Every kind of data has an end: it is erased when nobody needs it.",
    source=cite(102, 198),
)
DAILY_BACKUP = Clause(
    id="BACKUP-1",
    number=66,
    nb="Det tas sikkerhetskopi hver dag, og en kopi ligger et annet sted.",
    en="A backup is made every day, and a copy lies elsewhere.",
    source=cite(96, 192, 206),
    value=Value(24, "hours"),
)
RESTORE_AFTER_DISASTER = Clause(
    id="BACKUP-2",
    number=67,
    nb="Ødelegges maskinene, kan opplysningene gjenopprettes fra sikkerhetskopien.",
    en="If the machines are destroyed, the data can be restored from the backup.",
    source=cite(96, 192),
)
NEVER_RESTORED = Clause(
    id="FORGET-1",
    number=68,
    nb="En slettet konto kommer aldri tilbake, heller ikke når en eldre kopi leses inn.",
    en="An erased account never comes back, not even when an older copy is read in.",
    source=cite(206),
)
LOST_FOR_EVER = Clause(
    id="FORGET-2",
    number=69,
    nb="Det som er slettet, er borte for godt, og kunden får et bevis på det.",
    en="What is erased is gone for good, and the customer gets proof of it.",
    source=cite(206),
)
