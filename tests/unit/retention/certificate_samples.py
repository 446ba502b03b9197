"""Certificates as tests need them: bodies of both formats, and their signature by a key of the tests."""

from __future__ import annotations

from uuid import UUID, uuid4

from services.retention.certificates.format import FORMAT
from services.retention.certificates.signing import GENESIS
from shared.canonical_json import canonical
from shared.signing import SigningKey, signature_text, statement

KEY = SigningKey(bytes(range(32)))
ID = uuid4()
REFERENCE = UUID(int=7)
BODY = {
    "certificate_id": str(ID),
    "reference": str(REFERENCE),
    "sequence": 1,
    "previous": GENESIS,
    "kind": "account",
    "trigger": "account_inactivated",
    "trigger_date": "2026-11-30",
    "due_on": "2027-02-28",
    "executed_at": "2027-02-28T01:00:00+00:00",
    "outcome": "erased_except_held",
    "roles": ["controller", "processor"],
    "erased": [{"store": "account", "method": "rows_deleted", "counts": {"users": 7, "sessions": "under_5"}}],
    "keys_destroyed": 7,
    "key_destruction_id": "ab" * 32,
    "backups_expire_on": "2027-03-30",
    "key_copies_expire_on": "2027-03-07",
    "kept_by_law": [{"category": "agreement_acceptance", "basis": "bokforingsloven_13", "until": "2030-06-30"}],
    "held_back": [{"category": "everything", "of": "persons", "basis": "gdpr_18"}],
    "recipients": {"tripletex": "done"},
    "software_version": "0.1.0",
}

FIRST = {
    "certificate_id": str(ID),
    "reference": str(REFERENCE),
    "sequence": 1,
    "previous": GENESIS,
    "kind": "account",
    "trigger": "account_inactivated",
    "trigger_date": "2026-11-30",
    "due_on": "2027-02-28",
    "executed_at": "2027-02-28T01:00:00+00:00",
    "complete": False,
    "roles": ["controller", "processor"],
    "stores": [{"store": "account", "method": "rows_deleted", "counts": {"row": 7}}],
    "keys_destroyed": 7,
    "key_destruction_id": "ab" * 32,
    "backups_expire_on": "2027-04-06",
    "retained": [{"category": "letters", "basis": "gdpr_18", "until": None, "review_on": "2027-04-01"}],
    "recipients": {"tripletex": "done"},
    "software_version": "0.1.0",
}
"""The body of a certificate as it was issued in the first format."""


def signed(body, form=FORMAT):
    signature = signature_text(KEY.sign(statement(form, body)))
    return canonical({"certificate": body, "format": form, "key": KEY.public.id, "signature": signature}).decode()
