"""Runs one plain nameko service until SIGTERM or Ctrl-C.

The `nameko` command needs `pkg_resources`, which newer setuptools no longer have; its runner does not.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402  # after patching, as everything that may wait
import sys  # noqa: E402
from typing import NoReturn  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402

from examples.declaring import CONFIGURATION, look_only  # noqa: E402


def run(service: type) -> NoReturn:
    """Serve; the broker's address is the only argument of the program."""
    if len(sys.argv) != 2:  # noqa: PLR2004  # the program and its argument
        raise SystemExit(f"usage: python -m examples.… AMQP_URI, not {len(sys.argv) - 1} arguments")
    look_only(service.name)  # type: ignore[attr-defined]  # every nameko service has one
    runner = ServiceRunner({"AMQP_URI": sys.argv[1], **CONFIGURATION})
    runner.add_service(service)
    runner.start()
    stopping = eventlet.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.ready() or stopping.send(None))
    stopping.wait()
    runner.stop()
    raise SystemExit(0)
