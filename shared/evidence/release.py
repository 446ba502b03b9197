"""The outcomes of a release: what every test of each clause said of one version, signed with a key kept elsewhere.

A commit cannot hold its own result, so the signature is over the digests of all files but these two. Whoever has
the files checks: the outcomes are of exactly these, of earlier ones, or not genuine.

    shared/evidence/release/release.json   the statement, in JSON, with its signature
    shared/evidence/release/keys.txt       public keys, the present one first; VILKAR_RELEASE_SIGNERS names others
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared import signing
from shared.config import SettingError
from shared.evidence import tree
from shared.signing import PublicKey, SigningKey
from shared.terms import outcomes
from shared.terms.clauses import BY_ID
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check, Outcomes
from shared.terms.proof import Basis, Proof, Release

FOLDER: Final = tree.ROOT / tree.EVIDENCE
FILE, KEYS = tree.STATEMENT, tree.KEYS
SETTING: Final = "VILKAR_RELEASE_SIGNERS"
"""Public keys in base64, separated by blanks, in the place of those that came with the files."""

FORMAT: Final = "vilkar-release/1"


class NotGenuineError(ValueError):
    """The file was not written by `signed` with a key that is known, or was altered since."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is signed: which files, when they were tested, and what came of every test of each clause."""

    version: str
    tested_at: datetime
    signed_at: datetime
    files: tree.Manifest
    outcomes: Outcomes

    def body(self) -> dict[str, Any]:
        """The statement as JSON values; n of m of each clause stand in it, and which tests make them up."""
        return {
            "format": FORMAT,
            "version": self.version,
            "tested_at": self.tested_at.isoformat(),
            "signed_at": self.signed_at.isoformat(),
            "tree": tree.digest(self.files),
            "files": dict(self.files),
            "clauses": {clause_id: _of_clause(self.outcomes.get(clause_id, ())) for clause_id in BY_ID},
        }


def signed(statement: Statement, key: SigningKey) -> str:
    """The contents of the file."""
    body = statement.body()
    signature = signing.signature_text(key.sign(signing.statement(FORMAT, body)))
    return json.dumps(body | {"key": key.public.id, "signature": signature}, indent=1) + "\n"


def opened(text: str, keys: Iterable[PublicKey]) -> tuple[Statement, str]:
    """The statement of a file, and the id of the key that signed it. Raises `NotGenuineError`."""
    try:
        body: dict[str, Any] = json.loads(text)
        signature, name = signing.signature_of(body.pop("signature")), body.pop("key")
        key = next((each for each in keys if each.id == name), None)
        if key is None or not key.verifies(signature, signing.statement(FORMAT, body)) or body["format"] != FORMAT:
            raise NotGenuineError("no key that is known here signed this")
        statement = Statement(
            version=body["version"],
            tested_at=datetime.fromisoformat(body["tested_at"]),
            signed_at=datetime.fromisoformat(body["signed_at"]),
            files=body["files"],
            outcomes={
                clause_id: _checks(each, body["tree"]) for clause_id, each in body["clauses"].items() if each["of"]
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise NotGenuineError(f"this is no signed release: {type(error).__name__}") from None
    return statement, name


def known_keys(settings: Mapping[str, str], folder: Path = FOLDER) -> list[PublicKey]:
    """The keys that count here: those a setting names, else those that came with the files.

    Raises `SettingError` for one that is none.
    """
    text = settings.get(SETTING, "")
    if not text:
        path = folder / KEYS
        text = path.read_text(encoding="ascii") if path.is_file() else ""
    return [PublicKey.parse(each) for each in text.split()]


def proof(settings: Mapping[str, str], *, root: Path = tree.ROOT) -> Proof:
    """What tests said of the files under `root`: at their release, and on this machine."""
    on_machine = outcomes.read(outcomes.OUTCOMES_FILE)
    path = root / tree.EVIDENCE / FILE
    if not path.is_file():
        return Proof(checks=_on_this_tree(on_machine, root))
    try:
        statement, key = opened(path.read_text(encoding="utf-8"), known_keys(settings, path.parent))
    except (NotGenuineError, SettingError):
        return Proof(release=Release(basis=Basis.NOT_GENUINE), checks=_on_this_tree(on_machine, root))
    differing = tree.differing(statement.files, root)
    release = Release(
        basis=Basis.EARLIER if differing else Basis.THIS,
        version=statement.version,
        tested_at=statement.tested_at,
        signed_at=statement.signed_at,
        key=key,
        differing=differing,
    )
    if differing:
        return Proof(release=release, checks=_on_this_tree(on_machine, root), released=statement.outcomes)
    failed = {
        clause_id: tuple(each for each in checks if each.outcome == FAILED)
        for clause_id, checks in outcomes.of_tree(on_machine, tree.digest(statement.files)).items()
    }
    return Proof(
        release=release,
        checks=outcomes.together(statement.outcomes, failed),
        released=statement.outcomes,
    )


def _on_this_tree(recorded: Outcomes, root: Path) -> Outcomes:
    return outcomes.of_tree(recorded, tree.digest(tree.manifest(root))) if recorded else {}


def _of_clause(checks: Iterable[Check]) -> dict[str, Any]:
    known = list(checks)
    by_word = {
        word: sorted(each.test for each in known if each.outcome == word) for word in (PASSED, FAILED, NOT_RUN)
    }
    named = {word.replace(" ", "_"): tests for word, tests in by_word.items() if tests}
    return {"of": len(known), "n": len(by_word[PASSED]), **named}


def _checks(each: Mapping[str, Any], of_tree: str) -> tuple[Check, ...]:
    return tuple(
        sorted(
            Check(test, word, of_tree)
            for word in (PASSED, FAILED, NOT_RUN)
            for test in each.get(word.replace(" ", "_"), ())
        )
    )
