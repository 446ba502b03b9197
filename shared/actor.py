"""Who acts: a customer's user, a member of staff, the system itself, or the public. Written in one way everywhere.

user:<id>   staff:<code>   system   public
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID

import marshmallow as ma

from shared.records import About, Kind

STAFF_CODE: Final = r"[a-z](?:[a-z0-9-]{0,56}[a-z0-9])?"
"""As the desk spells it. With two spellings one person would be two, and could approve what they asked for."""

_STAFF_PREFIX: Final = "staff:"
_USER_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATTERN: Final = re.compile(rf"user:(?P<user>{_USER_ID})|staff:(?P<staff>{STAFF_CODE})|(?P<word>system|public)")
STAFF_PATTERN: Final = f"{_STAFF_PREFIX}{STAFF_CODE}"


def staff_actor(code: str) -> str:
    """Somebody of the staff by their code, as calls, events and rows say who acts."""
    return _STAFF_PREFIX + code


def is_staff(actor: str) -> bool:
    """Whether somebody of the staff acts."""
    return actor.startswith(_STAFF_PREFIX)


def staff_code(actor: str) -> str:
    """The code of somebody of the staff who acts; anybody else is given back as they are written."""
    return actor.removeprefix(_STAFF_PREFIX)


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf something is done. `user_id` belongs to a user, `name` is the code of a member of staff."""

    kind: Literal["user", "staff", "system", "public"]
    user_id: UUID | None = None
    name: str | None = None

    def __str__(self) -> str:
        """As it is written in calls, events and the trail."""
        return ":".join(str(part) for part in (self.kind, self.user_id or self.name) if part is not None)

    @classmethod
    def user(cls, user_id: UUID) -> Actor:
        """A customer's user."""
        return cls("user", user_id)

    @classmethod
    def parse(cls, text: str) -> Actor:
        """Read one. Raises `ValueError`, without the text."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError("not an actor: user:<id>, staff:<code>, system or public")
        if match["user"]:
            return cls("user", UUID(match["user"]))
        return cls("staff", name=match["staff"]) if match["staff"] else cls(match["word"])  # type: ignore[arg-type]


SYSTEM: Final = Actor("system")
PUBLIC: Final = Actor("public")


class _ActorField(ma.fields.Field[Actor]):
    """The public has no name that a call could act under: who may do nothing says nothing here."""

    kinds: ClassVar = frozenset({"user", "staff", "system"})
    form: ClassVar = "user:<id>, staff:<code> or system"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Actor:  # noqa: ARG002
        try:
            actor = Actor.parse(value if isinstance(value, str) else "")
        except ValueError:
            raise ma.ValidationError(self.form) from None
        if actor.kind not in self.kinds:
            raise ma.ValidationError(self.form)
        return actor


class StaffField(_ActorField):
    """Reads and writes who of the staff."""

    kinds = frozenset({"staff"})
    form = "staff:<code>"


ActorKind = Annotated[
    Actor,
    Kind(_ActorField),
    _ActorField.form,
    About(type="string", pattern=f"^(?:user:{_USER_ID}|{STAFF_PATTERN}|system)$"),
]
"""A field that says who acts: anybody but the public."""

Staff = Annotated[Actor, Kind(StaffField), About(type="string", pattern=f"^(?:{STAFF_PATTERN})$")]
"""A field that names a member of staff."""
