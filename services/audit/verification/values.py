"""What a verification finds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the trail that is not as it was written; `at` is a row's or a checkpoint's number."""

    code: str
    at: int


@dataclass(slots=True)
class Report:
    """The result of a verification. The trail is whole when `findings` is empty."""

    rows: int = 0
    tree_size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    unsealed_rows: int = 0
    resumed_from: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything was as it was written."""
        return not self.findings
