"""What is told beside the data of a copy: how to read it, and all that article 15 wants told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from services.account.exports.values import Answerer
from shared.held_data import figures, held_data, recipients
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

Hva kodene betyr, står på norsk og engelsk ved hver kolonne i data.json. What codes mean stands in Norwegian and
English with each column of data.json.

Signaturen (Ed25519) gjelder en linje med "vilkar-export/1", linjeskift, og manifest.json uten key_id, public_key
og signature, som kanonisk JSON. The signature (Ed25519) is over a line with "vilkar-export/1", a line feed, and
manifest.json without key_id, public_key and signature, as canonical JSON.
"""
KEYS_README: Final = """
Den offentlige nøkkelen skal være en av dem på {keys_at}, der det også står hvordan signaturen kontrolleres. En
nøkkel som bare står i manifest.json, beviser ingenting. Svarteksten er blant filene som er signert.
The public key is to be one of those at {keys_at}, where it also stands how to check the signature. A key that
stands in manifest.json alone proves nothing. The answer is among the files that are signed.
"""
ACCESS_README: Final = """
copy.nb.html, copy.en.html     alt sammen til å lese, med ord for kodene / all of it to read, with words for codes
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
            "a": "Formål, og grunnlaget i personvernforordningen:",
            "b": "Kategorier av opplysninger:",
            "c": "Mottakere, ved navn (tables/billing-sync.tripletex_contact.csv viser om akkurat du er sendt "
            "til Tripletex):",
            "c_of_kinds": "Hvem som får hva:",
            "d": "Hvor lenge:",
            "d_backups": "Når tiden er ute, slettes opplysningene innen {completion_days} dager. "
            "Sikkerhetskopiene er borte innen {backup_days} dager deretter, og kopier av nøklene de er låst "
            "med, innen {key_copy_days} dager. En tvist eller en begrensning kan utsette slettingen.",
            "e": "Rettigheter: du kan be om retting, sletting, begrensning og dataportabilitet, og protestere "
            "mot behandlingen. Svaret kommer innen {answer_months} måned.",
            "f": "Klage: du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo. Ta gjerne kontakt med "
            "oss først.",
            "g": "Kilde: det du selv har oppgitt; det virksomheten din oppga da den la deg til eller rettet "
            "noe, også rollen din; det ansatte hos oss har ført når du har ringt eller skrevet; det som er "
            "observert når tjenesten brukes; Enhetsregisteret for opplysninger om virksomheten; et land gjettet "
            "av nettadressen.",
            "h": "Automatiserte avgjørelser: ingen med rettsvirkning eller tilsvarende tas uten et menneske. Av "
            "seg selv ser programmet etter uvanlige pålogginger (mange feil, nytt nett og ny enhet, treff midt "
            "i et angrep), bremser forsøk, og avslutter ved mistanke økter og ber om nytt passord med en "
            "e-post. Om en konto sperres eller lukkes, avgjør et menneske.",
            "transfers": "Overføring ut av EØS: ingen. E-post sendes gjennom Mailguns tjeneste i EU.",
            "transfers_usa": "Overføring ut av EØS: e-postadressen, navnet og innholdet i e-post behandles av "
            "Mailgun i USA, på grunnlag av EUs standardavtaler (personvernforordningen artikkel 46 nr. 2 "
            "bokstav c). Be oss om en kopi av avtalen.",
            "copy": "Kopi: data.json og tables i denne filen. Navn på ansatte hos leverandøren oppgis ikke.",
            "accountant": "fører regnskapet",
        },
        "en": {
            "a": "Purposes, and the basis in the GDPR:",
            "b": "Categories of data:",
            "c": "Recipients, by name (tables/billing-sync.tripletex_contact.csv shows whether you yourself "
            "were sent to Tripletex):",
            "c_of_kinds": "Who gets what:",
            "d": "For how long:",
            "d_backups": "When the time is over the data are erased within {completion_days} days. The backups "
            "are gone within {backup_days} days after that, and copies of the keys that they are locked with "
            "within {key_copy_days} days. A dispute or a restriction may postpone the erasure.",
            "e": "Rights: you may ask for rectification, erasure, restriction and portability, and object to "
            "the processing. The answer comes within {answer_months} month.",
            "f": "Complaint: you may complain to Datatilsynet, Postboks 458 Sentrum, 0105 Oslo. You are welcome "
            "to ask us first.",
            "g": "Source: what you have given yourself; what your company gave when it added you or corrected "
            "something, your role among it; what our staff recorded when you telephoned or wrote; what is "
            "observed when the service is used; the business register for data on the company; a country "
            "guessed from the network address.",
            "h": "Automated decisions: none with legal or similar effect is taken without a human being. By "
            "itself the program looks for unusual log-ins (many failures, a new network and device, success in "
            "the midst of an attack), slows attempts down, and at suspicion ends sessions and asks for a new "
            "password by a letter. Whether an account is blocked or closed a human being decides.",
            "transfers": "Transfers out of the EEA: none. E-mail is sent through Mailgun's service in the EU.",
            "transfers_usa": "Transfers out of the EEA: the e-mail address, the name and what e-mails say are "
            "handled by Mailgun in the USA, on the ground of the standard contractual clauses of the EU (GDPR "
            "article 46(2)(c)). Ask us for a copy of them.",
            "copy": "Copy: data.json and tables in this file. Names of the vendor's staff are not told.",
            "accountant": "keeps the books",
        },
    }
)


def readme(kind: ExportKind, answerer: Answerer) -> str:
    """How to read a copy of this kind, and how to tell that it is genuine."""
    known = KEYS_README.format(keys_at=answerer.keys_at)
    return README + known + (ACCESS_README if kind is ExportKind.ACCESS else PORTABILITY_README)


@enforces(RIGHT_OF_ACCESS, RIGHT_TO_COMPLAIN)
def access_answer(answerer: Answerer) -> dict[str, str]:
    """All that article 15 wants told beside the copy, by language; no item is left out."""
    return {
        language: "\n\n".join([answerer.vendor, *_items(language, answerer).values()]) + "\n"
        for language in _ANSWER
    }


def _items(language: str, answerer: Answerer) -> dict[str, str]:
    """Each item in words: purposes, kinds, recipients and periods from the list that pages show too."""
    said, where = _ANSWER[language], {"mail_in_eea": answerer.mail_in_eea}
    told, held = figures(language, **where), held_data(language, **where)
    named = recipients(language, **where)
    if answerer.accountant:
        named.append(f"{answerer.accountant}: {said['accountant']}")
    given = [f"{each['what']}\n  {each['recipients']}" for each in held]
    of_kinds = {
        "a": _listed(said["a"], (f"{each['what']}\n  {each['why']} ({each['basis']})" for each in held)),
        "b": _listed(said["b"], (each["what"] for each in held)),
        "c": "\n".join([_listed(said["c"], named), _listed(said["c_of_kinds"], given)]),
        "d": "\n".join(
            [_listed(said["d"], (f"{each['what']}\n  {each['until']}" for each in held)), said["d_backups"]]
        ),
        "transfers": said["transfers" if answerer.mail_in_eea else "transfers_usa"],
    }
    return {item: of_kinds.get(item, said.get(item, "")).format_map(told) for item in ITEMS}


def _listed(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *(f"- {each}" for each in lines)])
