"""Account, played by a small service on a test's database.

python -m tests.integration.notification.fake_account
"""

from __future__ import annotations

from shared.bus import monkey_patch  # isort: skip

monkey_patch.apply()

import os  # noqa: E402
from typing import ClassVar  # noqa: E402

from services.account.letters.calls import LetterFacts, LetterFactsShown, Recipient, Recipients, RecipientsShown  # noqa: E402
from shared.bus import Service, answers, service_process  # noqa: E402
from shared.bus.declarations import Parts  # noqa: E402
from shared.config import Settings  # noqa: E402
from shared.identifiers import new_id  # noqa: E402


class PlayedAccount(Service):
    """Knows everybody, at an address made of the id."""

    name: ClassVar[str] = "account"

    def __init__(self, parts: Parts) -> None:
        self.database, self.clock = parts.database, parts.clock

    @answers(LetterFacts)
    def letter_facts(self, call: LetterFacts) -> LetterFactsShown:
        return LetterFactsShown(
            account_id=new_id(),
            email=f"{call.user_id.hex}@readers.example",
            name="Kari Nordmann",
            language="en",
            company_name="Fjord AS",
            link_token="token" if call.ticket_id else None,
            link_kind="confirmation" if call.ticket_id else None,
            link_ends_at=self.clock.now() if call.ticket_id else None,
            confirmed=True,
            company_is_inactive=False,
            company_is_blocked=False,
            company_is_bankrupt=False,
            closed_by=None,
            registered_at=None,
            terms_version=None,
        )

    @answers(Recipients)
    def recipients(self, call: Recipients) -> RecipientsShown:
        return RecipientsShown(recipients=(Recipient(user_id=call.account_id, role="owner", confirmed=True),))


def play(_settings: Settings, parts: Parts) -> PlayedAccount:
    return PlayedAccount(parts)


if __name__ == "__main__":
    service_process.run(play, name="account", database=os.environ["TEST_DATABASE"])
