"""The account service in a process of its own: it says that it is ready, and tries to log in when it is told to.

python -m tests.integration.account.log_ins < what it needs, in a line of JSON, and another line
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Refused
from shared.privacy import BlindIndex, Kek, Keyring
from tests.in_process import invoke
from tests.plugins.account_world import account_service


def main() -> None:
    """Try as often as it is told, all at once; what came of each is a word of a line."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    database = Database(asked["database"], source="account", size=8)
    keyring = Keyring(asked["keyring"], kek=Kek([bytes.fromhex(asked["kek"])]), size=4)
    database.open()
    keyring.open()
    clock = FixedClock(datetime.fromisoformat(asked["now"]))
    service = account_service(database, keyring, clock, BlindIndex(bytes.fromhex(asked["index"])))

    def attempt(_: int) -> str:
        try:
            invoke(service, "log_in", **asked["log_in"])
        except Refused as refused:
            return refused.code
        return "in"

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(asked["times"]) as threads:
        print(" ".join(threads.map(attempt, range(asked["times"]))), flush=True)
    database.close()
    keyring.close()


if __name__ == "__main__":
    main()
