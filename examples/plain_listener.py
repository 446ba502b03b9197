"""A plain nameko service that hears `account.registered` and prints who it is about.

    python -m examples.plain_listener AMQP_URI

The payload is a CloudEvents envelope; the fields of the event are under `data`. nameko acknowledges a message even
where the handler raised, and may deliver one twice: whoever must not miss or repeat anything keeps the ids.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from nameko.events import event_handler

from examples.running import run


class NewCustomers:
    """Hears of each company that signed up."""

    name = "newcustomers"

    @event_handler("account", "account.registered")
    def welcome(self, payload: dict[str, Any]) -> None:
        """Print the envelope's id and the account's id on a line of their own."""
        line = {"id": payload["id"], "account_id": payload["data"]["account_id"], "time": payload["time"]}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run(NewCustomers)
