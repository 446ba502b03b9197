"""Makes every password and key of the system, once, one folder per process.

    python -m deploy.provision.secrets ROOT [--owner [FOLDER=]UID:GID ...]

A process reads its own folder and no other, so what a folder does not hold its process does not know. A value
that two processes must share (the key with which the sandbox signs what notification checks) lies in both
folders, identical. Nothing is ever overwritten: a key put there by hand, a real Mailgun key for one, stays, and is
copied to the folders that share it. Run by `make up` natively and by the first container of the compose file.
"""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import stat
import sys
from collections import ChainMap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.signing import SigningKey
from shared.system import ALL_DATABASES, BUS_PROCESSES, DATABASES, KEYRING_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FOLDERS = (
    *BUS_PROCESSES, "vilkar", "sandbox", "backup",
    "migrate", "postgres", "keyring", "rabbitmq", "keyring_keeper",
)  # fmt: skip
"""One folder per process, server or one-shot job; `vilkar` is the command line on the machine itself."""


AT_DATABASES = (
    *DATABASES, "relay", "desk", "backup", "migrate", "keyring_keeper", "postgres", "keyring",
)  # fmt: skip
"""The folders with what sets up the databases: the passwords of roles and superusers."""


class SecretsError(Exception):
    """The secrets folder is not in a state that can be completed without a person deciding something."""


@dataclass(frozen=True)
class Secret:
    """One value: the file name it has, the folders that get it, and how it is made.

    `public_half_of` names the private Ed25519 key, made before, whose public half this is. Such a file may hold
    further lines: the public halves of keys that were used before.
    `exchanged` is a file of several keys that `deploy.keys` exchanges in one folder after the other: while it does,
    the files differ and have one key in common.
    """

    name: str
    folders: tuple[str, ...]
    make: Callable[[], str]
    public_half_of: tuple[str, str] | None = None
    exchanged: bool = False


def password() -> str:
    """256 random bits in characters that need no escaping in a connection address."""
    return secrets.token_urlsafe(32)


def key() -> str:
    """32 random bytes in base64: an AES-256 key, an HMAC key or an Ed25519 private key (any 32 bytes are one)."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def token() -> str:
    """128 random bits in hexadecimal, the look of a vendor's API key or of an unguessable path."""
    return secrets.token_hex(16)


def public_half(private: str) -> str:
    """The public half of a private Ed25519 key, both as 32 raw bytes in base64."""
    return SigningKey.parse(private).public.text()


def _own(name: str, folders: Sequence[str], make: Callable[[], str]) -> list[Secret]:
    """One secret per folder, each of its own value."""
    return [Secret(name, (folder,), make) for folder in folders]


SECRETS: tuple[Secret, ...] = (
    *_own("superuser_password", ("postgres", "keyring"), password),
    *_own("admin_password", ("rabbitmq",), password),
    *[Secret(f"{name}_owner_password", ("migrate",), password) for name in ALL_DATABASES],
    *_own("db_password", (*DATABASES, "relay", "backup"), password),
    *_own("keyring_password", (*KEYRING_ROLES, "backup", "keyring_keeper"), password),
    # The role that looks where the ledger stands and searches: at the desk, and for whoever is on the machine. The
    # command line makes calls by way of the desk, with a session: at the broker it is nobody.
    Secret("db_password", ("desk", "vilkar"), password),
    Secret("keyring_password", ("desk", "vilkar"), password),
    *_own("broker_password", BUS_PROCESSES, password),
    # Not for retention: it destroys keys and opens none.
    Secret("kek", ("account", "audit"), key, exchanged=True),
    Secret("blind_index_key", ("account", "notification", "audit"), key),
    # billing-sync compares digests with nobody: with a key of its own it cannot undo another's.
    Secret("blind_index_key", ("billing_sync",), key),
    Secret("audit_signing_key", ("audit",), key),
    Secret("certificate_signing_key", ("retention",), key),
    Secret("export_signing_key", ("account",), key),
    # Whoever has it could write facts into the ledger; whoever reads the ledger needs its public half only.
    Secret("ledger_signing_key", ("retention",), key),
    Secret(
        "ledger_public_key",
        (*DATABASES, "relay", "desk", "vilkar", "backup", "migrate"),
        key,
        public_half_of=("retention", "ledger_signing_key"),
    ),
    # Whoever has it could say who of the staff acts; whoever is asked needs its public half only.
    Secret("statement_signing_key", ("staff",), key),
    Secret("statement_public_key", DATABASES, key, public_half_of=("staff", "statement_signing_key")),
    # Never exchanged: by it a code is known that was somebody's.
    Secret("spent_code_key", ("staff",), key),
    Secret("unsubscribe_key", ("notification",), key),
    # One repository, one key: whoever gets hold of one set and its key has nothing of the other.
    *[Secret(f"{name}_backup_key", ("backup",), key) for name in ("data", "keyring", "ledger", "proofs")],
    Secret("mailgun_api_key", ("notification", "sandbox"), token),
    Secret("mailgun_webhook_signing_key", ("notification", "sandbox"), token),
    Secret("mailgun_webhook_path_secret", ("notification", "sandbox"), token),
    # Signs calls to whoever is on duty, where the operator has named a pager.
    Secret("duty_hook_secret", ("notification", "sandbox"), token),
    Secret("tripletex_consumer_token", ("billing_sync", "sandbox"), token),
    Secret("tripletex_employee_token", ("billing_sync", "sandbox"), token),
)


