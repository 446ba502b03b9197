"""A service that does what a test tells it to: run as a process of its own, with real green threads.

python -m tests.integration.bus.probe
"""

from __future__ import annotations

from shared.bus import monkey_patch

monkey_patch.apply()

import os  # noqa: E402
import signal  # noqa: E402
import time  # noqa: E402
from typing import TYPE_CHECKING, Annotated, Any  # noqa: E402
from uuid import UUID  # noqa: E402

import eventlet  # noqa: E402
from marshmallow.validate import Length  # noqa: E402

from shared import context  # noqa: E402
from shared.actor import Staff  # noqa: E402
from shared.bus import answers, every, handles, service_process  # noqa: E402
from shared.bus.declarations import Parts, Service  # noqa: E402
from shared.bus.offload import offload  # noqa: E402
from shared.bus.statement_check import check_reaches, spend  # noqa: E402
from shared.calls import Call, Caller  # noqa: E402
from shared.database.pool import Busy  # noqa: E402
from shared.errors import Conflict, NotFound, Permanent, Transient, Unavailable  # noqa: E402
from shared.events import Received  # noqa: E402
from shared.keyset import Paged, PageShown, Place  # noqa: E402
from shared.records import ABSENT, Absent, Named, Record  # noqa: E402
from shared.staff import Act, Role  # noqa: E402
from tests.integration.bus.constants import PASSWORD_IN_A_FAULT, ProbeHappened  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.clock import Clock
    from shared.config import Settings
    from shared.database import Database, Transaction

FAULTS: dict[str, Callable[[], BaseException]] = {
    "permanent": lambda: Permanent("this will never do"),
    "transient": lambda: Transient("not now"),
    "remote": lambda: Unavailable("another service does not answer"),
    "boom": lambda: ValueError(PASSWORD_IN_A_FAULT),
    "timeout": lambda: eventlet.Timeout(1),
    "exit": lambda: SystemExit(3),
}


class Anything(Record):
    """Whatever it is."""

    value: Any


class Echoed(Record):
    text: str
    actor: str
    correlation_id: UUID


class Counted(Record):
    number: int
    rows: int | Absent = ABSENT


class Spoken(Record):
    text: Annotated[str, Length(max=100)]
    pause: Annotated[float, Named("seconds")] = 0.0


class Numbered(Record):
    number: int
    pause: Annotated[float, Named("seconds")] = 0.0


class Echo(Spoken, Call[Echoed], service="account"):
    """Say it back, perhaps later."""


class Through(Spoken, Call[Echoed], service="account", seconds=10.0):
    """Call ourselves over the bus and pass on what comes back."""


class ThroughWhileChanging(Spoken, Call[Echoed], service="account", command=True, seconds=10.0):
    """What no command may do: call while its transaction is open."""


class Fail(Call[Anything], service="account"):
    """Fail in the way asked for."""

    kind: str


class Add(Numbered, Call[Counted], service="account", command=True, refusals=(Conflict,)):
    """Write one row; refuse number 13 after having written it."""

    account_id: UUID | None = None


class AddNew(Numbered, Call[Counted], service="account", command=True, refusals=(Conflict,)):
    """Write one row, where we ourselves, asked over the bus before that, know of none."""


class Decide(
    Numbered,
    Call[Counted],
    service="account",
    command=True,
    staff=Act(roles=(Role.CASE_HANDLER,), resolves=True, besides=("gateway",)),
):
    """Write one row as a person of staff; refuse number 13 after having written it."""

    account_id: UUID | None = None
    actor: Staff | None = None


class DecideTogether(
    Numbered,
    Call[Counted],
    service="account",
    command=True,
    staff=Act(roles=(Role.CASE_HANDLER,), two_persons=True),
):
    """Write one row as two persons of staff."""

    requested_by: Staff | None = None
    approved_by: Staff | None = None


class Change(Numbered, Call[Counted], service="account", staff=Act(roles=(Role.CASE_HANDLER,), changes=True)):
    """Write one row as a person of staff, in a transaction of its own; refuse number 13 after having written it."""


