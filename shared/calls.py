"""What a call is: a frozen class with the fields it asks with, the class of its reply, and how it may be refused.

    class Standing(Call[StandingShown], service="account", refusals=(NotFound,)):
        \"\"\"Where an account stands, or one user of it.\"\"\"

        account_id: UUID
        user_id: UUID | None = None

    reply = caller.ask(Standing(account_id=account_id))

The service marks the method that answers with `@answers(Standing)`; it gets the object and returns the reply.
On the wire it is nameko's call of `account.standing` with the fields as keyword arguments. Both sides check both.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, ClassVar, Final, Generic, TypeVar, cast, get_args, get_origin

from shared.errors import Internal, Invalid, Permanent, Refused
from shared.records import Record
from shared.staff import Act, WithoutStatement

R = TypeVar("R", bound=Record)
A = TypeVar("A")
P = TypeVar("P")

READ_SECONDS: Final = 2.0
COMMAND_SECONDS: Final = 5.0
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Done(Record):
    """It is done; there is nothing more to tell."""


class Call(Record, Generic[R]):
    """Base of all calls.

    `method` is its name on the wire, `service` who answers it: empty for what every service answers. `refusals` are
    those that a caller has to think of; `Invalid` comes with every call. A command changes something, and takes an
    `idempotency_key`: the reply is kept with it for 24 hours, so it holds no secret and no personal data. `aside`
    are fields that say how it came and not what is asked: where they differ it is the same request. `staff` says
    what the call is where the vendor's people make it; None where they do not.
    """

    service: ClassVar[str] = ""
    method: ClassVar[str] = ""
    reply: ClassVar[type[Record]]
    refusals: ClassVar[tuple[type[Refused], ...]] = ()
    is_command: ClassVar[bool] = False
    aside: ClassVar[frozenset[str]] = frozenset()
    seconds: ClassVar[float] = READ_SECONDS
    staff: ClassVar[Act | WithoutStatement | None] = None

    def __init_subclass__(
        cls,
        *,
        service: str | None = None,
        method: str | None = None,
        refusals: tuple[type[Refused], ...] | None = None,
        command: bool | None = None,
        aside: tuple[str, ...] | None = None,
        seconds: float | None = None,
        staff: Act | WithoutStatement | None = None,
        **kwargs: Any,
    ) -> None:
        """Take what the class statement says; the rest is as in its base, and the method as the class is named.

        Raises `TypeError` for a field whose name means something of the call itself, `Named` gives it another one,
        and where `aside` or an act names a field which the call has not.
        """
        super().__init_subclass__(**kwargs)
        own = {each.name for each in fields(cls)} & Call.__annotations__.keys()
        if own:
            raise TypeError(f"{cls.__name__} has fields that a call has itself: {sorted(own)}")
        reply = _reply_of(cls)
        if reply is not None:
            cls.reply = reply
        if service is not None:
            cls.service = service
        if refusals is not None:
            cls.refusals = refusals
        if command is not None:
            cls.is_command, cls.seconds = command, COMMAND_SECONDS if command else READ_SECONDS
        if aside is not None:
            cls.aside = frozenset(aside)
        if seconds is not None:
            cls.seconds = seconds
        if staff is not None:
            cls.staff = staff
        named = cls.aside | (set(cls.staff.fields) if isinstance(cls.staff, Act) else set())
        if unknown := named - {each.name for each in fields(cls)}:
            raise TypeError(f"what is said of {cls.__name__} names fields that it has not: {sorted(unknown)}")
        cls.method = method or _WORD.sub("_", cls.__name__).lower()


def _reply_of(cls: type) -> type[Record] | None:
    """The class in the brackets of the base, where the class statement names one."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, Call):
            (named,) = get_args(base)
            return named if isinstance(named, type) else None
    return None


class Caller(ABC):
    """How one process calls another; the bus provides it, a test may stand in for it."""

    @abstractmethod
    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """The reply as plain JSON values.

        Raises the callee's `Refused`, `Unavailable` when nobody answers to that name, `DeadlineExceeded` when
        the time limit (2 s by default) ran out, `Internal` for a fault on the other side, `Permanent` while a
        transaction is open.
        """

    def ask(
        self,
        call: Call[R],
        *,
        of: str = "",
        idempotency_key: str | None = None,
        timeout_seconds: float | None = None,
    ) -> R:
        """Make a call and read its reply. `of` names the service for a call that every service answers.

        Raises what `call` does; `Invalid` also where the call itself cannot be what it holds, and then nothing is
        sent. A reply that is none raises `Internal`.
        """
        arguments = call.to_json()
        if idempotency_key is not None:
            arguments["idempotency_key"] = idempotency_key
        seconds = call.seconds if timeout_seconds is None else timeout_seconds
        return read_reply(
            call, self.call(call.service or of, call.method, timeout_seconds=seconds, **arguments), of=of
        )


def pages(
    ask: Callable[[A | None], P], following: Callable[[P], A | None], *, most: int, too_many: str
) -> Iterator[P]:
    """The pages of what one answer does not hold, the first asked for with None.

    `following` says after what the next page begins, None where none follows. Raises `Permanent` with `too_many`
    where one follows after `most`, and what `ask` does.
    """
    after: A | None = None
    for _ in range(most):
        page = ask(after)
        yield page
        after = following(page)
        if after is None:
            return
    raise Permanent(too_many)


def read_reply(call: Call[R] | type[Call[R]], reply: Any, *, of: str = "") -> R:
    """The reply to a call from JSON values. What is none raises `Internal`."""
    try:
        return cast("R", call.reply.from_json(reply, tolerant=True))
    except Invalid as error:
        names = ",".join(sorted(error.details.get("fields", {})))
        raise Internal(f"unfit-reply-{call.service or of}.{call.method}:{names}") from None
