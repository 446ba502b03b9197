"""Whether the invented people of a demo come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whether they come `here`, and what this `environment` is: production makes none of their keys."""

    here: bool
    environment: str


NONE: Final = Wanted(here=False, environment="production")
