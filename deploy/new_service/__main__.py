"""Makes the rooms of a new service, and its entries elsewhere.

    python -m deploy.new_service NAME        (`make new-service NAME=cases`)

What is made is small and whole: it starts, answers two calls, publishes an event, has a table and tests. Give its
parts the names of what the service is for. `docs/how-to/add-a-service.md` says what else there is to decide.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Final

from deploy.provision import rabbitmq, secrets
from shared.bus import wire
from shared.database.migrate import ROOT

TEMPLATE: Final = Path(__file__).with_name("template")
TAKEN: Final = frozenset({*secrets.FOLDERS, rabbitmq.ADMINISTRATOR, "guest", "search", "proxy"})
"""Names of processes, databases, roles and users that there are."""
ENTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "shared/system.py": (
        '\n)\n"""In the order',
        '\n    ServiceSpec(name="$name", takes_part=False, contributes=False),',
    ),
    "SECURITY.md": (
        "\n| `relay` |",
        (
            "\n| `$folder` | broker_password, db_password, ledger_public_key, statement_public_key "
            "| what it keeps | everything else |"
        ),
    ),
    "README.md": ("[audit](services/audit/README.md)", "[$name](services/$folder/README.md) ·\n"),
}
"""What goes before which words of which file."""


class NewServiceError(ValueError):
    """There can be no service of this name, or no place for an entry was found."""


def words_of(name: str) -> dict[str, str]:
    """The names that a service has. Raises `NewServiceError`."""
    folder = name.replace("-", "_")
    if not wire.SERVICE.fullmatch(name) or name.endswith("-") or "--" in name:
        raise NewServiceError(f"{name!r} is no name: small letters, digits and single hyphens")
    if folder in TAKEN:
        raise NewServiceError(f"{name!r} is the name of something else")
    return {"name": name, "folder": folder, "class_name": "".join(map(str.capitalize, name.split("-")))}


def files_of(words: Mapping[str, str]) -> dict[str, str]:
    """The files of a new service by path."""
    folder = words["folder"]
    places = {
        "tests/unit.py": f"tests/unit/{folder}/test_{folder}_rules.py",
        "tests/integration.py": f"tests/integration/{folder}/test_{folder}_service.py",
        "service/migrations/0001.sql": f"services/{folder}/migrations/0001_{folder}.sql",
    }
    files = {}
    for file in sorted(TEMPLATE.rglob("*.txt")):
        name = str(file.relative_to(TEMPLATE)).removesuffix(".txt")
        place = places.get(name, name.replace("service/", f"services/{folder}/", 1))
        files[place] = Template(file.read_text(encoding="utf-8")).substitute(words)
    return files


def contents(root: Path, name: str) -> dict[str, str]:
    """All files to be written below `root`, by path. Raises `NewServiceError`."""
    words = words_of(name)
    new = files_of(words)
    if existing := [path for path in new if (root / path).exists()]:
        raise NewServiceError(f"{existing[0]} is there already")
    return new | entries_in(root, words)


def entries_in(root: Path, words: Mapping[str, str]) -> dict[str, str]:
    """The files with an entry for the service, by path. Raises `NewServiceError`."""
    entries = {}
    for path, (before, entry) in ENTRIES.items():
        text = (root / path).read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise NewServiceError(f"{path} has no one place that begins {before.strip()!r}")
        entries[path] = text.replace(before, Template(entry).substitute(words) + before)
    return entries


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the files; the exit status is 2 where there can be no such service."""
    parser = argparse.ArgumentParser(prog="python -m deploy.new_service", description=__doc__.split("\n", 1)[0])
    parser.add_argument("name", metavar="NAME", help="its name on the wire, as cases or legal-holds")
    try:
        files = contents(ROOT, parser.parse_args(arguments).name)
    except NewServiceError as error:
        print(f"new_service: {error}", file=sys.stderr)
        return 2
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        print(f"new_service: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
