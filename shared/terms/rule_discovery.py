"""Finds the rules on disk, only to list them.

A rule registers itself when its module is imported.  Whoever wants the whole list imports every such module first;
nothing else in this package knows that services exist.
"""

from __future__ import annotations

import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("services", "shared", "deploy")
MARK = "\n@enforces("
"""Begins a line wherever a rule stands. Nothing but reading them happens when such modules are imported."""


def rule_modules(root: Path = ROOT) -> tuple[str, ...]:
    """Return the names of all modules in which rules stand, such as `services.retention.clocks.rules`."""
    found = [
        path for top in TOPS for path in (root / top).rglob("*.py") if MARK in path.read_text(encoding="utf-8")
    ]
    return tuple(sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in found))


def load_rules(root: Path = ROOT) -> tuple[str, ...]:
    """Import all rule modules, so that what they enforce is registered, and return their names."""
    names = rule_modules(root)
    for name in names:
        importlib.import_module(name)
    return names
