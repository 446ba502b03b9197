"""Addresses of servers as the programs of this room take them on their command lines."""

from __future__ import annotations

import argparse


def host_and_port(text: str) -> tuple[str, int]:
    """The parts of HOST:PORT; an argument that is otherwise is refused by its parser."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)
