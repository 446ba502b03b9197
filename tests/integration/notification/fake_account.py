"""Account, played by a small service on a test's database.

python -m tests.integration.notification.fake_account
"""

from __future__ import annotations

from shared.bus import bootstrap  # isort: skip

bootstrap.patch()

import os  # noqa: E402
from typing import Any, ClassVar  # noqa: E402

from services.account.answers_schemas import AboutAccount, LetterFacts, LetterFactsShown, Recipients  # noqa: E402
from shared.bus import Service, rpc, runner  # noqa: E402
from shared.bus.declarations import Parts  # noqa: E402
from shared.config import Settings  # noqa: E402
from shared.identifiers import new_id  # noqa: E402


class PlayedAccount(Service):
    """Knows everybody, at an address made of the id."""

    name: ClassVar[str] = "account"

    def __init__(self, parts: Parts) -> None:
        self.database, self.clock = parts.database, parts.clock

    @rpc(LetterFacts, LetterFactsShown)
    def letter_facts(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "account_id": new_id(),
            "email": f"{request['user_id'].hex}@readers.example",
            "name": "Kari Nordmann",
            "language": "en",
            "company_name": "Fjord AS",
            "link_token": "token" if request["ticket_id"] else None,
            "link_ends_at": self.clock.now() if request["ticket_id"] else None,
        }

    @rpc(AboutAccount, Recipients)
    def recipients(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"recipients": [{"user_id": request["account_id"], "role": "owner"}]}


def play(_settings: Settings, parts: Parts) -> PlayedAccount:
    return PlayedAccount(parts)


if __name__ == "__main__":
    runner.run(play, name="account", database=os.environ["TEST_DATABASE"])
