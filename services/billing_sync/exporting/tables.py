"""What billing-sync hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import held_words
from shared.database import Database, load_queries
from shared.participation.contribution import (
    DIGESTS,
    Column,
    Contribution,
    Table,
)
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
SEEN: Final = Origin.OBSERVED
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {"job": "work that waits for Tripletex; what is there is told with the customer and the contact"}
)
"""Tables that name somebody and are in no copy, each with the reason."""
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        DIGESTS: "contact_link.expected customer_link.content_hash",
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""

TABLES: Final = (
    Table(
        name="tripletex_contact",
        of=("contact_link",),
        nb="Kontaktperson i Tripletex: navn, e-post og telefon er kopiert dit",
        en="Contact at Tripletex: name, e-mail and telephone are copied there",
        columns=(
            Column("tripletex_id", "nummer i Tripletex", "number at Tripletex", SEEN),
            Column("customer_number", "kundens nummer", "number of the customer", SEEN),
            Column("synced_at", "sist kopiert", "last copied", SEEN),
        ),
        query=Q.contacts,
    ),
    Table(
        name="told_recipients",
        of=("recipient_task",),
        nb="Rettelser, hvem som hadde fått opplysningene, og når de fikk rettelsen",
        en="Corrections, who had been given the data, and when they got the correction",
        columns=(
            Column("recipient", "mottaker", "recipient", SEEN, held_words.RECIPIENTS),
            Column("fields", "felt", "fields", SEEN, held_words.FIELDS),
            Column("opened_at", "rettet", "corrected", SEEN),
            Column("closed_at", "mottakeren fikk rettelsen", "the recipient got it", SEEN),
            Column("outcome", "utfall", "outcome", SEEN, held_words.TOLD),
        ),
        query=Q.told,
        whose=Whose.EITHER,
    ),
    Table(
        name="tripletex_customer",
        of=("customer_link",),
        nb="Virksomheten som kunde i Tripletex: navn, nummer, adresser, e-post og telefon er kopiert dit",
        en="The company as a customer at Tripletex: name, number, addresses, e-mail and telephone are copied there",
        columns=(
            Column("customer_number", "kundens nummer", "number of the customer", SEEN),
            Column("tripletex_id", "nummer i Tripletex", "number at Tripletex", SEEN),
            Column("state", "tilstand", "state", SEEN, held_words.TRIPLETEX),
            Column("synced_at", "sist kopiert", "last copied", SEEN),
            Column("minimised_at", "redusert", "minimised", SEEN),
            Column("bookkeeping_until", "bokføringsplikt til", "kept by bookkeeping law until", SEEN),
        ),
        query=Q.customer,
        whose=Whose.COMPANY,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT, COLUMNS_LEFT_OUT)
