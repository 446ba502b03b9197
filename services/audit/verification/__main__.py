"""Verify the trail from outside the system.

    python -m services.audit.verification --public-key FILE --checkpoints FILE [--from-checkpoint N]

reads the address of the database from the environment variable VILKAR_AUDIT_DSN, needs nothing else of the
system, and ends with 0 where the trail is whole, with 1 where it is damaged.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from services.audit.checkpoints.file import CheckpointFile
from services.audit.verification.reader import TrailReader
from services.audit.verification.values import Report
from services.audit.verification.verifier import Progress, Verifier
from shared.signing import PublicKey


def public_keys(text: str) -> list[PublicKey]:
    """The public keys in a file: one base64 line each, older ones included."""
    return [PublicKey.parse(line) for line in text.split()]


def verify(
    dsn: str,
    public_key: str,
    checkpoint_file: Path | None,
    *,
    from_checkpoint: int = 0,
    progress: Progress | None = None,
) -> Report:
    """Verify the trail in the database that `dsn` names, with the text of the public key's file.

    Needs the right to SELECT and nothing of the running system. `checkpoint_file` may be a copy that was taken
    off the machine earlier. `progress` hears (rows read, rows in all). Raises `psycopg.Error` where the database
    cannot be read, `SettingError` where the key is malformed.
    """
    outside = CheckpointFile(checkpoint_file).read() if checkpoint_file else None
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        reader = TrailReader(connection)
        return Verifier(reader, public_keys(public_key), outside).run(
            from_checkpoint=from_checkpoint, progress=progress
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. See the module's docstring."""
    parser = argparse.ArgumentParser(
        prog="python -m services.audit.verification", description="Verify the audit trail."
    )
    parser.add_argument("--public-key", type=Path, required=True)
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--from-checkpoint", type=int, default=0)
    options = parser.parse_args(arguments)
    report = verify(
        os.environ["VILKAR_AUDIT_DSN"],
        options.public_key.read_text(encoding="ascii"),
        options.checkpoints,
        from_checkpoint=options.from_checkpoint,
    )
    for finding in report.findings:
        sys.stdout.write(f"{finding.code} {finding.at}\n")
    sys.stdout.write(
        f"{'whole' if report.ok else 'DAMAGED'}: {report.rows} rows read, {report.tree_size} in the trail, "
        f"{report.checkpoints} checkpoints, {report.unsealed_rows} rows not signed yet, root {report.root.hex()}\n"
    )
    return 0 if report.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
