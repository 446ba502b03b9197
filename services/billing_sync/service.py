"""billing-sync: keeps Tripletex true while the account is active, and minimises there when it is erased."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar

from services.billing_sync.customer_links.rules import WAITS as LINK_WAITS
from services.billing_sync.customers.copying import Copying
from services.billing_sync.customers.feature import Customers
from services.billing_sync.erasure.minimising import Minimising
from services.billing_sync.erasure.participant import TripletexErasure
from services.billing_sync.exporting.tables import contribution
from services.billing_sync.jobs.rules import WAITS as JOB_WAITS
from services.billing_sync.tripletex.client import Tripletex
from services.billing_sync.worker.feature import Worker
from shared.bus import Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.participation.replay import ParticipantReplayer
from shared.privacy.restore_gate import Replayer


class BillingSync(Service):
    """The service."""

    name: ClassVar[str] = "billing-sync"
    made_of = (Customers, Worker, Participation, Exporting)
    waits = MappingProxyType({**JOB_WAITS, **LINK_WAITS})

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        tripletex: Tripletex,
        hash_key: bytes,
        no_marketing_category: int | None = None,
    ) -> None:
        """`hash_key` keys the digests by which a change is seen, and a contact recognised.

        `no_marketing_category` is the category there of customers of whom somebody wants no marketing; without it
        nothing is said there of objections.
        """
        self.database = database
        self.clock = clock
        copying = Copying(database, clock, caller, tripletex, hash_key, no_marketing_category=no_marketing_category)
        minimising = Minimising(database, clock, tripletex, hash_key)
        self.participant = TripletexErasure()
        self.features = (
            Customers(database, clock),
            Worker(database, clock, {"sync": copying.copy, "minimise": minimising.minimise}),
            Participation(database, clock, self.participant),
            Exporting(database, clock, contribution(database)),
        )

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        yield self.database, ParticipantReplayer(self.participant)
