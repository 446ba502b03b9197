"""What shows that a clause is kept: tests of exactly these files, and looks at the running system.

Both are gathered elsewhere (`shared.evidence`); here is only what they say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.terms.enforcement import Probe
    from shared.terms.outcomes import Check

LATE: Final = timedelta(minutes=15)
"""So long after its time a look is missing: a process that starts anew or is busy is no news before."""


class Basis(Enum):
    """What the signed outcomes of a release have to do with the files that are here."""

    THIS = "this"
    """They are of exactly these files."""
    EARLIER = "earlier"
    """They are of others; `Release.differing` says how many files differ."""
    UNSIGNED = "unsigned"
    """There are none."""
    NOT_GENUINE = "not genuine"
    """The signature is not that of a key that is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The signed outcomes that came with these files: of which version, when tested and signed, by which key."""

    basis: Basis = Basis.UNSIGNED
    version: str = ""
    tested_at: datetime | None = None
    signed_at: datetime | None = None
    key: str = ""
    differing: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "files": self.basis.value,
            "differing": self.differing,
            "version": self.version or None,
            "tested_at": self.tested_at and self.tested_at.isoformat(),
            "signed_at": self.signed_at and self.signed_at.isoformat(),
            "key": self.key or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What tests said: `checks` of exactly these files, `released` what was signed for others, by clause."""

    release: Release = field(default_factory=Release)
    checks: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)
    released: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)


class Seen(Enum):
    """What a probe saw."""

    HOLDS = "holds"
    CONTRADICTED = "contradicted"
    """Something in the running system is otherwise than promised."""
    NOT_CHECKED = "not checked"
    """Nobody has looked in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The last look of one probe: when it was, and how much it found that contradicts the clause.

    `act` is what staff do about that, where it does not mend itself.
    """

    at: datetime
    count: int
    act: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A probe with its last look; None where it never looked, as far as is known here."""

    probe: Probe
    look: Look | None
    now: datetime

    @property
    def seen(self) -> Seen:
        """What is known now."""
        if self.look is None or self.now - self.look.at > timedelta(seconds=self.probe.seconds) + LATE:
            return Seen.NOT_CHECKED
        return Seen.CONTRADICTED if self.look.count else Seen.HOLDS

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            **self.probe.as_json(),
            "seen": self.seen.value,
            "looked_at": self.look and self.look.at.isoformat(),
            "count": self.look and self.look.count,
        }
