"""`run_rotation DSN ROOT`: the exchange of the key, on a test's own keyring."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.keys.files import KeyFiles
from deploy.keys.rotation import Rotation
from shared.clock import Clock
from shared.failpoints import Failpoints
from shared.privacy.kek_rotation import Keeper


def main() -> None:
    dsn, root = sys.argv[1:]
    keeper = Keeper(dsn)
    keeper.open()
    Rotation(
        KeyFiles(Path(root)),
        keeper,
        now=Clock().now,
        failpoints=Failpoints("test", os.environ),
        say=print,
        progress=lambda done, total: print(f"{done}/{total}"),
    ).run()
    keeper.close()
