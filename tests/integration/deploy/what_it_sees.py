"""Says as JSON what it finds when it runs; with the word `waits` it stays, with `cooperative` it is that."""

import sys

if "cooperative" in sys.argv:
    from shared.bus import monkey_patch

    monkey_patch.apply()

import ctypes
import gc
import json
import locale
import logging
import os
import random
import resource
import secrets
import signal
import socket
import ssl
import threading
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.identifiers import new_id


def seen():
    time.sleep(0)  # where processes are cooperative, the first to wait makes the hub
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    descriptors = list(Path("/proc/self/fd").iterdir())
    handlers = {each.name: str(signal.getsignal(each)) for each in signal.valid_signals() if hasattr(each, "name")}
    return {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "arguments": sys.argv,
        "command": sys.orig_argv,
        "path": sys.path,
        "options": [str(sys.flags), sys.warnoptions],
        "main": [sys.modules["__main__"].__spec__.name, sys.modules["__main__"].__file__, __name__],
        "ids": {name: status[name].split() for name in ("Uid", "Gid", "Groups", "Umask", "NoNewPrivs", "Threads")},
        "rights": {name: status[name] for name in status if name.startswith(("Cap", "SigBlk", "SigIgn", "SigCgt"))},
        "owner of /proc/self": Path("/proc/self/environ").stat().st_uid,
        "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
        "leads": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
        "descriptors": sorted(str(link.readlink()) for link in descriptors if link.exists()),
        "text": [sys.stdout.encoding, sys.stdout.line_buffering, locale.getlocale()],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT" in name},
        "handlers": handlers,
        "threads": [each.name for each in threading.enumerate()],
        "cooperative": socket.socket.__module__,
        "logging": [str(each) for each in logging.getLogger().handlers],
        "collector": gc.isenabled(),
    }


def drawn():
    return [
        random.random(),  # noqa: S311  # no secret
        random.SystemRandom().random(),
        secrets.token_hex(8),
        str(uuid.uuid4()),
        str(uuid.uuid1()),
        str(new_id()),
        ssl.RAND_bytes(8).hex(),
        Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex(),
    ]


if __name__ == "__main__":
    print(json.dumps({"seen": seen(), "drawn": drawn(), "modules": sorted(sys.modules)}))
    if "waits" in sys.argv:
        time.sleep(600)
