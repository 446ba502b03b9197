"""Finds the rules on disk, only to list them.

A rule registers itself when its module is imported.  Whoever wants the whole list imports every such module
of the services first; nothing else in this package knows that services exist.
"""

from __future__ import annotations

import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PURE_ROOMS = ("rules.py", "certificate.py", "contract.py", "early_rules.py", "holds_rules.py", "letter_rules.py")
"""The rooms of a service in which rules stand. Nothing but reading them happens when they are imported."""

BACKUP_ROOM = "deploy/backup"
"""When backups are taken, and when they must be gone, is promised too; no service takes them."""


def rule_modules(root: Path = ROOT) -> tuple[str, ...]:
    """Return the names of all modules in which rules stand, such as `services.retention.rules`."""
    found = [path for room in PURE_ROOMS for path in (root / "services").glob(f"*/{room}")]
    found += (root / BACKUP_ROOM).glob("rules.py")
    return tuple(sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in found))


def load_rules(root: Path = ROOT) -> tuple[str, ...]:
    """Import all rule modules, so that what they enforce is registered, and return their names."""
    names = rule_modules(root)
    for name in names:
        importlib.import_module(name)
    return names
