"""What is known to be missing from a promise although part of it is enforced and checked.

A clause with a gap is not yet kept, however many of its checks pass.  Whoever closes a gap removes it here.
The public page shows it in both languages, so it is written for a reader who does not know the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part of a promise that nothing enforces yet, in Norwegian and English."""

    clause_id: str
    nb: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return what is missing in both languages."""
        return {"nb": self.nb, "en": self.en}


GAPS: Final[tuple[Gap, ...]] = (
    Gap(
        clause_id="RIGHTS-1",
        nb="det gis bare innsyn i pålogginger; annet som er lagret om noen, samles ikke på forespørsel",
        en="only logins are shown: what else is stored about somebody is not gathered on request",
    ),
    Gap(
        clause_id="RIGHTS-2",
        nb="programmet lager ingen kopi: det noterer forespørselen og fristen, og en medarbeider lager filene;"
        " en ubesvart forespørsel utsetter ikke slettingen",
        en="the program makes no copy: it notes the request and its last day, and a person makes the files;"
        " a request that is not answered puts no erasure off",
    ),
    Gap(
        clause_id="RIGHTS-4",
        nb="en protest mot annen behandling enn e-poster blir ikke avgjort av noen",
        en="an objection to other processing than e-mails is not decided by anybody",
    ),
    Gap(
        clause_id="RIGHTS-7",
        nb="eierne får e-post først, men henvendelser fra brukerne deres tas ikke imot og sendes ikke videre",
        en="owners are written to first, but requests of their users are not taken in and passed on",
    ),
    Gap(
        clause_id="SCAN-1",
        nb="det letes ikke etter hull i nettsider og forsøk på å overbelaste tjenesten",
        en="holes in web pages and overload attacks are not looked for",
    ),
    Gap(
        clause_id="STAFF-1",
        nb="fullmakt gis ikke til hver enkelt, og oppslag i annet enn pålogginger etterlater ikke spor",
        en="authority is not granted person by person, and looks at other data than logins leave no trace",
    ),
    Gap(
        clause_id="WATCH-1",
        nb="mønstre på tvers av kontoer og adresser blir ikke meldt",
        en="patterns across accounts and addresses are not reported",
    ),
    Gap(
        clause_id="SUSPECT-1",
        nb="programmet ser selv bare avvik fra Enhetsregisteret; feil bruk må en medarbeider oppdage",
        en="the program itself sees only what the business register contradicts; misuse is for a person to notice",
    ),
    Gap(
        clause_id="BACKUP-1",
        nb="en kopi ligger et annet sted først når VILKAR_BACKUP_TARGET navngir et slikt sted",
        en="a copy lies elsewhere only once VILKAR_BACKUP_TARGET names a place elsewhere",
    ),
    Gap(
        clause_id="PARTY-2",
        nb="bestillinger av lisenser føres ikke i Tripletex",
        en="orders for licences are not written to Tripletex",
    ),
)
