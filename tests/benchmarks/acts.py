"""How long an act of staff takes with its signed statement, beside the same call of a process that is no person."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.bus.rpc_client import BusCaller
from shared.context import acting_as
from shared.statements import StatementSigner
from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target
from tests.staff_statements import statement_for

if TYPE_CHECKING:
    from tests.integration.bus.harness import Bench, Process

LIMIT_SECONDS = 10
WARM_UP_CALLS = 50
TURN = 5
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "act of staff that reads, median": ("look", {"account_id": None}),
    "act of staff that changes, median": ("decide", {"number": 1}),
}


def measure(bench: Bench, size: Size) -> list[Figure]:
    """The median act of each round, in milliseconds, with a statement beside the same without one."""
    secret = bench.broker.infrastructure.secrets_root / "staff" / "statement_signing_key"
    signer = StatementSigner.parse(secret.read_text())
    with ground.running(bench, ground.OURS) as process:
        desk, gateway = (BusCaller(bench.broker.uri(user), name=user) for user in ("desk", "gateway"))
        try:
            runs = [_Acts(desk, gateway, signer, process, *act) for act in ACTS.values()]
            for run in runs:
                run.make(WARM_UP_CALLS, signed=True)
            rounds = [[run.both(size.calls // 4) for run in runs] for _ in range(size.rounds)]
        finally:
            desk.close()
            gateway.close()
    return [_figure(name, [each[index] for each in rounds]) for index, name in enumerate(ACTS)]


def _figure(name: str, rounds: list[tuple[tuple[float, float], tuple[float, float]]]) -> Figure:
    signed, plain = ([each[index] for each in rounds] for index in (0, 1))
    return Figure(
        name=name,
        unit="ms",
        rounds=[wall * 1e3 for wall, _ in signed],
        bare=[wall * 1e3 for wall, _ in plain],
        processor=[used * 1e6 for _, used in signed],
        bare_processor=[used * 1e6 for _, used in plain],
        target=Target(value=1.2, at_least=False, of_bare=True),
    )


@dataclass
class _Acts:
    """One kind of act, made over and over."""

    desk: BusCaller
    gateway: BusCaller
    signer: StatementSigner
    process: Process
    method: str
    fields: dict[str, Any]

    def both(self, calls: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """With a statement and without: the median act's seconds, and what the service used of a processor.

        They take turns, a few at a time: whatever else the machine does meanwhile strikes both.
        """
        made: dict[bool, tuple[list[float], list[float]]] = {signed: ([], []) for signed in (True, False)}
        for _ in range(calls // TURN):
            for signed, (taken, used) in made.items():
                before = self._used()
                taken.extend(self.make(TURN, signed=signed))
                used.append(self._used() - before)
        with_one, without = ((statistics.median(taken), sum(used) / len(taken)) for taken, used in made.values())
        return with_one, without

    def make(self, calls: int, *, signed: bool) -> list[float]:
        """The seconds that each of so many took."""
        statements = (statement_for("account", self.method, self.fields) for _ in range(calls))
        return [self._seconds(self.signer.sign(each) if signed else None) for each in statements]

    def _used(self) -> float:
        """The seconds that the service's threads have had of a processor, to the nanosecond."""
        threads = Path(f"/proc/{self.process.popen.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text(encoding="ascii").split()[0]) for each in threads) / 1e9

    def _seconds(self, token: str | None) -> float:
        """Signing is not counted: the service `staff` does it."""
        caller, actor = (self.gateway, "public") if token is None else (self.desk, "staff:kari")
        with acting_as(actor, signed_statement=token):
            begin = time.perf_counter()
            caller.call("account", self.method, timeout_seconds=LIMIT_SECONDS, **self.fields)
            return time.perf_counter() - begin
