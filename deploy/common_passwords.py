"""Make services/account/passwords/data/common_passwords.bin of a list of passwords, one a line, by frequency.

python -m deploy.common_passwords LIST
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from services.account.passwords.common_passwords import FILE, digest
from services.account.passwords.rules import CHARACTERS_MIN


def packed(lines: Iterable[str]) -> bytes:
    """The digests of those that are long enough to be a password here, sorted."""
    plain = (unicodedata.normalize("NFKC", line.rstrip("\r\n")).casefold() for line in lines)
    return b"".join(sorted({digest(each) for each in plain if len(each) >= CHARACTERS_MIN}))


def main() -> None:
    """Write the file."""
    with Path(sys.argv[1]).open(encoding="utf-8", errors="replace") as lines:
        FILE.write_bytes(packed(lines))


if __name__ == "__main__":
    main()
