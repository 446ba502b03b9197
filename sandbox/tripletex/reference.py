"""The fixed tables of a Tripletex company: currencies, countries, VAT types.

The ids of Norway, Andorra, the Emirates and Afghanistan, of the three currencies and of the VAT types are those
that were recorded; the other countries have ids of this sandbox. A client looks them up and does not guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.store import Document

_COUNTRIES: Final = (
    (1, "Andorra", "AD", "AND", "020"), (2, "De forente arabiske emirater", "AE", "ARE", "784"),
    (3, "Afghanistan", "AF", "AFG", "004"), (12, "Østerrike", "AT", "AUT", "040"),
    (21, "Belgia", "BE", "BEL", "056"), (40, "Sveits", "CH", "CHE", "756"),
    (55, "Tsjekkia", "CZ", "CZE", "203"), (56, "Tyskland", "DE", "DEU", "276"),
    (58, "Danmark", "DK", "DNK", "208"), (63, "Estland", "EE", "EST", "233"),
    (67, "Spania", "ES", "ESP", "724"), (69, "Finland", "FI", "FIN", "246"),
    (73, "Færøyene", "FO", "FRO", "234"), (74, "Frankrike", "FR", "FRA", "250"),
    (76, "Storbritannia", "GB", "GBR", "826"), (98, "Irland", "IE", "IRL", "372"),
    (104, "Island", "IS", "ISL", "352"), (105, "Italia", "IT", "ITA", "380"),
    (129, "Litauen", "LT", "LTU", "440"), (131, "Latvia", "LV", "LVA", "428"),
    (160, "Nederland", "NL", "NLD", "528"), (161, "Norge", "NO", "NOR", "578"),
    (174, "Polen", "PL", "POL", "616"), (177, "Portugal", "PT", "PRT", "620"),
    (191, "Sverige", "SE", "SWE", "752"), (226, "USA", "US", "USA", "840"),
)  # fmt: skip

_CURRENCIES: Final = ((1, "NOK", "Norge", 1), (2, "SEK", "Sverige", 100), (3, "DKK", "Danmark", 100),
                      (5, "EUR", "EU", 1))  # fmt: skip

# id, number, name, per cent, kind
_VAT: Final = (
    (1, "1", "Fradrag inngående avgift, høy sats", 25, "INCOMING"),
    (3, "3", "Utgående avgift, høy sats", 25, "OUTGOING"),
    (5, "5", "Ingen utgående avgift (innenfor mva-loven)", 0, "OUTGOING"),
    (6, "6", "Ingen utgående avgift (utenfor mva-loven)", 0, "OUTGOING"),
    (31, "31", "Utgående avgift, middels sats", 15, "OUTGOING"),
    (32, "33", "Utgående avgift, lav sats", 12, "OUTGOING"),
    (52, "52", "Ingen utgående avgift (utførsel)", 0, "OUTGOING"),
)
VAT_KINDS: Final = ("OUTGOING", "INCOMING", "INCOMING_INVOICE", "PROJECT", "LEDGER")
OUTGOING_VAT: Final = frozenset(number for number, *_, kind in _VAT if kind == "OUTGOING")


def _country(number: int, name: str, two: str, three: str, digits: str) -> Document:
    return {"id": number, "version": 1, "name": name, "displayName": name, "isoAlpha2Code": two,
            "isoAlpha3Code": three, "isoNumericCode": digits}  # fmt: skip


def _currency(number: int, code: str, description: str, factor: int) -> Document:
    return {"id": number, "version": 0, "code": code, "description": description, "factor": factor,
            "displayName": code, "isDisabled": False}  # fmt: skip


def _vat(number: int, code: str, name: str, percentage: float, kind: str) -> Document:
    return {"id": number, "version": 0, "name": name, "number": code, "percentage": percentage, "_kind": kind,
            "displayName": f"{code}: {name} ({percentage} %)", "deductionPercentage": 100}  # fmt: skip


FIXED: Final[dict[str, dict[int, Any]]] = {
    "Country": {row[0]: _country(*row) for row in _COUNTRIES},
    "Currency": {row[0]: _currency(*row) for row in _CURRENCIES},
    "VatType": {row[0]: _vat(*row) for row in _VAT},
}
