"""By what somebody may enrol a passkey, and why one is revoked."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """By what somebody may enrol a key."""

    INVITATION = "invitation"
    SESSION = "session"
    RECOVERY_CODE = "recovery_code"
    RECOVERY_LINK = "recovery_link"


class Revocation(StrEnum):
    """Why a key proves nothing any more."""

    LOST = "lost"
    STOLEN = "stolen"
    REPLACED = "replaced"
    LEFT = "left"
    """Its owner is of the staff no more."""
    RECOVERED = "recovered"
    """Its owner has lost everything, and enrolled anew by a link."""
