"""retention: counts the three months, calls them off when somebody comes back, and erases when they are over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from services.retention.backups.feature import Backups
from services.retention.certificates.archive import CertificateArchive
from services.retention.certificates.feature import Certificates
from services.retention.clocks import planning
from services.retention.clocks.facts import ClockReplay
from services.retention.clocks.feature import Clocks
from services.retention.clocks.missing_clocks import MissingClocks
from services.retention.completion.feature import Completion
from services.retention.dry_runs.feature import DryRuns
from services.retention.early_erasure import rules as early_rules
from services.retention.early_erasure import store as early_store
from services.retention.early_erasure.facts import EarlyReplay
from services.retention.early_erasure.feature import EarlyErasures
from services.retention.erasure import store as erasure_store
from services.retention.execution import rules as execution_rules
from services.retention.execution.erasure_process import ErasureProcess
from services.retention.execution.facts import ErasureReplay
from services.retention.execution.feature import Execution
from services.retention.exporting.tables import contribution
from services.retention.holds.facts import HoldReplay
from services.retention.holds.feature import Holds
from services.retention.ledger.feature import Ledger
from services.retention.maintenance.feature import Maintenance
from services.retention.maintenance.orphaned_keys import OrphanedKeys
from services.retention.monitoring.feature import Monitoring
from services.retention.restrictions.facts import RestrictionReplay
from services.retention.restrictions.feature import Restrictions
from shared.backup_record import BackupRecord
from shared.bus import Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.failpoints import Failpoints
from shared.participation.export_orders import OrdersReplay
from shared.participation.exporting import Exporting
from shared.privacy import Keyring
from shared.privacy.fact_replay import Replayers
from shared.privacy.keyring_replayer import KeyringReplayer, has_no_key
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import Replayer
from shared.signing import SigningKey
from shared.system import PARTICIPANTS

NO_FAILPOINTS: Final = Failpoints("test", {})


class Retention(Service):
    """The service. Several replicas share the work through the database."""

    name: ClassVar[str] = "retention"
    made_of = (
        Clocks,
        Execution,
        Completion,
        Monitoring,
        Certificates,
        Holds,
        Restrictions,
        EarlyErasures,
        DryRuns,
        Ledger,
        Maintenance,
        Backups,
        Exporting,
    )
    waits = MappingProxyType({**execution_rules.WAITS, **early_rules.WAITS})

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        caller: Caller,
        keyring: Keyring,
        signing_key: SigningKey,
        ledger: LedgerWriter,
        archive: CertificateArchive,
        participants: tuple[str, ...] = PARTICIPANTS,
        ledger_copies: Path | None = None,
        backups: Callable[[], BackupRecord] = BackupRecord,
        failpoints: Failpoints = NO_FAILPOINTS,
    ) -> None:
        """`keyring` must be open. `ledger_copies` is the folder, off this machine at best, that gets copies.

        `backups` reads what is known of the backups, by default nothing.
        """
        self.database, self.clock = database, clock
        self.keyring, self.ledger = keyring, ledger
        facts = Ledger(
            ledger=ledger,
            copies=ledger_copies,
            databases=(database, keyring.database),
            clock=clock,
            caller=caller,
        )
        self._certificates = Certificates(
            database=database, signing_key=signing_key, archive=archive, failpoints=failpoints
        )
        process = ErasureProcess(
            database=database,
            clock=clock,
            caller=caller,
            keyring=keyring,
            ledger=ledger,
            participants=participants,
            plan_clock=planning.plan,
            issue_certificate=self._certificates.issue,
            failpoints=failpoints,
        )
        self.features = (
            Clocks(
                database=database,
                clock=clock,
                append_fact=facts.append,
                awaits_early_erasure=early_store.is_waiting,
                missing_clocks=MissingClocks(
                    caller=caller, database=database, awaits_early_erasure=early_store.is_waiting
                ),
            ),
            Execution(database=database, clock=clock, process=process),
            Completion(database=database, clock=clock),
            Monitoring(database=database, clock=clock),
            self._certificates,
            Holds(database=database, clock=clock, caller=caller, append_fact=facts.append),
            Restrictions(database=database, clock=clock, caller=caller, append_fact=facts.append),
            EarlyErasures(database=database, clock=clock, caller=caller, append_fact=facts.append),
            DryRuns(database=database, clock=clock, caller=caller, participants=participants),
            facts,
            Maintenance(
                database=database,
                clock=clock,
                keyring=keyring,
                orphaned_keys=OrphanedKeys(caller=caller, keyring=keyring),
            ),
            Backups(read=backups),
            Exporting(database, clock, contribution(database)),
        )

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database, and the keyring: retention is who may destroy keys."""
        yield (
            self.database,
            Replayers(
                ClockReplay(awaits_early_erasure=early_store.is_waiting),
                EarlyReplay(),
                HoldReplay(),
                RestrictionReplay(),
                ErasureReplay(recover_certificate=self._certificates.recover),
                OrdersReplay(),
                is_empty=erasure_store.is_empty,
            ),
        )
        yield self.keyring.database, Replayers(KeyringReplayer(), is_empty=has_no_key)

    def ready(self) -> None:
        """The keyring must answer too."""
        self.keyring.ping()
