"""One notification process of the benchmark `fan_out`, on green threads as the service runs.

python -m tests.benchmarks.sending DSN STATE_FOLDER PROVIDER_URL
"""

from __future__ import annotations

from shared.bus import monkey_patch  # isort: skip

monkey_patch.apply()

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from shared.database import Database  # noqa: E402
from tests.benchmarks.fan_out import made  # noqa: E402
from tests.in_process import run  # noqa: E402

PAUSE_SECONDS = 0.05


def main() -> None:
    dsn, folder, provider = sys.argv[1:]
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    database = Database(dsn, source="notification", size=10)
    database.open()
    service = made(database, Path(folder), provider)
    parent = os.getppid()

    def again(work: str) -> None:
        while not stopping.is_set() and os.getppid() == parent:
            run(service, work)
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=again, args=(work,)) for work in ("split_mailings", "deliver_letters")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


if __name__ == "__main__":
    main()
