"""Forms of customers that are set aside: where they are kept, and what is said of one that is gone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from services.account.form_drafts.calls import DropFormDraft, KeepFormDraft, ShowFormDraft
from services.gateway.app import ask
from services.gateway.web.visit import Visit
from shared.calls import Caller
from shared.web.drafts import Drafts


@dataclass(frozen=True)
class CustomerDrafts(Drafts):
    """Kept by the service account."""

    caller: Caller

    def keep(self, token: str, path: str, sealed: str) -> None:
        """See `Drafts.keep`."""
        ask(self.caller, KeepFormDraft(token=token, path=path, sealed=sealed))

    def kept(self, token: str, path: str) -> str:
        """See `Drafts.kept`."""
        return ask(self.caller, ShowFormDraft(token=token, path=path)).sealed

    def drop(self, token: str, path: str) -> None:
        """See `Drafts.drop`."""
        ask(self.caller, DropFormDraft(token=token, path=path))


def gone(visit: Visit) -> Response:
    """What is told whoever comes back too late, or with another browser."""
    title = visit.say("Teksten er borte", "The text is gone")
    remedy = visit.say(
        "Den holdes i én time, i nettleseren den ble skrevet i, og til skjemaet er sendt. Åpne det på nytt.",
        "It is kept for an hour, for the browser it was written in, and until the form is sent. Open it anew.",
    )
    return visit.page("failure", status=404, title=title, remedy=remedy, number=None)
