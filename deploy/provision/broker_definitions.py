"""Tells a running broker the definitions that it would read when it starts.

    python -m deploy.provision.broker_definitions SECRETS_ROOT DEFINITIONS_FILE [--management HOST:PORT]

An upgrade may bring queues, rights and policies that the broker has not read, since it is not restarted for one.
What is there already is left as it is; nothing is removed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from deploy.provision import rabbitmq, secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_SECONDS = 60


def tell(management: str, password: str, definitions: bytes) -> None:
    """Have the broker at `management` take up definitions; raises requests.RequestException where it does not."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy between us and our own broker
        answer = session.post(
            f"http://{management}/api/definitions", data=definitions, timeout=LIMIT_SECONDS,
            auth=(rabbitmq.ADMINISTRATOR, password), headers={"content-type": "application/json"},
        )  # fmt: skip
    answer.raise_for_status()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when the broker has taken them up."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.broker_definitions", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("file", type=Path, metavar="DEFINITIONS_FILE")
    parser.add_argument("--management", default="127.0.0.1:15672", metavar="HOST:PORT")
    options = parser.parse_args(arguments)
    password = secrets.read(options.root, "rabbitmq", "admin_password")
    try:
        tell(options.management, password, options.file.read_bytes())
    except requests.RequestException as error:
        print(f"broker_definitions: the broker did not take them up: {error}", file=sys.stderr)
        return 1
    print(f"broker_definitions: {options.management} has taken up {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
