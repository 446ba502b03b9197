"""What a request says beside the call, by the names of its headers."""

from __future__ import annotations

from typing import Final

TIME_LIMIT: Final = "Time-Limit"
"""For how many seconds, one at least, whoever asks waits at most. Without a session it counts for nothing."""
APPROVAL: Final = "Approval-Id"
"""The approval by another person, for an act that takes two."""
REHEARSAL: Final = "Rehearsal"
"""Where it is `true`, an act that takes two is only tried, to know whether it would be refused."""
TRUE: Final = "true"
PURPOSE: Final = "Purpose"
"""What is asked for, where it is to be another purpose than that of the grant."""
KEY: Final = "Idempotency-Key"
"""By which a command that comes twice is carried out once."""