class Texts(PageShown):
    texts: tuple[str, ...]


class LongTexts(Paged, Call[Texts], service="account"):
    """A page of texts that are as long as is asked for, one after the other."""

    length: int


class Look(
    Call[Counted], service="account", staff=Act(roles=(Role.SUPPORT,), shows="account_id", besides=("gateway",))
):
    """See how many rows there are, of an account."""

    account_id: UUID | None = None


class Find(
    Numbered, Call[Counted], service="account", command=True, staff=Act(roles=(Role.SUPPORT,), resolves=True)
):
    """Write one row of what belongs to an account whose id is its number."""


class Block(Numbered, Call[Counted], service="account", seconds=20.0):
    """Wait in the database, or compute heavily, for `seconds`."""


class CountRounds(Numbered, Call[Counted], service="account"):
    """How often the work on time was done."""


class Probe(Service):
    """Does as it is told."""

    name = "account"

    def __init__(self, *, database: Database, clock: Clock, caller: Caller) -> None:
        self.database = database
        self.clock = clock
        self.caller = caller
        self.failures_left: dict[int, int] = {}
        self.rounds = 0

    @handles(ProbeHappened)
    def note(self, message: Received[ProbeHappened], tx: Transaction) -> None:
        """Write one row, then do what the mood says."""
        event = message.event
        tx.run(
            "INSERT INTO probe_effect (message_id, number, attempt, correlation_id, pid)"
            " VALUES (%(id)s, %(number)s, %(attempt)s, %(correlation)s, %(pid)s)",
            id=message.id,
            number=event.number,
            attempt=message.attempt,
            correlation=context.current().correlation_id,
            pid=os.getpid(),
        )
        self._be(event.mood, message)

    def _be(self, mood: str, message: Received[ProbeHappened]) -> None:
        kind, _, number = mood.partition(":")
        if kind in FAULTS and (not number or message.attempt < int(number)):
            fault = FAULTS[kind]()
            raise fault
        if kind == "busy" and self.failures_left.setdefault(message.event.number, 1):
            self.failures_left[message.event.number] = 0
            raise Busy("gave way")
        if kind == "kill" and message.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "ask":
            self.caller.ask(Echo(text="hello"))
        if kind == "sleep":
            time.sleep(int(number) / 1000)

    @answers(Echo)
    def echo(self, call: Echo) -> Echoed:
        """Say it back, perhaps later."""
        time.sleep(call.pause)
        story = context.current()
        return Echoed(text=call.text, actor=story.actor, correlation_id=story.correlation_id)

    @answers(Fail)
    def fail(self, call: Fail) -> Anything:
        """Fail in the way asked for."""
        kinds: dict[str, BaseException] = {
            "not_found": NotFound("there is no such thing", details={"what": "thing"}),
            "boom": ValueError(PASSWORD_IN_A_FAULT),
            "transient": Unavailable("not now"),
            "timeout": eventlet.Timeout(1),
            "exit": SystemExit(3),
        }
        if call.kind == "unserialisable":
            return Anything(value=object())
        if call.kind == "too_large":
            return Anything(value="x" * 300_000)
        raise kinds[call.kind]

    @answers(LongTexts)
    def long_texts(self, call: LongTexts) -> Texts:
        """A page of them; there are 500 in all."""
        begin = 0 if call.after is None else call.after.id.int
        end = min(begin + call.limit, 500)
        return Texts(
            texts=(f"{begin:03}" + "x" * call.length,) * (end - begin),
            next_after=Place(None, UUID(int=end)) if end < 500 else None,
        )

    @answers(Add)
    def add(self, call: Add, tx: Transaction) -> Counted:
        """Write one row; refuse number 13 after having written it."""
        tx.run(
            "INSERT INTO probe_effect (message_id, number, attempt, pid)"
            " VALUES (gen_random_uuid(), %(number)s, 1, %(pid)s)",
            number=call.number,
            pid=os.getpid(),
        )
        time.sleep(call.pause)
        if call.number == 13:
            raise Conflict("not this number")
        rows = tx.all("SELECT number FROM probe_effect WHERE number = %(number)s", number=call.number)
        return Counted(number=call.number, rows=len(rows))

    def check_new(self, call: AddNew) -> int:
        """The number as another says it back. Raises `Conflict` for one that is there."""
        said = self.caller.call("account", "echo", text=str(call.number), timeout_seconds=5)["text"]
        with self.database.transaction() as tx:
            if tx.all("SELECT 1 FROM probe_effect WHERE number = %(number)s", number=call.number):
                raise Conflict("not this number")
        return int(said)

    @answers(AddNew, first=check_new)
    def add_new(self, call: AddNew, tx: Transaction, number: int) -> Counted:
        """Write one row, of the number as it was said back."""
        return self._write(number, tx)

    @answers(Decide)
    def decide(self, call: Decide, tx: Transaction) -> Counted:
        """Write one row; refuse number 13 after having written it."""
        return self._write(call.number, tx)

    @answers(DecideTogether)
    def decide_together(self, call: DecideTogether, tx: Transaction) -> Counted:
        """Write one row."""
        return self._write(call.number, tx)

    @answers(Change)
    def change(self, call: Change) -> Counted:
        """Write one row in a transaction of our own."""
        with self.database.transaction() as tx:
            spend(tx, self.clock.now())
            return self._write(call.number, tx)

    def _write(self, number: int, tx: Transaction) -> Counted:
        """The rows of this number that there are then."""
        statement = context.current().statement
        assert statement is None or context.current().actor == statement.actor
        tx.run(
            "INSERT INTO probe_effect (message_id, number, attempt, correlation_id)"
            " VALUES (gen_random_uuid(), %(number)s, 1, %(jti)s)",
            number=number,
            jti=statement.jti if statement else None,
        )
        if number == 13:
            raise Conflict("not this number")
        rows = tx.all("SELECT number FROM probe_effect WHERE number = %(number)s", number=number)
        return Counted(number=number, rows=len(rows))

    @answers(Find)
    def find(self, call: Find, tx: Transaction) -> Counted:
        """Write one row, and look only then whose it is."""
        written = self._write(call.number, tx)
        check_reaches(UUID(int=call.number))
        return written

    @answers(Look)
    def look(self, _call: Look) -> Counted:
        """How many rows there are."""
        with self.database.transaction() as tx:
            return Counted(number=len(tx.all("SELECT number FROM probe_effect LIMIT 1000")))

    @answers(Through)
    def through(self, call: Through) -> Echoed:
        """Call ourselves over the bus and pass on what comes back."""
        return self.caller.ask(Echo(text=call.text, pause=call.pause))

    @answers(ThroughWhileChanging)
    def through_while_changing(self, call: ThroughWhileChanging, _tx: Transaction) -> Echoed:
        """What no command may do: call while its transaction is open."""
        return self.caller.ask(Echo(text=call.text))

    @answers(Block)
    def block(self, call: Block) -> Counted:
        """Wait in the database, or compute heavily, for `seconds`."""
        if call.number == 0:
            with self.database.transaction() as tx:
                tx.one("SELECT pg_sleep(%(seconds)s)", seconds=call.pause)
        else:
            offload(_compute, call.pause)
        return Counted(number=call.number)

    @answers(CountRounds)
    def count_rounds(self, _call: CountRounds) -> Counted:
        """How often the work on time was done."""
        return Counted(number=self.rounds)

    @every(seconds=0.2)
    def go_round(self) -> None:
        """Fail every other time."""
        self.rounds += 1
        if self.rounds % 2:
            raise ValueError(PASSWORD_IN_A_FAULT)


def _compute(seconds: float) -> None:
    """Keep a processor busy in C, without the interpreter's lock, as a password hash does."""
    from argon2.low_level import Type, hash_secret_raw

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        hash_secret_raw(b"x" * 16, b"y" * 16, 1, 19456, 1, 32, Type.ID)


def build(_settings: Settings, parts: Parts) -> Probe:
    return Probe(database=parts.database, clock=parts.clock, caller=parts.caller)


if __name__ == "__main__":
    service_process.run(build, name="account", database=os.environ["PROBE_DATABASE"])
