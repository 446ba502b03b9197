"""audit: hears everything, keeps it in a trail that cannot be changed unnoticed, and knows when who logged in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import ClassVar

from services.audit.anomalies.feature import Anomalies
from services.audit.anomalies.places import Places
from services.audit.checkpoints.file import CheckpointFile
from services.audit.erasure.feature import Tombstones
from services.audit.erasure.participant import AuditErasure
from services.audit.exporting.tables import contribution
from services.audit.findings.telling import Telling
from services.audit.logins.feature import LoginEvents
from services.audit.logins.rules import WAITS as LOGIN_WAITS
from services.audit.staff_reads.feature import PersonalDataReads
from services.audit.trail.feature import AuditTrail
from services.audit.unusual_use.feature import UnusualUse
from services.audit.verification.feature import Verifications
from services.audit.verification.store import WAITS as VERIFICATION_WAITS
from shared.bus import Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.participation.replay import ParticipantReplayer
from shared.privacy import BlindIndex, Vault
from shared.privacy.restore_gate import Replayer
from shared.signing import PublicKey, SigningKey


class Audit(Service):
    """The service."""

    name: ClassVar[str] = "audit"
    gathers_seconds: ClassVar[float] = 0.2
    made_of = (
        Participation,
        Tombstones,
        LoginEvents,
        Anomalies,
        UnusualUse,
        Verifications,
        AuditTrail,
        PersonalDataReads,
        Exporting,
    )
    waits = MappingProxyType({**LOGIN_WAITS, **VERIFICATION_WAITS})

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        vault: Vault,
        index: BlindIndex,
        signer: SigningKey,
        public_keys: Sequence[PublicKey],
        outside: CheckpointFile,
        login_months: int = 6,
        places: Places | None = None,
    ) -> None:
        """`outside` is the file of checkpoints; `public_keys` are those that ever signed one.

        Without `places` nobody looks at countries and distances.

        Raises `ValueError` where logins would be kept for more than the cap.
        """
        self.database = database
        self.clock = clock
        self.keyring_database = vault.database
        trail = AuditTrail(database, clock, signer, outside)
        self.participant = AuditErasure(trail.keep_sequencer_out)
        self.logins = LoginEvents(
            database,
            clock,
            caller,
            vault,
            index,
            months=login_months,
            record=trail.record_own,
            place_of=(places or Places()).of,
        )
        verifications = Verifications(
            database, clock, public_keys, outside, halted=trail.halted, record=trail.record_own
        )
        telling = Telling(clock, index)
        self.features = (
            Participation(database, clock, self.participant),
            Tombstones(database, clock),
            self.logins,
            Anomalies(database, clock, telling),
            UnusualUse(database, clock, telling),
            verifications,
            trail,
            PersonalDataReads(database, clock),
            Exporting(database, clock, contribution(database, vault)),
        )

    def ready(self) -> None:
        """Without the keyring no origin of a login can be kept or shown."""
        self.logins.check_keys()

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database; and the keyring, in which retention destroys anew what a backup brought back."""
        yield self.database, ParticipantReplayer(self.participant)
        yield self.keyring_database, None
