"""The restore gate before a service: it serves nobody before each of its databases has caught up with the ledger.

After a restore a database is of an earlier day: it holds people who were erased since and lacks the objections,
restrictions and holds made since. Until they are true again its calls are answered with `Restoring`, no event is
read and nothing is done on time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from shared import log
from shared.bus import metrics
from shared.bus.declarations import Service
from shared.clock import Clock
from shared.config import Settings
from shared.errors import Restoring, Transient
from shared.events import loaded
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import kind_of
from shared.privacy.restore_gate import CameUndone, Gate, GateState, Replayer, Watch
from shared.signing import PublicKey

TRY_SECONDS: Final = 1.0
"""The pause between two tries to open the gates."""
FOLLOW_SECONDS: Final = 5.0
"""How often a running service looks what was written to the ledger since."""

_log = log.get("bus.service_restore_gate")


class Admission:
    """The gates of one service process."""

    def __init__(self, gates: Sequence[Gate | Watch] = ()) -> None:
        """Without gates everything is open."""
        self._gates = tuple(gates)
        self._trouble: str | None = None

    def open(self) -> bool:
        """Try once; whether all gates are open. A database that is away counts as closed."""
        for gate in self._gates:
            try:
                state = gate.open()
            except Transient as error:
                _log.warning("gate_not_opened", database=gate.name, exc_info=error)
                state = GateState.CLOSED
            if state is not GateState.OPEN:
                metrics.GATE.set(0)
                return False
            _tell_progress(gate, 0)
        metrics.GATE.set(1)
        return True

    def follow(self) -> None:
        """Take up what was written since, so that no position falls behind what the ledger forgets.

        Raises `CameUndone` where a database was set back under the running service: it must begin anew.
        """
        self._trouble = None
        for gate in self._gates:
            try:
                found = gate.follow()
            except CameUndone:
                metrics.GATE.set(0)
                raise
            except (LedgerError, Transient) as error:
                metrics.LEDGER_FOLLOWED.labels(gate.name).set(0)
                self._trouble = "ledger_broken" if isinstance(error, LedgerError) else "ledger_not_followed"
                _log.error("ledger_not_followed", database=gate.name, exc_info=error)
            else:
                _tell_progress(gate, found)

    def why_not(self) -> list[str]:
        """Machine words for what keeps the service from serving; empty where all is well."""
        states = {gate.state for gate in self._gates}
        if GateState.BROKEN in states:
            return ["ledger_broken"]
        if states - {GateState.OPEN}:
            return ["restoring"]
        return [self._trouble] if self._trouble else []

    def bar(self) -> NoReturn:
        """What every call is answered with while a gate is closed."""
        raise Restoring(details={"state": self.why_not()[0] if self.why_not() else "restoring"})


def _tell_progress(gate: Gate | Watch, found: int) -> None:
    """Of a database that somebody else brings up to date, that one tells."""
    if isinstance(gate, Gate) and gate.reached is not None:
        metrics.LEDGER_POSITION.labels(gate.name).set(gate.reached.position)
        metrics.LEDGER_BEHIND.labels(gate.name).set(found)
        metrics.LEDGER_FOLLOWED.labels(gate.name).set(1)


def admission_to(service: Service, settings: Settings, clock: Clock) -> Admission:
    """The gates that stand before the databases of a service.

    Raises `SettingError` without the ledger's keys, `TypeError` where nothing replays an event that is to be.
    """
    guarded = list(service.guarded())
    if not guarded:
        return Admission()
    keys = ledger_keys(settings)
    gates: list[Gate | Watch] = []
    for database, replayer in guarded:
        ledger = Ledger(settings.ledger_file, keys=keys)
        if replayer is None:
            gates.append(Watch(ledger, database))
        else:
            _must_know(replayer, database.source)
            gates.append(Gate(ledger, database, replayer, clock=clock))
    return Admission(gates)


def _must_know(replayer: Replayer, database: str) -> None:
    """Every event that is to be made true in this database: else the first one in the ledger shuts the gate."""
    unknown = [
        event.type for event in loaded() if database in event.replayed_by and not replayer.knows(kind_of(event))
    ]
    if unknown:
        raise TypeError(f"{database} is to replay {', '.join(unknown)} and does not know how")


def ledger_keys(settings: Settings) -> list[PublicKey]:
    """The keys that may have signed lines of the ledger, one a line of the secret file."""
    return [PublicKey.parse(line) for line in settings.secrets.read("ledger_public_key").split()]
