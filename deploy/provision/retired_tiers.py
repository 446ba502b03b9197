"""The way from waiting tiers that all services shared to tiers of their own, under running processes.

While an upgrade is under way, processes of before run beside new ones and read the same queues. Those of before
write to the shared tiers only, and take a message that waited for unreadable if it comes back another way than over
the default exchange. So until the upgrade is over everything waits in the shared tiers: what is published to a tier
of a service's own goes on there, as nothing else is bound to it. Then the exchanges of the shared tiers go, so that
nothing comes in any more. Each queue goes when what waits in it has come back, after an hour at most.

Where there are no shared tiers, nothing of this is done.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from shared.bus import wire
from shared.system import SERVICES

if TYPE_CHECKING:
    from deploy.provision.search_user import Management

STALE_SECONDS: Final = 30.0
"""So old the management's figures may be: a queue counts every fifteen seconds, and is asked every five."""
_SHARED: Final = "|".join(map(re.escape, wire.RETIRED_TIERS))


def take_up(ask: Management, vhost: str, definitions: dict[str, Any]) -> list[str]:
    """Have a broker take up definitions, which the processes that run now have to be able to live with as well.

    Returns what is to be said of the shared tiers.
    """
    if not _exchanges(ask, vhost):
        ask("POST", "/api/definitions", definitions)
        return _remove_emptied(ask, vhost)
    if _is_in_use(ask, vhost):
        ask("POST", "/api/definitions", bridged(definitions, vhost))
        return ["what is tried again waits in the tiers that all services share, until the upgrade is over"]
    return retire(ask, vhost, definitions)


def retire(ask: Management, vhost: str, definitions: dict[str, Any]) -> list[str]:
    """Take the shared tiers away, when no process of before runs. Returns what is to be said of them."""
    ask("POST", "/api/definitions", definitions)
    vhost_path = quote(vhost, safe="")
    for name in _exchanges(ask, vhost):
        ask("DELETE", f"/api/exchanges/{vhost_path}/{name}")
    policies = {str(policy["name"]) for policy in ask("GET", f"/api/policies/{vhost_path}").json()}
    for tier in wire.TIERS:
        if _policy_name(tier) in policies:
            ask("DELETE", f"/api/policies/{vhost_path}/{_policy_name(tier)}")
    return _remove_emptied(ask, vhost)


def bridged(definitions: dict[str, Any], vhost: str) -> dict[str, Any]:
    """Definitions for the time of an upgrade: everything waits in the shared tiers."""
    own = {tier.name(service) for tier in wire.TIERS for service in SERVICES}
    return {
        **definitions,
        "permissions": [
            {**each, "write": f"{each['write']}|^({_SHARED})$"} if each["user"] in SERVICES else each
            for each in definitions["permissions"]
        ],
        "bindings": [each for each in definitions["bindings"] if each["source"] not in own],
        "policies": [*definitions["policies"], *(_onward(tier, vhost) for tier in wire.TIERS)],
    }


def _onward(tier: wire.Tier, vhost: str) -> dict[str, Any]:
    """What is published to a tier of a service's own and has nowhere to go there, goes to the shared one."""
    return {
        "vhost": vhost,
        "name": _policy_name(tier),
        "pattern": rf"^retry\.[a-z-]+\.{tier.seconds}s$",
        "apply-to": "exchanges",
        "definition": {"alternate-exchange": f"retry.{tier.seconds}s"},
        "priority": 10,
    }


def _policy_name(tier: wire.Tier) -> str:
    return f"shared-tier-{tier.seconds}s"


def _exchanges(ask: Management, vhost: str) -> list[str]:
    known = ask("GET", f"/api/exchanges/{quote(vhost, safe='')}").json()
    return sorted(str(each["name"]) for each in known if each["name"] in wire.RETIRED_TIERS)


def _queues(ask: Management, vhost: str) -> dict[str, int]:
    """The shared queues that are there, with the number of messages in each."""
    # Asked like this, also a broker that collects no figures says how many there are.
    totals = "disable_stats=true&enable_queue_totals=true"
    known = ask("GET", f"/api/queues/{quote(vhost, safe='')}?{totals}").json()
    return {str(each["name"]): each.get("messages", 1) for each in known if each["name"] in wire.RETIRED_TIERS}


def _is_in_use(ask: Management, vhost: str) -> bool:
    """Whether a process of ours is connected, and so may be one of before."""
    known = ask("GET", "/api/connections").json()
    return any(each.get("user") in SERVICES and each.get("vhost") == vhost for each in known)


def _remove_emptied(ask: Management, vhost: str) -> list[str]:
    """Remove the shared queues that are empty, now that nobody can write to them any more."""
    if not _queues(ask, vhost):
        return []
    time.sleep(STALE_SECONDS)
    left = _queues(ask, vhost)
    for name in [name for name, messages in left.items() if messages == 0]:
        ask("DELETE", f"/api/queues/{quote(vhost, safe='')}/{name}")
        del left[name]
    return [f"{name} holds {count} messages, which come back within an hour" for name, count in left.items()]
