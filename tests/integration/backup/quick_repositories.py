"""restic as it is, but a new repository in a folder has a key that is derived from its password at once.

restic makes the derivation of a key last half a second, and does so at each of its hundreds of starts in these
tests. What it keeps, how that is encrypted, and everything after the key is as ever. Repositories elsewhere than in
a folder, and of passwords that are not told here, are made by restic alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

QUICK: Final = {"N": 2, "r": 8, "p": 1}
"""The least that scrypt takes."""
PROGRAM: Final = """#!/bin/sh
case "$RESTIC_REPOSITORY $* " in
    /*" init "*)
        made={folder}/$(sha256sum <"$RESTIC_PASSWORD_FILE" | cut -c1-64)
        [ -d "$made" ] && [ ! -e "$RESTIC_REPOSITORY/config" ] && mkdir -p "$RESTIC_REPOSITORY" &&
            exec cp -r "$made/." "$RESTIC_REPOSITORY" ;;
esac
exec {restic} "$@"
"""


def install(folder: Path, restic: str, passwords: Iterable[Path]) -> None:
    """Put such a `restic` into a folder; `passwords` are the files with those of the repositories to come."""
    first, *others = sorted(passwords)
    template = folder / "first"
    env = {**os.environ, "RESTIC_REPOSITORY": str(template), "RESTIC_PASSWORD_FILE": str(first)}
    subprocess.run([restic, "--no-cache", "--quiet", "init"], env=env, check=True, capture_output=True, timeout=120)
    (strong,) = (template / "keys").iterdir()
    key = json.loads(strong.read_text())
    strong.unlink()
    for file in (first, *others):
        made = folder / hashlib.sha256(file.read_bytes()).hexdigest()
        subprocess.run(["cp", "-r", template, made], check=True)
        text = json.dumps(_derived_at_once(key, _password(first), _password(file))).encode()
        (made / "keys" / hashlib.sha256(text).hexdigest()).write_bytes(text)
    program = folder / "restic"
    program.write_text(PROGRAM.format(folder=shlex.quote(str(folder)), restic=shlex.quote(restic)))
    program.chmod(0o755)


def _password(file: Path) -> bytes:
    return file.read_bytes().strip()


def _derived_at_once(key: dict[str, Any], password: bytes, another: bytes) -> dict[str, Any]:
    """A key file with the same master key, under another password and `QUICK`."""
    sealed = base64.b64decode(key["data"])
    nonce, body = sealed[:16], sealed[16:-16]
    master = _counted(_derive(key, password)[:32], nonce, body)
    weak = {**key, **QUICK}
    derived, nonce = _derive(weak, another), os.urandom(16)
    body = _counted(derived[:32], nonce, master)
    # Poly1305-AES: the second half of the key is AES of the nonce.
    block = Cipher(algorithms.AES(derived[32:48]), modes.ECB()).encryptor().update(nonce)  # noqa: S305  # one block
    tag = Poly1305.generate_tag(derived[48:] + block, body)
    return {**weak, "data": base64.b64encode(nonce + body + tag).decode()}


def _derive(key: dict[str, Any], password: bytes) -> bytes:
    salt = base64.b64decode(key["salt"])
    return hashlib.scrypt(password, salt=salt, n=key["N"], r=key["r"], p=key["p"], dklen=64, maxmem=1 << 30)


def _counted(key: bytes, nonce: bytes, text: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor().update(text)
