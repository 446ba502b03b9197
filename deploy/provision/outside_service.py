"""Lets a service of somebody else take part at the broker, with the rights it needs and no more.

    python -m deploy.provision.outside_service NAME SECRETS_ROOT MANAGEMENT_URL [--amqp HOST:PORT]
        [--hears SOURCE:EVENT ...] [--calls SERVICE.METHOD ...]

Makes its exchange, its user with a new password, and its rights; prints the address and how the examples run with
it. Again, it changes rights and password. Nothing of ours can be made, changed or deleted with them: the service
declares its own queues and no others. The broker keeps all this; a new broker has to be told again.
"""

from __future__ import annotations

import argparse
import secrets as random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from deploy.provision import broker_permissions, rabbitmq
from deploy.provision.search_user import Management, management
from shared.bus import wire
from shared.system import BUS_PROCESSES, PARTICIPANTS, VIRTUAL_HOST, wire_name

if TYPE_CHECKING:
    from collections.abc import Sequence

HEARS: Final = (
    "account:account.registered",
    "account:export.ordered",
    "retention:erasure.ordered",
    "retention:erasure.dry_run_ordered",
)
CALLS: Final = ("account.sign_up", "account.get_account")
"""What the examples hear and call."""

RECIPE: Final = """\
AMQP_URI={uri}

  python -m examples.plain_client "$AMQP_URI" sign-up --email post@example.no
  python -m examples.plain_participant "$AMQP_URI"      for a service of this name that takes part in erasures

hears  {hears}
calls  {calls}
writes {name}.events, and answers calls to {name}

So that our services hear it, and erasures wait for it (examples/README.md):
  VILKAR_OUTSIDE_SERVICES={name}
  VILKAR_ERASURE_PARTICIPANTS={participants}
So that it is asked for its part of every copy of what is held:
  VILKAR_OUTSIDE_CONTRIBUTORS={name}
"""


class NameTakenError(ValueError):
    """The name is none that a service of somebody else can have."""


def check_name(name: str) -> None:
    """Raise `NameTakenError` for a malformed name, or one of our own processes."""
    taken = {*map(wire_name, BUS_PROCESSES)} | {rabbitmq.ADMINISTRATOR, "guest"}
    if name in taken or name.startswith("search-") or not wire.SERVICE.fullmatch(name):
        raise NameTakenError(f"{name!r} is ours, or no name: small letters, digits and hyphens, 63 at most")


def make(
    ask: Management, vhost: str, name: str, *, hears: Sequence[str] = HEARS, calls: Sequence[str] = CALLS
) -> str:
    """Make exchange, user and rights of a service of others and return its password. Raises `NameTakenError`."""
    check_name(name)
    place, password = quote(vhost, safe=""), random.token_urlsafe(32)
    exchange = {"type": "topic", "durable": True, "auto_delete": False}
    ask("PUT", f"/api/exchanges/{place}/{wire.events_exchange(name)}", exchange)
    ask("PUT", f"/api/users/{name}", {"password": password, "tags": ""})
    for limit, value in broker_permissions.OUTSIDE_LIMITS.items():
        ask("PUT", f"/api/user-limits/{name}/{limit}", {"value": value})
    heard: dict[str, list[str]] = {}
    for each in hears:
        source, _, event = each.partition(":")
        heard.setdefault(source, []).append(event)
    ask("PUT", f"/api/permissions/{place}/{name}", broker_permissions.outside_permission(name, heard))
    for entry in broker_permissions.outside_topic_permissions(name, heard, calls):
        ask("PUT", f"/api/topic-permissions/{place}/{name}", entry)
    return password


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when the broker has everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("url", metavar="MANAGEMENT_URL")
    parser.add_argument("--amqp", default="broker:5672", metavar="HOST:PORT")
    parser.add_argument("--hears", nargs="*", default=HEARS, metavar="SOURCE:EVENT")
    parser.add_argument("--calls", nargs="*", default=CALLS, metavar="SERVICE.METHOD")
    options = parser.parse_args(arguments)
    ask, vhost = management(options.root, options.url), VIRTUAL_HOST
    try:
        password = make(ask, vhost, options.name, hears=options.hears, calls=options.calls)
    except NameTakenError as error:
        sys.stderr.write(f"outside_service: {error}\n")
        return 2
    uri = f"amqp://{options.name}:{password}@{options.amqp}/{vhost}"
    rights = {"hears": ", ".join(options.hears) or "nothing", "calls": ", ".join(options.calls) or "nothing"}
    rights["participants"] = ",".join((*PARTICIPANTS, options.name))
    sys.stdout.write(RECIPE.format(uri=uri, name=options.name, **rights))
    return 0


if __name__ == "__main__":
    sys.exit(main())
