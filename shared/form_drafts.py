"""A form that was filled in when its session ended: for how long it is kept, how many, and of what size. Pure.

Whoever keeps it cannot read it: the key is with the browser (`shared.web.drafts`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from marshmallow.validate import Regexp

KEPT: Final = timedelta(hours=1)
MOST: Final = 20
"""So many forms of one person are kept, the newest."""
SEALED_BYTES: Final = 48 * 1024
"""A form has at most 64 KiB, most of which are names of fields."""
GROUPS: Final = SEALED_BYTES // 3

FormPath = Annotated[str, Regexp(r"(?:/[a-z0-9-]{1,64}){1,4}\Z", error="the address of a form")]
Sealed = Annotated[
    str,
    Regexp(rf"(?:[A-Za-z0-9_-]{{4}}){{0,{GROUPS - 1}}}[A-Za-z0-9_-]{{2,4}}\Z", error="at most 48 KiB in base64url"),
]


def is_kept(kept_at: datetime, now: datetime) -> bool:
    """Whether whoever comes back now finds it."""
    return now < kept_at + KEPT
