"""A Docker engine without any image registry: on a Debian machine as root, from Debian's packages alone.

    python3 -m deploy.engine up                   install what is missing, start a daemon of our own
    python3 -m deploy.engine run -- make up       run a command that finds the engine; starts it where needed
    eval "$(python3 -m deploy.engine env)"        let this shell find it
    python3 -m deploy.engine down [--forget]      end the daemon; --forget deletes its images and volumes

Where an engine answers already, that one is used, and neither touched nor ended. Needs nothing but Python itself.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from typing import TYPE_CHECKING

from deploy.engine import install, machine
from deploy.engine.daemon import Daemon, answers
from deploy.engine.machine import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence


def _say(text: str) -> None:
    print(f"engine: {text}", file=sys.stderr, flush=True)


def ensure() -> dict[str, str]:
    """Have an engine and Compose, and return the environment in which commands find and use them."""
    settings = machine.build_settings()
    own = Daemon()
    if own.running() is None and answers():
        _say("using the engine that answers already")
    else:
        if install.daemon_missing():
            install.daemon(_say)
        if own.running() is None:
            _say(f"starting dockerd, data in {own.data}")
        own.start()
        settings["DOCKER_HOST"] = own.address
    if install.compose_missing():
        install.compose(_say)
    return settings


def _stop(*, forget: bool) -> None:
    own = Daemon()
    _say("dockerd is down" if own.stop() else "no dockerd of ours runs")
    if forget:
        own.forget()
        _say("images and volumes are deleted")


def _run(command: list[str]) -> int:
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        raise EngineError("run needs a command: run -- make up")
    environment = {**os.environ, **ensure()}
    os.execvpe(command[0], command, environment)  # noqa: S606  # the caller's own command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when what was asked for is done."""
    parser = argparse.ArgumentParser(
        prog="python3 -m deploy.engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="have an engine")
    verbs.add_parser("env", help="have one, and print how to find it")
    verbs.add_parser("run", help="have one, and run a command with it").add_argument(
        "command", nargs=argparse.REMAINDER
    )
    verbs.add_parser("down", help="end our daemon").add_argument("--forget", action="store_true")
    options = parser.parse_args(arguments)
    try:
        if options.verb == "run":
            return _run(options.command)
        if options.verb == "down":
            _stop(forget=options.forget)
        else:
            settings = ensure()
            if options.verb == "env":
                print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in settings.items()))
            else:
                _say(f"answers at {settings.get('DOCKER_HOST', 'its usual address')}")
    except EngineError as error:
        print(f"engine: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
