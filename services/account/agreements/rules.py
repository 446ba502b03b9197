"""What is decided about an acceptance of the terms. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.account.agreements.calls import Agreement
from shared.errors import Conflict, Invalid
from shared.terms import enforces
from shared.terms.clauses import collection, documents, duties

AGREEMENT_IP_KEPT: Final = timedelta(days=90)


@enforces(documents.DPA_WITH_THE_ACCOUNT, collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE, duties.FOUR_ATTESTATIONS)
def check_agreement(agreement: Agreement, current_version: str, text_sha256: str | None = None) -> list[str]:
    """The attestations given, all four.

    Raises `Conflict` for another version or another text, `Invalid` for less than all of them.

    `text_sha256` is the digest of the text in force, in the language of the sign-up.
    """
    if agreement.version != current_version:
        raise Conflict(
            "the terms have a newer version, which has not been accepted", details={"version": current_version}
        )
    if agreement.text_sha256 not in (None, text_sha256):
        raise Conflict("another text was shown than the one in force", details={"version": current_version})
    if not agreement.accepted:
        raise Invalid("the terms must be accepted", details={"agreement": {"accepted": ["must be true"]}})
    attested = agreement.attestations.given()
    missing = sorted(name for name, is_given in attested.items() if not is_given)
    if missing:
        details = {name: ["must be true"] for name in missing}
        raise Invalid("every attestation must be given", details={"agreement": {"attestations": details}})
    return sorted(attested)


@enforces(collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE)
def check_new_agreement(
    agreement: Agreement | None, current_version: str, text_sha256: str | None = None
) -> list[str]:
    """The attestations given by somebody whose address is proved; the rest is as in `check_agreement`.

    Raises `Conflict` where none was accepted.
    """
    if agreement is None:
        raise Conflict(
            "the contract is concluded, at first or once it has ended, by accepting the terms in force",
            details={"reason": "acceptance_needed", "version": current_version},
        )
    return check_agreement(agreement, current_version, text_sha256)
