"""The one room that knows nameko, kombu and eventlet.

Services declare what they hear, answer and do on time with the decorators below, which are plain metadata.
`shared.bus.host` turns the declarations into nameko entrypoints; nothing outside this room imports nameko.
"""

from shared.bus.declarations import Service, command, every, handles, rpc

__all__ = ["Service", "command", "every", "handles", "rpc"]
