"""How long an act of staff takes with its signed statement, beside the same call of a process that is no person."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
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
        """With a statement and without: the median act's seconds, and what the service used of a processor."""
        return self.make(calls, signed=True), self.make(calls, signed=False)

    def make(self, calls: int, *, signed: bool) -> tuple[float, float]:
        """The median of so many, and the service's processor seconds for each."""
        taken, before = [], ground.processor_seconds(self.process)
        for _ in range(calls):
            statement = statement_for("account", self.method, self.fields)
            taken.append(self._seconds(self.signer.sign(statement) if signed else None))
        return statistics.median(taken), (ground.processor_seconds(self.process) - before) / calls

    def _seconds(self, token: str | None) -> float:
        """Signing is not counted: the service `staff` does it."""
        caller, actor = (self.gateway, "public") if token is None else (self.desk, "staff:kari")
        with acting_as(actor, signed_statement=token):
            begin = time.perf_counter()
            caller.call("account", self.method, timeout_seconds=LIMIT_SECONDS, **self.fields)
            return time.perf_counter() - begin
