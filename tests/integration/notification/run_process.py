"""The notification service as its own main runs it, or account played by a small service, on a test's databases."""

from __future__ import annotations

from services.notification.__main__ import build  # isort: skip  # first, since it patches the process

import os
import sys
from typing import Any, ClassVar

from services.account.schemas import AboutAccount, LetterFacts, LetterFactsShown, Recipients
from shared.bus import Service, rpc, runner
from shared.bus.declarations import Parts
from shared.config import Settings
from shared.identifiers import new_id


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
        }

    @rpc(AboutAccount, Recipients)
    def recipients(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"recipients": [{"user_id": request["account_id"], "role": "owner"}]}


def play(_settings: Settings, parts: Parts) -> PlayedAccount:
    return PlayedAccount(parts)


if __name__ == "__main__":
    runner.run(
        build if sys.argv[1] == "notification" else play, name=sys.argv[1], database=os.environ["TEST_DATABASE"]
    )
