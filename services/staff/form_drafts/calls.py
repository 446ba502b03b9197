"""What staff answers about forms that were filled in when a session ended."""

from __future__ import annotations

from typing import Final

from services.staff.authentication.calls import InSession
from shared.calls import Call, Done
from shared.errors import NotFound, Unauthenticated
from shared.form_drafts import FormPath, Sealed
from shared.records import Record
from shared.staff import WithoutStatement

OWN: Final = WithoutStatement("it is about its holder alone, who may have just lost the session")


class KeepFormDraft(InSession, Call[Done], service="staff", refusals=(Unauthenticated,), staff=OWN):
    """Keep for an hour what stood in a form, for whoever had this session; it may be over.

    `sealed` is opened by the browser that sent the form and by nobody else. `Unauthenticated` where it is not known
    any more whose session it was.
    """

    path: FormPath
    sealed: Sealed


class DropFormDraft(InSession, Call[Done], service="staff", refusals=(Unauthenticated,), staff=OWN):
    """Forget one's own form at this address, which was sent; nothing where none is kept."""

    path: FormPath


class FormDraft(Record):
    """What was kept."""

    sealed: str


class ShowFormDraft(InSession, Call[FormDraft], service="staff", refusals=(Unauthenticated, NotFound), staff=OWN):
    """What was kept of one's own form at this address. `NotFound` where nothing is, or the hour is over."""

    path: FormPath
