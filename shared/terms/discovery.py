"""Finds the rules on disk, only to list them.

A rule registers itself when its module is imported.  Whoever wants the whole list imports every `rules` module
of the services first; nothing else in this package knows that services exist.
"""

from __future__ import annotations

import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rule_modules(root: Path = ROOT) -> tuple[str, ...]:
    """Return the names of all rule modules, `services.<name>.rules` or its parts where it is a package."""
    single = (root / "services").glob("*/rules.py")
    parts = (root / "services").glob("*/rules/*.py")
    names = (".".join(path.relative_to(root).with_suffix("").parts) for path in (*single, *parts))
    return tuple(sorted(name.removesuffix(".__init__") for name in names))


def load_rules(root: Path = ROOT) -> tuple[str, ...]:
    """Import all rule modules, so that what they enforce is registered, and return their names."""
    names = rule_modules(root)
    for name in names:
        importlib.import_module(name)
    return names