WITHDRAWN: tuple[tuple[str, str], ...] = (
    ("retention", "kek"),
    ("notification", "keyring_password"),
    ("adminer", "db_password"),
)
"""Folder and name of what a process once had and has no use for: it is deleted where it is found."""


@dataclass(frozen=True)
class Owner:
    """The user and group ids that a folder and its files get; the group may read as well."""

    uid: int
    gid: int


def read(root: Path, folder: str, name: str) -> str:
    """Return one secret's value, without the newline an editor may have left."""
    return (root / folder / name).read_text().strip()


def provision(
    root: Path, *, owners: Mapping[str, Owner] | None = None, table: Sequence[Secret] = SECRETS
) -> list[Path]:
    """Make what is missing below `root` and return the files made now; a second run returns an empty list."""
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    owners = owners or {}
    for folder in dict.fromkeys(name for secret in table for name in secret.folders):
        _prepare_folder(root / folder, owners.get(folder))
    made: list[Path] = []
    for secret in table:
        made += _complete(root, secret, owners)
    for folder, name in WITHDRAWN:
        (root / folder / name).unlink(missing_ok=True)
    return made


def _prepare_folder(folder: Path, owner: Owner | None) -> None:
    folder.mkdir(exist_ok=True)
    if owner is None:
        folder.chmod(0o700)
        return
    os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o750)


def _complete(root: Path, secret: Secret, owners: Mapping[str, Owner]) -> list[Path]:
    """Write one secret into those of its folders that lack it, with the value the others have."""
    values = {
        read(root, folder, secret.name) for folder in secret.folders if (root / folder / secret.name).exists()
    }
    keys = [set(value.split()) for value in values]
    if secret.exchanged and any(len(each) > 1 for each in keys) and set.intersection(*keys):
        return _exchanging(root, secret)
    if len(values) > 1:
        raise SecretsError(
            f"{secret.name} differs between the folders {', '.join(secret.folders)}, which must share one value; "
            "remove the wrong file and run again"
        )
    if values == {""}:
        raise SecretsError(f"{secret.name} is empty in {', '.join(secret.folders)}; write it or remove the file")
    value = values.pop() if values else _made(root, secret)
    if secret.public_half_of is not None and _made(root, secret) not in value.split():
        raise SecretsError(f"{secret.name} lacks the public half of {secret.public_half_of[1]}: add it as a line")
    made = []
    for folder in secret.folders:
        path = root / folder / secret.name
        if not path.exists():
            _write_once(path, value, owners.get(folder))
            made.append(path)
    return made


def _exchanging(root: Path, secret: Secret) -> list[Path]:
    """Leave files alone that are being exchanged; one that is missing is put back when that is through."""
    if lacking := [folder for folder in secret.folders if not (root / folder / secret.name).exists()]:
        raise SecretsError(
            f"{secret.name} is being exchanged and {', '.join(lacking)} has none: copy it from one of the "
            f"{', '.join(secret.folders)}, then `make rotate-kek` brings the exchange to its end"
        )
    return []


def _made(root: Path, secret: Secret) -> str:
    if secret.public_half_of is None:
        return secret.make()
    return public_half(read(root, *secret.public_half_of))


def _write_once(path: Path, value: str, owner: Owner | None) -> None:
    """Create the file complete and unreadable to others from its first moment; an existing one is left alone."""
    mode = stat.S_IRUSR if owner is None else stat.S_IRUSR | stat.S_IRGRP
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        if owner is not None:
            os.chown(draft, owner.uid, owner.gid)
        # link() refuses an existing target where rename() would replace it
        os.link(draft, path)
    finally:
        draft.unlink()


def parse_owner(text: str) -> dict[str, Owner]:
    """Whom a folder belongs to; all of them where none is named."""
    folder, _, ids = text.rpartition("=")
    uid, _, gid = ids.partition(":")
    if (folder and folder not in FOLDERS) or not uid.isdigit() or not gid.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not [FOLDER=]UID:GID with a folder of {', '.join(FOLDERS)}")
    return dict.fromkeys([folder] if folder else FOLDERS, Owner(int(uid), int(gid)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when every secret is in place."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.secrets", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("root", type=Path, metavar="ROOT", help="folder that holds one folder per process")
    parser.add_argument(
        "--owner", type=parse_owner, action="append", default=[], metavar="[FOLDER=]UID:GID",
        help="who owns a folder, or all (needs root; the later one counts); without it: whoever runs this",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        made = provision(options.root, owners=dict(ChainMap(*reversed(options.owner))))
    except SecretsError as error:
        print(f"secrets: {error}", file=sys.stderr)
        return 1
    print(f"secrets: {len(made)} made, {sum(len(s.folders) for s in SECRETS) - len(made)} already there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
