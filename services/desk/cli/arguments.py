"""How each kind of argument is read: strictly, and before anybody is asked.

What cannot be meant is refused with a sentence that does not repeat it; what is spelt another way is understood.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import marshmallow as ma
import typer

from services.audit.trail.calls import SUBJECT
from shared.actor import Actor, staff_actor, staff_code
from shared.field_limits import LINE_LIMIT
from shared.invisible_characters import invisible
from shared.keyset import PAGE_MOST, Place
from shared.records import Record, schema_of

T = TypeVar("T", bound=ma.validate.Validator)

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""No day of a customer lies outside; what does is a slip of the hand."""

VERSION_MOST: Final = 2**31 - 1
"""As the databases count."""

IDS: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.ASCII)
DAYS: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
SUBJECTS: Final = re.compile(SUBJECT, re.ASCII)


def line(text: str) -> str:
    """One line that can be read. Raises `ValueError`."""
    trimmed = text.strip()
    if not trimmed:
        raise ValueError("nothing is given")
    if len(trimmed) > LINE_LIMIT:
        raise ValueError(f"more than {LINE_LIMIT} characters")
    if not trimmed.isprintable() or invisible(trimmed):
        raise ValueError("holds characters that cannot be printed or seen")
    return trimmed


def ident(text: str) -> UUID:
    """An id, with or without its hyphens, in braces or with urn:uuid:. Raises `ValueError`."""
    plain = text.strip().lower().removeprefix("urn:uuid:").removeprefix("{").removesuffix("}")
    if not IDS.fullmatch(plain):
        raise ValueError("not an id, which looks like 0192f6c0-0000-7000-8000-0000000000aa")
    return UUID(plain)


def day(text: str) -> date:
    """A day. Raises `ValueError`."""
    plain = text.strip()
    try:
        parsed = date.fromisoformat(plain) if DAYS.fullmatch(plain) else None
    except ValueError:
        parsed = None
    if parsed is None or not EARLIEST <= parsed <= LATEST:
        raise ValueError(f"not a day from {EARLIEST} to {LATEST}, such as 2026-12-10")
    return parsed


def instant(text: str) -> datetime:
    """An instant, in UTC where no offset is given; a day alone is its beginning. Raises `ValueError`."""
    plain = text.strip()
    try:
        moment = datetime.fromisoformat(plain) if DAYS.fullmatch(plain[:10]) else None
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not EARLIEST <= moment.date() <= LATEST:
        raise ValueError("not an instant such as 2026-12-10T09:30:00, in UTC, or with its offset")
    return moment


def staff(text: str) -> Actor:
    """Who of the staff, by their code, as pages take it, or as calls name them. Raises `ValueError`."""
    plain = staff_actor(staff_code(text.strip().lower()))
    try:
        known = Actor.parse(plain)
    except ValueError:
        known = None
    if known is None or known.kind != "staff":
        raise ValueError("not the code of somebody of the staff, such as kari")
    return known


def person(text: str) -> Actor:
    """Somebody of the staff, as `staff` reads them, or a customer's user as user:<id>. Raises `ValueError`."""
    kind, _, given = text.strip().partition(":")
    return Actor.user(ident(given)) if kind == "user" and given else staff(text)


def subject(text: str) -> str:
    """What a row of the trail is about. Raises `ValueError`."""
    plain = text.strip()
    if not SUBJECTS.fullmatch(plain):
        raise ValueError("not <kind>/<id>, such as account/0192f6c0-0000-7000-8000-0000000000aa")
    return plain


def place(text: str) -> Place:
    """After which row a page of a list begins. Raises `ValueError`."""
    try:
        return Place.parse(text.strip())
    except ValueError:
        raise ValueError("not what a list named as where it goes on") from None


@dataclass(frozen=True)
class Matching:
    """Reads a number or a code of a given form, of which capitals and blanks around do not matter."""

    pattern: str
    example: str

    def __call__(self, text: str) -> str:
        """The number or code. Raises `ValueError`."""
        plain = text.strip().lower()
        if not re.fullmatch(self.pattern, plain, re.ASCII):
            raise ValueError(f"not of the form of {self.example}")
        return plain


@dataclass(frozen=True)
class Between:
    """Reads a number above `least`, up to `most`."""

    least: float
    most: float

    def __call__(self, text: str) -> float:
        """The number or code. Raises `ValueError`."""
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not self.least < number <= self.most:
            raise ValueError(f"not a number above {self.least:g}, at most {self.most:g}")
        return number


@dataclass(frozen=True)
class OneOf:
    """Reads one of these codes; capitals, blanks around and the other kind of hyphen do not matter."""

    codes: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """The code. Raises `ValueError`."""
        meant = text.strip().lower().replace("-", "_")
        for code in self.codes:
            if code.replace("-", "_") == meant:
                return code
        raise ValueError(f"not one of {', '.join(self.codes)}")


def pattern_of(call: type[Record], name: str) -> str:
    """The pattern that a field of a call must have."""
    rules = schema_of(call).fields[name].validators
    (pattern,) = [each for each in rules if isinstance(each, ma.validate.Regexp)]
    return str(pattern.regex.pattern)


def code_option(*codes: str, says: str = "", name: str = "", **more: Any) -> Any:
    """An option that takes one of these codes; its help lists them."""
    listed = f"{', '.join(codes[:-1])} or {codes[-1]}" if len(codes) > 1 else codes[0]
    names = (name,) if name else ()
    return typer.Option(*names, parser=OneOf(codes), metavar="CODE", help=f"{says} {listed}.".strip(), **more)


def code_argument(*codes: str) -> Any:
    """An argument that takes one of these codes."""
    return typer.Argument(parser=OneOf(codes), metavar="STATE", help=f"{', '.join(codes)}.")


Id = Annotated[UUID, typer.Argument(parser=ident)]
"""An id that has to be given."""

Version = Annotated[int, typer.Option(min=1, max=VERSION_MOST, help="The version last read.")]
Limit = Annotated[int, typer.Option(min=1, max=PAGE_MOST)]
After = Annotated[
    Place | None,
    typer.Option("--after", parser=place, metavar="PLACE", help="What follows, from where a list said it goes on."),
]


def id_option(says: str, *names: str) -> Any:
    """An option that takes an id."""
    return typer.Option(*names, parser=ident, metavar="ID", help=says)


def day_option(says: str, *names: str) -> Any:
    """An option that takes a day."""
    return typer.Option(*names, parser=day, metavar="YYYY-MM-DD", help=says)


def line_option(says: str, *names: str) -> Any:
    """An option that takes a line of text."""
    return typer.Option(*names, parser=line, metavar="TEXT", help=says)


def staff_option(says: str, *names: str) -> Any:
    """An option that takes a member of staff."""
    return typer.Option(*names, parser=staff, metavar="CODE", help=says)
