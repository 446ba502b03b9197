"""A plain nameko client: signs up a company and reads it back.

    python -m examples.plain_client AMQP_URI sign-up --email post@example.no
    python -m examples.plain_client AMQP_URI show ACCOUNT_ID

Signing up acts for nobody. Reading an account back does, so the call must say who makes it: `user_id`, which the
broker compares with the user that is logged in.

The answer to a sign-up is the same whether or not the address is known, so it holds no id; the id is in the event
`account.registered`, which `plain_listener` hears.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from nameko.amqp.publish import Publisher
from nameko.exceptions import RemoteError
from nameko.rpc import MethodProxy
from nameko.standalone.rpc import ClusterRpcProxy

from examples.declaring import look_only

TIMEOUT_SECONDS = 20
"""A plain client waits for ever where it names no limit; signing up may take 15 s."""

ATTESTED = ("authority", "necessary_data", "accurate_data", "users_informed")


def sign_up(cluster: Any, email: str) -> dict[str, Any]:
    """Sign up an invented company whose owner reads `email`."""
    owner = {"name": "Kari Eksempel", "email": email, "phone": "+4762940000"}
    return dict(
        cluster.account.sign_up(
            company={"name": "Eksempel AS", "email": email, "phone": "+4762940000"},
            creator=owner,
            password="ni grønne elger under en paraply",  # noqa: S106  # of an invented company
            language="nb",
            agreement={
                "version": "v1",
                "accepted": True,
                "authority": "managing_director",
                "attestations": dict.fromkeys(ATTESTED, True),
                "domain": "example.no",
                "element": "sign_up.accept",
            },
            origin={"ip": "192.0.2.10", "user_agent": "plain nameko"},
        )
    )


def show(cluster: Any, account_id: str) -> dict[str, Any]:
    """The company as its people see it."""
    return dict(cluster.account.get_account(account_id=account_id, actor="system"))


def main() -> int:
    """Make one call and print its answer as JSON; the exit status is 1 where it was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("uri", metavar="AMQP_URI")
    calls = parser.add_subparsers(dest="call", required=True)
    calls.add_parser("sign-up").add_argument("--email", required=True)
    calls.add_parser("show").add_argument("account_id")
    options = parser.parse_args()
    # A nameko service writes `RpcProxy("account", user_id=...)`; the standalone proxy has no such argument.
    user = urlsplit(options.uri).username or ""
    MethodProxy.publisher_cls = partial(Publisher, user_id=user)
    look_only(user)
    with ClusterRpcProxy({"AMQP_URI": options.uri}, timeout=TIMEOUT_SECONDS) as cluster:
        try:
            answer = (
                sign_up(cluster, options.email) if options.call == "sign-up" else show(cluster, options.account_id)
            )
        except RemoteError as error:
            sys.stderr.write(f"refused: {error.exc_type}: {error.value}\n")
            return 1
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
