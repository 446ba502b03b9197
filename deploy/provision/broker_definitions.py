"""Tells a running broker the definitions that it would read when it starts.

    python -m deploy.provision.broker_definitions SECRETS_ROOT DEFINITIONS_FILE [--upgraded] [--management …]

An upgrade may bring queues, rights and policies that the broker has not read, since it is not restarted for one.
What is there already is left as it is, but what only processes of before need, and with `--upgraded` none of them
runs any more: see `deploy.provision.retired_tiers`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from deploy.provision import retired_tiers
from deploy.provision.search_user import management
from shared.system import VIRTUAL_HOST

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when the broker has taken them up."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.broker_definitions", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("file", type=Path, metavar="DEFINITIONS_FILE")
    parser.add_argument("--management", default="127.0.0.1:15672", metavar="HOST:PORT")
    parser.add_argument("--upgraded", action="store_true")
    options = parser.parse_args(arguments)
    ask = management(options.root, f"http://{options.management}")
    take_up = retired_tiers.retire if options.upgraded else retired_tiers.take_up
    try:
        left = take_up(ask, VIRTUAL_HOST, json.loads(options.file.read_bytes()))
    except requests.RequestException as error:
        print(f"broker_definitions: the broker did not take them up: {error}", file=sys.stderr)
        return 1
    print(f"broker_definitions: {options.management} has taken up {options.file}")
    for line in left:
        print(f"broker_definitions: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
