"""What is told beside the data of a copy: how to read it, and all that article 15 wants told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.participation.export_values import ExportKind
from shared.terms import enforces
from shared.terms.clauses.rights import RIGHT_OF_ACCESS, RIGHT_TO_COMPLAIN

README: Final = """\
Kopi av opplysninger. Copy of data.

data.json       alle tabeller / all tables (schema.json: formen / the form)
tables/*.csv    de samme tabellene hver for seg / the same tables one by one
manifest.json   filene med sjekksum, antall rader, og signatur / the files with digest, rows, and signature

I CSV står en apostrof foran det et regneark ville tatt for en formel. In CSV an apostrophe stands before what a
program for tables would take for a formula. JSON has every value as it is.

Signaturen (Ed25519) gjelder en linje med "vilkar-export/1", linjeskift, og manifest.json uten key_id, public_key
og signature, som kanonisk JSON. The signature (Ed25519) is over a line with "vilkar-export/1", a line feed, and
manifest.json without key_id, public_key and signature, as canonical JSON.
"""
ACCESS_README: Final = """
answer.nb.txt, answer.en.txt   det loven krever fortalt / what the law wants told
"""
PORTABILITY_README: Final = """
Kopien inneholder det du har gitt, og det som er observert om deg. Vurderinger er ikke med; be om innsyn for dem.
The copy has what you provided and what was observed of you. Assessments are left out; ask for access to see them.
"""

ITEMS: Final = ("a", "b", "c", "d", "e", "f", "g", "h", "transfers", "copy")
"""All that an answer tells, by letter of article 15(1); then 15(2) and 15(3)."""

_ANSWER: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "nb": {
            "a": "Formål: å levere tjenesten det er inngått avtale om, svare på henvendelser, fakturere, "
            "varsle om det som gjelder kontoen, og sikre den mot misbruk.",
            "b": "Kategorier: navn, e-postadresse og telefon; rolle i virksomheten; godtatte vilkår; "
            "pålogginger med tidspunkt, nettadresse og nettleser; e-post som er sendt; henvendelser, "
            "avvik og saker; reservasjoner.",
            "c": "Mottakere: Tripletex AS (regnskap og kundeoppfølging), Mailgun (Sinch; utsending av e-post),"
            " Domeneshop AS (drift og e-post), og regnskapsføreren som leverandøren bruker. Hvem i din "
            "virksomhet som er eier av kontoen, kan se brukerne og påloggingene deres.",
            "d": "Lagringstid: så lenge kontoen er aktiv, og tre kalendermåneder etter at konto eller bruker "
            "er gjort inaktiv. Pålogginger seks måneder. Regnskapsmateriale fem år etter regnskapsårets "
            "slutt.",
            "e": "Rettigheter: du kan be om retting, sletting, begrensning og dataportabilitet, og protestere "
            "mot behandlingen.",
            "f": "Klage: du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo. Ta gjerne kontakt med"
            " oss først.",
            "g": "Kilde: det du selv har oppgitt, det virksomheten din har oppgitt da den la deg til, det som "
            "er observert når tjenesten brukes, og Enhetsregisteret for opplysninger om virksomheten.",
            "h": "Automatiserte avgjørelser: ingen med rettsvirkning eller tilsvarende tas uten et menneske. "
            "Av seg selv ser programmet etter uvanlige pålogginger (mange feil, nytt nett og ny enhet, treff "
            "midt i et angrep), bremser forsøk, og avslutter ved mistanke økter og ber om nytt passord med en "
            "e-post. Om en konto sperres eller lukkes, avgjør et menneske.",
            "transfers": "Overføring ut av EØS: ingen ment. Der en mottaker likevel behandler utenfor EØS, skjer "
            "det på grunnlag av EUs standardavtaler.",
            "copy": "Kopi: data.json og tables i denne filen. Navn på ansatte hos leverandøren oppgis ikke.",
        },
        "en": {
            "a": "Purposes: to deliver the service that was agreed on, answer questions, invoice, notify of "
            "what concerns the account, and protect it from misuse.",
            "b": "Categories: name, e-mail address and telephone; role in the company; accepted terms; log-ins"
            " with time, network address and browser; e-mail that was sent; questions, nonconformities "
            "and cases; opt-outs.",
            "c": "Recipients: Tripletex AS (bookkeeping and follow-up of customers), Mailgun (Sinch; sending "
            "of e-mail), Domeneshop AS (hosting and mail), and the accountant of the vendor. Owners of "
            "the account of your company may see its users and their log-ins.",
            "d": "Periods: for as long as the account is active, and three calendar months after account or "
            "user were made inactive. Log-ins six months. Accounting records five years after the "
            "financial year.",
            "e": "Rights: you may ask for rectification, erasure, restriction and portability, and object to "
            "the processing.",
            "f": "Complaint: you may complain to Datatilsynet, Postboks 458 Sentrum, 0105 Oslo. You are "
            "welcome to ask us first.",
            "g": "Source: what you have given yourself, what your company gave when it added you, what is "
            "observed when the service is used, and the business register for data on the company.",
            "h": "Automated decisions: none with legal or similar effect is taken without a human being. By "
            "itself the program looks for unusual log-ins (many failures, a new network and device, success "
            "in the midst of an attack), slows attempts down, and at suspicion ends sessions and asks for a "
            "new password by a letter. Whether an account is blocked or closed a human being decides.",
            "transfers": "Transfers out of the EEA: none intended. Where a recipient processes outside the EEA all "
            "the same, that rests on the standard contractual clauses of the EU.",
            "copy": "Copy: data.json and tables in this file. Names of the vendor's staff are not told.",
        },
    }
)


def readme(kind: ExportKind) -> str:
    """How to read a copy of this kind."""
    return README + (ACCESS_README if kind is ExportKind.ACCESS else PORTABILITY_README)


@enforces(RIGHT_OF_ACCESS, RIGHT_TO_COMPLAIN)
def access_answer(vendor: str) -> dict[str, str]:
    """All that article 15 wants told beside the copy, by language; no item is left out."""
    return {
        language: "\n\n".join([vendor, *(told[item] for item in ITEMS)]) + "\n"
        for language, told in _ANSWER.items()
    }
