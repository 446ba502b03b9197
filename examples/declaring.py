"""Lets plain nameko look for the exchange of calls instead of declaring it: only its owner may.

The exchanges of events nameko leaves alone by itself where the configuration has `DECLARE_EVENT_EXCHANGES: False`.
"""

from __future__ import annotations

from typing import Any, Final

import nameko.rpc
from kombu import Exchange
from nameko.standalone.rpc import StandaloneProxyBase

CONFIGURATION: Final = {"ACCEPT": ["json"], "DECLARE_EVENT_EXCHANGES": False}


def look_only(name: str) -> None:
    """From now on. `name` is the service's: the queue of answers to a standalone client bears it too."""

    def existing(config: dict[str, Any]) -> Exchange:
        return Exchange(config.get("rpc_exchange", "nameko-rpc"), type="topic", durable=True, no_declare=True)

    nameko.rpc.get_rpc_exchange = existing
    StandaloneProxyBase.ServiceContainer.service_name = name
