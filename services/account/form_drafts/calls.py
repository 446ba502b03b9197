"""What account answers about forms that were filled in when a session ended."""

from __future__ import annotations

from services.account.accounts.calls import Done
from services.account.authentication.calls import InSession
from shared.calls import Call
from shared.errors import NotFound, Unauthenticated
from shared.form_drafts import FormPath, Sealed
from shared.records import Record


class KeepFormDraft(InSession, Call[Done], service="account", refusals=(Unauthenticated,)):
    """Keep for an hour what stood in a form, for whoever had this session; it may have run out.

    `sealed` is opened by the browser that sent the form and by nobody else. `Unauthenticated` where it is not known
    any more whose session it was, or the account or user is not active.
    """

    path: FormPath
    sealed: Sealed


class DropFormDraft(InSession, Call[Done], service="account", refusals=(Unauthenticated,)):
    """Forget one's own form at this address, which was sent; nothing where none is kept."""

    path: FormPath


class FormDraft(Record):
    """What was kept."""

    sealed: str


class ShowFormDraft(InSession, Call[FormDraft], service="account", refusals=(Unauthenticated, NotFound)):
    """What was kept of one's own form at this address. `NotFound` where nothing is, or the hour is over."""

    path: FormPath
