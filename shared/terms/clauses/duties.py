"""What the customer answers for, and the system records (clauses 76 and 77)."""

from __future__ import annotations

from shared.terms.clause import Clause, cite

FOUR_ATTESTATIONS = Clause(
    id="DUTY-1",
    number=76,
    nb="Kunden bekrefter fullmakt, nødvendige og riktige opplysninger, og at brukerne er informert om avtalen.",
    en="The customer attests authority, necessary and correct data, and that users were told of the agreement.",
    source=cite(168, 170, 172, 174),
)
LEGAL_BASIS_IS_THE_CUSTOMERS = Clause(
    id="DUTY-2",
    number=77,
    nb="Kunden svarer for behandlingsgrunnlag, risiko og informasjon til brukerne; selskapet fører egen protokoll.",
    en="The customer answers for legal basis, risk and informing its users; the company keeps its own record.",
    source=cite(84, 176),
)
