"""What staff answers about forms that were filled in when a session ended."""

from __future__ import annotations

from typing import Annotated, Final

from marshmallow.validate import Regexp

from services.staff.authentication.calls import InSession
from shared.calls import Call, Done
from shared.errors import NotFound, Unauthenticated
from shared.records import Record
from shared.staff import WithoutStatement

SEALED_BYTES: Final = 48 * 1024
"""A form of the desk has at most 64 KiB, most of which are names of fields."""
GROUPS: Final = SEALED_BYTES // 3
OWN: Final = WithoutStatement("it is about its holder alone, who may have just lost the session")

FormPath = Annotated[str, Regexp(r"(?:/[a-z0-9-]{1,64}){1,4}\Z", error="the address of a form")]
Sealed = Annotated[
    str,
    Regexp(rf"(?:[A-Za-z0-9_-]{{4}}){{0,{GROUPS - 1}}}[A-Za-z0-9_-]{{2,4}}\Z", error="at most 48 KiB in base64url"),
]


class KeepFormDraft(InSession, Call[Done], service="staff", refusals=(Unauthenticated,), staff=OWN):
    """Keep for an hour what stood in a form, for whoever had this session; it may be over.

    `sealed` is opened by the browser that sent the form and by nobody else. `Unauthenticated` where it is not known
    any more whose session it was.
    """

    path: FormPath
    sealed: Sealed


class FormDraft(Record):
    """What was kept."""

    sealed: str


class ShowFormDraft(InSession, Call[FormDraft], service="staff", refusals=(Unauthenticated, NotFound), staff=OWN):
    """What was kept of one's own form at this address. `NotFound` where nothing is, or the hour is over."""

    path: FormPath
