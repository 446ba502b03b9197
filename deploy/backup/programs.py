"""The programs that backups are made with, each run with a limit and a bare environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.backup.errors import BackupFailed

_POSTGRES: Final = Path("/usr/lib/postgresql")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TOLD_CHARACTERS: Final = 400
_TOLD_LINES: Final = 3
_CHUNK_BYTES: Final = 1 << 20
PASSED_THROUGH: Final = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_DEFAULT_REGION")
_VALUES: Final = re.compile(r'"[^"]*"|\([^()]*\)|\b[0-9a-f]{40,}\b')


def restic() -> str:
    """The path of restic. Raises `BackupFailed` where it is not installed."""
    path = shutil.which("restic", path=os.environ.get("PATH", _PATH))
    if path is None:
        raise BackupFailed("restic is not installed (apt-get install restic)")
    return path


def postgres(program: str) -> str:
    """The path of one of PostgreSQL's client programs, of the newest version installed. Raises `BackupFailed`."""
    versions = sorted(
        (int(folder.name), folder / "bin" / program)
        for folder in (_POSTGRES.iterdir() if _POSTGRES.is_dir() else ())
        if folder.name.isdigit() and (folder / "bin" / program).exists()
    )
    path = str(versions[-1][1]) if versions else shutil.which(program)
    if path is None:
        raise BackupFailed(f"{program} is not installed (apt-get install postgresql-client)")
    return path


def run(
    argv: Sequence[str], *, env: Mapping[str, str], limit_s: float, cwd: Path | None = None, user: str | None = None
) -> str:
    """Return what a program printed. Raises `BackupFailed`, which tells the end of its complaint without values.

    The program sees `env` and of our own environment only where to find programs and certificates. `user` is who
    it runs as, where that is not ourselves.
    """
    name = Path(argv[0]).name
    try:
        ended = subprocess.run(
            list(argv), check=False, capture_output=True, text=True, errors="replace", timeout=limit_s, cwd=cwd,
            stdin=subprocess.DEVNULL, env=environment(env), user=user, group=user,
            extra_groups=[] if user else None,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        complaint = plain((late.stderr or b"").decode(errors="replace"))
        raise BackupFailed(f"{name} did not end within {limit_s:.0f} s: {complaint}") from None
    if ended.returncode != 0:
        raise BackupFailed(f"{name} failed ({ended.returncode}): {plain(ended.stderr)}")
    return ended.stdout


def stream(argv: Sequence[str], *, env: Mapping[str, str], limit_s: float) -> Iterator[bytes]:
    """What a program prints, piece by piece, none of it kept. Raises `BackupFailed` as `run` does.

    A program whose reader goes away before the end is ended.
    """
    name = Path(argv[0]).name
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            list(argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, env=environment(env)
        )
        late = threading.Timer(limit_s, process.kill)
        late.start()
        try:
            assert process.stdout is not None  # noqa: S101  # asked for above
            while chunk := process.stdout.read(_CHUNK_BYTES):
                yield chunk
            process.wait()
        finally:
            late.cancel()
            process.kill()
            process.communicate()
        if process.returncode != 0:
            complaints.seek(0)
            complaint = plain(complaints.read().decode(errors="replace"))
            raise BackupFailed(f"{name} failed ({process.returncode}): {complaint}")


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """What a program sees: `env`, and of our own environment where to find programs and certificates."""
    passed = {key: os.environ[key] for key in PASSED_THROUGH if key in os.environ}
    return {"PATH": _PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC", **passed, **env}


def plain(complaint: str) -> str:
    """The beginning and the end of a program's complaint without what may be a value from a row.

    What stands in quotes or parentheses is left out, and so are the lines in which PostgreSQL repeats a row.
    """
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    harmless = [line for line in lines if not line.startswith(("DETAIL", "CONTEXT", "HINT", "Command was"))]
    ends = harmless if len(harmless) <= _TOLD_LINES else [*harmless[: _TOLD_LINES - 1], harmless[-1]]
    return _VALUES.sub("…", " / ".join(ends))[:_TOLD_CHARACTERS] or "it said nothing"
