"""The broker user that looks into queues after an erasure. It exists only while somebody searches.

    python -m deploy.provision.search_user SECRETS_ROOT MANAGEMENT_URL

makes the user, prints its name and its password on two lines, and takes it away again at the end of standard input:
so also when whoever asked for it was killed. It is gone after an hour at the latest. Its name says until when it
lives, and each start of the broker or of a search removes what was left over.

Whoever may look into a queue may also take from it and empty it; no process of ours may, but its owner.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets as random
import select
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

import requests

from deploy.provision import rabbitmq, secrets
from shared.clock import Clock
from shared.system import VIRTUAL_HOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY: Final = Path(__file__).resolve().parents[2]
LIFE_SECONDS: Final = 3600
REQUEST_SECONDS: Final = 60
RIGHTS: Final = {"configure": "^$", "write": "^$", "read": r"^((evt|dead|rpc)-.+|retry\..+)$"}
NAME: Final = re.compile(r"search-([0-9]{1,12})-[0-9a-f]{8}")
SETTING: Final = "VILKAR_SEARCH_USER_FILE"


class Management(Protocol):
    """The broker's management API, asked as administrator; raises `requests.HTTPError` where it says no."""

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Ask."""


def make(ask: Management, vhost: str, *, now: float) -> tuple[str, str]:
    """Make a user and return its name and password; those that were left over go."""
    remove_left_over(ask, now=now)
    name, password = f"search-{int(now) + LIFE_SECONDS}-{random.token_hex(4)}", random.token_urlsafe(32)
    ask("PUT", f"/api/users/{name}", {"password": password, "tags": ""})
    ask("PUT", f"/api/permissions/{quote(vhost, safe='')}/{name}", dict(RIGHTS))
    return name, password


def remove(ask: Management, name: str) -> None:
    """Take the user away, and its connections with it; one that is gone already is fine."""
    for connection in ask("GET", "/api/connections").json():
        if connection.get("user") == name:
            ask("DELETE", f"/api/connections/{quote(connection['name'], safe='')}")
    try:
        ask("DELETE", f"/api/users/{name}")
    except requests.HTTPError as error:
        if error.response is None or error.response.status_code != requests.codes.not_found:
            raise


def remove_left_over(ask: Management, *, now: float) -> list[str]:
    """Remove users whose time is over and return their names."""
    known = [str(user["name"]) for user in ask("GET", "/api/users").json()]
    over = [name for name in known if (made := NAME.fullmatch(name)) is not None and int(made.group(1)) < now]
    for name in over:
        remove(ask, name)
    return over


@contextmanager
def searching(secrets_root: Path, management_url: str) -> Iterator[dict[str, str]]:
    """The setting with which `vilkar` finds a user that may look into queues, to the end of the block.

    A process of its own makes and removes the user: it lives on for a moment where this one is killed.
    """
    argv = [sys.executable, "-m", "deploy.provision.search_user", str(secrets_root), management_url]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        argv, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as keeper:
        assert keeper.stdin is not None  # noqa: S101  # both are pipes
        assert keeper.stdout is not None  # noqa: S101
        name, password = keeper.stdout.readline().strip(), keeper.stdout.readline().strip()
        with NamedTemporaryFile("w", prefix="vilkar-search-") as file:  # for its owner only
            file.write(f"{name}\n{password}\n")
            file.flush()
            yield {SETTING: file.name} if password else {}
        keeper.stdin.close()


def management(root: Path, url: str) -> Management:
    """The management API at `url`, with the administrator's password below `root`."""
    password = secrets.read(root, "rabbitmq", "admin_password")

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # no proxy between us and our own machine
            response = session.request(
                method, f"{url}{path}", timeout=REQUEST_SECONDS, auth=(rabbitmq.ADMINISTRATOR, password),
                data=None if body is None else json.dumps(body), headers={"content-type": "application/json"},
            )  # fmt: skip
        response.raise_for_status()
        return response

    return ask


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when the user is gone again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("url", metavar="MANAGEMENT_URL")
    parser.add_argument("--vhost", default=VIRTUAL_HOST)
    options = parser.parse_args(arguments)
    ask = management(options.root, options.url)
    name, password = make(ask, options.vhost, now=Clock().now().timestamp())
    try:
        sys.stdout.write(f"{name}\n{password}\n")
        sys.stdout.flush()
        select.select([sys.stdin], [], [], LIFE_SECONDS)  # nobody writes: it can be read once it has ended
    finally:
        remove(ask, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
