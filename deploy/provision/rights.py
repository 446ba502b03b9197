"""What each process may do at the broker: read its own queues, ask what it has to ask, and speak for nobody else.

Without this any process could ask any service anything, for all calls go through one exchange: the gateway, which
everybody reaches, could have a password's link minted. So each user has the routing keys of the calls that its
program makes (topic permissions), may read the queues of its own name, and no service writes to an exchange of
events: the relay does, from the outbox of each.

Rights alone do not keep a message from going where its sender may not write: every service writes to the waiting
tiers, and may declare queues of its own name whose dead letters go on without its rights being asked. Who reads
must therefore look whom a message is from: `shared.bus.senders`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from shared.bus import wire

if TYPE_CHECKING:
    from shared.bus.topology import Topology

REPLY_KEY: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""Routing keys of replies: a random id that only the caller and the called service know."""

NOTHING: Final = "^$"

HEARS_OUTSIDERS: Final = "retention"
"""It binds to the exchanges of others' services that take part in erasures, and makes one that is missing."""

COMMON_CALLS: Final = ("ping", "parked_list", "parked_show", "parked_replay", "parked_discard")
"""What every service answers to the desk."""

CALLS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "account": {},
    "retention": {
        "account": ("ping", "standing", "begin_erasure", "withdraw_erasure", "end_for_erasure", "unknown_subjects"),
        "notification": ("ping",),
        "billing-sync": ("ping",),
        "audit": ("ping",),
    },
    "notification": {"account": ("letter_facts", "recipients"), "retention": ("timeline",)},
    "billing-sync": {"account": ("company_facts",)},
    "audit": {"account": ("login_origins", "recipients")},
    "relay": {},
    "gateway": {
        "account": (
            "sign_up", "confirm_email", "request_confirmation", "log_in", "log_out", "authenticate",
            "request_password_reset", "reset_password", "change_password", "change_email", "get_account",
            "update_account", "deactivate_account", "reactivate_with_password", "reactivate_by_letter",
            "terminate_with_password", "withdraw_notice", "list_users", "add_user", "update_user",
            "deactivate_user", "reactivate_user", "invite_user",
        ),
        "retention": ("timeline", "certificate"),
        "notification": ("receive_webhook", "unsubscribe"),
    },
    "desk": {
        "account": (
            *COMMON_CALLS, "search_accounts", "get_account", "list_users", "deactivate_account",
            "reactivate_account", "terminate_contract", "withdraw_notice", "agree_notice_period",
        ),
        "retention": (
            *COMMON_CALLS, "timeline", "erasures", "release", "certificate", "certificates",
            "request_early_erasure", "early_requests", "order_dry_run", "dry_run", "place_hold", "renew_hold",
            "release_hold", "holds", "hold", "set_restriction", "announce_lift", "lift_restriction", "restrictions",
        ),
        "notification": (*COMMON_CALLS, "letters", "alarms", "release_parked"),
        "billing-sync": (*COMMON_CALLS, "status", "failed", "retry"),
        "audit": (*COMMON_CALLS, "trail", "trail_head", "verify", "verification", "reopen", "logins"),
    },
}  # fmt: skip
"""Who calls what. A test compares it with the programs."""


def permissions(topology: Topology, users: Iterable[str], vhost: str) -> list[dict[str, str]]:
    """The rights of each user on exchanges and queues; the administrator has all."""
    return [{"user": user, "vhost": vhost, **_rights(user, topology)} for user in users]


def topic_permissions(users: Iterable[str], vhost: str) -> list[dict[str, str]]:
    """Which calls each user may make, and which it may bind a queue to."""
    return [
        {
            "user": user,
            "vhost": vhost,
            "exchange": wire.RPC_EXCHANGE,
            "write": _any_of([*_calls(user), REPLY_KEY]),
            "read": _any_of([rf"{re.escape(user)}\.\*", REPLY_KEY]),
        }
        for user in users
        if user in CALLS
    ]


def _rights(user: str, topology: Topology) -> dict[str, str]:
    if user not in CALLS:
        return dict.fromkeys(("configure", "write", "read"), ".*")
    if user == "relay":
        # The default exchange takes what a person sends back from the parked list to the queue it failed in.
        return {"configure": NOTHING, "write": _any_of([r".+\.events", r"amq\.default"]), "read": NOTHING}
    own = _own_queues(user)
    sources = sorted({binding.exchange for binding in topology.bindings if binding.queue.endswith(f"--{user}")})
    write = [*own, re.escape(wire.RPC_EXCHANGE), *(re.escape(tier.name) for tier in wire.TIERS)]
    read = [*own, re.escape(wire.RPC_EXCHANGE), wire.DEAD_EXCHANGE, *map(re.escape, sources)]
    if user in ("gateway", "desk"):
        write, read = [*own, re.escape(wire.RPC_EXCHANGE)], [*own, re.escape(wire.RPC_EXCHANGE)]
    if user == "desk":
        read += ["(evt|dead|rpc)-.+", r"retry\..+"]  # it looks through every queue after an erasure
    configure = list(own)
    if user == HEARS_OUTSIDERS:
        ours = "|".join(re.escape(exchange.name) for exchange in topology.exchanges)
        outside = rf"(?!({ours})$)[a-z][a-z0-9-]*\.events"
        configure.append(outside)
        read.append(outside)
    return {"configure": _any_of(configure), "write": _any_of(write), "read": _any_of(read)}


def _own_queues(user: str) -> list[str]:
    name = re.escape(user)
    replies = rf"rpc\.reply-{name}-{REPLY_KEY}"
    if user in ("gateway", "desk"):
        return [replies]
    return [replies, f"rpc-{name}", f"dead-{name}", f"evt-.+--{name}"]


def _calls(user: str) -> list[str]:
    return [rf"{re.escape(service)}\.({'|'.join(methods)})" for service, methods in sorted(CALLS[user].items())]


def _any_of(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$"
