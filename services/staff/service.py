"""staff: the vendor's people, what they may do, and that it is they who do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final

from services.staff.approvals import store as approval_store
from services.staff.approvals.facts import ApprovalFacts
from services.staff.approvals.feature import Approvals
from services.staff.authentication import store as authentication
from services.staff.authentication.proving import Proving
from services.staff.brakes import store as brakes
from services.staff.contacts.feature import Contacts
from services.staff.database_access import store as access_store
from services.staff.database_access.facts import DatabaseAccessFacts
from services.staff.database_access.feature import DatabaseAccess
from services.staff.demo_staff.feature import InventedPeople
from services.staff.demo_staff.values import NONE, Wanted
from services.staff.device_log_in import store as devices
from services.staff.device_log_in.feature import DeviceLogIn
from services.staff.ended_records.feature import EndedRecords
from services.staff.first_administrators.invitation import FirstAdministrators
from services.staff.form_drafts import feature as form_drafts
from services.staff.form_drafts.feature import FormDrafts
from services.staff.grants import store as grant_store
from services.staff.grants.facts import GrantFacts
from services.staff.grants.feature import Grants
from services.staff.machine_doors import store as door_store
from services.staff.machine_doors.facts import MachineDoorFacts
from services.staff.machine_doors.feature import MachineDoors
from services.staff.passkeys.facts import PasskeyFacts
from services.staff.passkeys.feature import Passkeys
from services.staff.people import store as people
from services.staff.people.facts import PeopleFacts
from services.staff.people.feature import People
from services.staff.prerequisites import store as prerequisite_store
from services.staff.prerequisites.facts import PrerequisiteFacts
from services.staff.prerequisites.feature import Prerequisites
from services.staff.prerequisites.recording import Recording
from services.staff.recovery.facts import RecoveryFacts
from services.staff.recovery.feature import Recovery
from services.staff.sessions.feature import Sessions
from services.staff.statements.feature import Statements
from shared.bus import Service
from shared.clock import Clock
from shared.database import Database
from shared.privacy.blind_index import BlindIndex
from shared.privacy.fact_replay import Replayers
from shared.privacy.restore_gate import Replayer
from shared.signing import PublicKey
from shared.statements import StatementSigner
from shared.webauthn import RelyingParty

FORGETS: Final = (
    approval_store.forget,
    access_store.forget,
    door_store.forget,
    grant_store.forget,
    prerequisite_store.forget,
)
"""What ends, and is recorded for as long as a person who left."""


class Staff(Service):
    """The service, composed of its features."""

    name: ClassVar[str] = "staff"
    made_of = (
        People,
        Contacts,
        Prerequisites,
        Grants,
        Passkeys,
        Recovery,
        Sessions,
        DeviceLogIn,
        Approvals,
        Statements,
        FormDrafts,
        InventedPeople,
        DatabaseAccess,
        MachineDoors,
        EndedRecords,
    )

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        party: RelyingParty,
        software_keys: bool,
        signer: StatementSigner,
        ledger_keys: Sequence[PublicKey],
        spent_codes: BlindIndex,
        invented: Wanted = NONE,
        state_dir: Path | None = None,
    ) -> None:
        """Make the features. What ends with a person is given to `People`, which lets it end when they leave.

        `party` is the site where passkeys are valid; `software_keys` says whether those of the demo are taken,
        `signer` signs who acts, `ledger_keys` tell which lines of the ledger are true, `spent_codes` knows the
        codes of people of whom nothing else is recorded, `invented` says whether people of a demo come by
        themselves, `state_dir` is where doors of the machine are noted.
        """
        self.database, self.clock = database, clock
        parts = (database, clock)
        proving = Proving(party, software_keys=software_keys)
        expiring = (authentication.expire, brakes.expire, devices.expire, form_drafts.expire)
        self.people = people = People(database=database, clock=clock, spent_codes=spent_codes)
        recording = Recording()
        self.grants = grants = Grants(database=database, clock=clock, people=people, recording=recording)
        contacts = Contacts(database=database, clock=clock, people=people, grants=grants)
        recovery = Recovery(*parts, people)
        passkeys = Passkeys(*parts, proving, people, recovery)
        sessions = Sessions(*parts, proving, people, expiring)
        self.prerequisites = Prerequisites(
            database=database, clock=clock, people=people, sessions=sessions, recording=recording, grants=grants
        )
        approvals = Approvals(
            database=database,
            clock=clock,
            proving=proving,
            ledger_keys=ledger_keys,
            people=people,
            grants=grants,
            sessions=sessions,
        )
        statements = Statements(
            database=database, clock=clock, signer=signer, sessions=sessions, grants=grants, approvals=approvals
        )
        self.invented_people = InventedPeople(
            *parts, party, invented, people, passkeys, sessions, self.prerequisites, recording, grants, contacts
        )
        access = DatabaseAccess(database=database, clock=clock, people=self.people, grants=self.grants)
        self.people.exits = (self.grants.check_exit,)
        self.people.endings = (self.grants.end, passkeys.end, sessions.end, recovery.end, access.end, contacts.end)
        self.features = (
            self.people,
            contacts,
            self.prerequisites,
            self.grants,
            passkeys,
            recovery,
            sessions,
            DeviceLogIn(*parts, sessions),
            approvals,
            statements,
            FormDrafts(database, clock, sessions),
            self.invented_people,
            access,
            MachineDoors(database=database, clock=clock, state_dir=state_dir),
            EndedRecords(database=database, clock=clock, forgets=FORGETS),
        )

    def ready(self) -> None:
        """See `Service.ready`: a demo is ready once its people can log in."""
        self.invented_people.check_here()

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database, in which nothing is about a customer."""
        yield self.database, replayer()


def replayer() -> Replayers:
    """What makes the facts of the ledger true in the database of the staff."""
    return Replayers(
        PeopleFacts(),
        PrerequisiteFacts(),
        GrantFacts(),
        PasskeyFacts(),
        RecoveryFacts(),
        ApprovalFacts(),
        MachineDoorFacts(),
        DatabaseAccessFacts(),
        is_empty=people.is_empty,
    )


def first_administrators(database: Database, clock: Clock, spent_codes: BlindIndex) -> FirstAdministrators:
    """The machine's own door to the staff, for whoever has the secrets of this service."""
    everybody = People(database=database, clock=clock, spent_codes=spent_codes)
    recording = Recording()
    grants = Grants(database=database, clock=clock, people=everybody, recording=recording)
    access = DatabaseAccess(database=database, clock=clock, people=everybody, grants=grants)
    return FirstAdministrators(
        database=database,
        clock=clock,
        people=everybody,
        recording=recording,
        grants=grants,
        access=access,
        doors=MachineDoors(database=database, clock=clock),
    )
