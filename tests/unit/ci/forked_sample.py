"""A program that tells what it sees, and ends as it is told."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

LOADED_BY = os.getpid()


def main() -> None:
    given = sys.stdin.read()
    seen = {"words": sys.argv[1:], "env": dict(os.environ), "folder": os.getcwd(), "given": given}  # noqa: PTH109
    print(json.dumps(seen | {"pid": os.getpid(), "loaded_by": LOADED_BY}))
    print("told", file=sys.stderr)
    match sys.argv[1:]:
        case ["end", code]:
            sys.exit(int(code))
        case ["fail"]:
            raise ValueError("as asked")
        case ["die"]:
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case ["stay"]:
            time.sleep(60)
