"""Finds the rules on disk, only to list them.

A rule registers itself when its module is imported.  Whoever wants the whole list imports every such module
of the services first; nothing else in this package knows that services exist.
"""

from __future__ import annotations

import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MARK = "@enforces("
"""Stands wherever a rule does; nothing but reading them happens when such modules are imported."""

BACKUP_ROOM = "deploy/backup"
"""When backups are taken, and when they must be gone, is promised too; no service takes them."""


def rule_modules(root: Path = ROOT) -> tuple[str, ...]:
    """Return the names of all modules in which rules stand, such as `services.retention.erasure.rules`."""
    found = [path for path in (root / "services").rglob("*.py") if MARK in path.read_text(encoding="utf-8")]
    found += (root / BACKUP_ROOM).glob("rules.py")
    return tuple(sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in found))


def load_rules(root: Path = ROOT) -> tuple[str, ...]:
    """Import all rule modules, so that what they enforce is registered, and return their names."""
    names = rule_modules(root)
    for name in names:
        importlib.import_module(name)
    return names
