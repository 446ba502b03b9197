"""The few kinds of failure, and what each asks of whoever meets it.

`Transient` is tried again, `Permanent` is parked, `Refused` is told to the caller.
Adapters translate foreign errors into these once, at the border; nothing else crosses a room's door.
Messages never carry values of personal data: they name fields, codes and limits.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final


class VilkarError(Exception):
    """Something went wrong that this product has a word for."""


class Transient(VilkarError):
    """The same work may well succeed later; try again with growing delay."""


class Permanent(VilkarError):
    """The same work will fail again; park it with its reason."""


ASK_VENDOR: Final = {"ask": "vendor"}
"""Stands among the details of a refusal after which only the vendor can help.

Services do not know who that is. Whoever shows the refusal to a person names the contact (`shared.vendor_imprint`).
"""


class Unavailable(Transient):
    """The other side could not be reached or is not answering."""


class DeadlineExceeded(Transient):
    """The time limit of this work ran out; whether the other side did it is not known."""


class Refused(VilkarError):
    """The request cannot be carried out as asked; the caller is told why and nothing was changed."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str | None = None, *, details: dict[str, Any] | None = None) -> None:
        """Keep the sentence for the caller and `details`, which must hold no personal data."""
        super().__init__(message or (self.__doc__ or "").strip())
        self.message = str(self.args[0])
        self.details = details or {}

    @property
    def asks_vendor(self) -> bool:
        """Whether only the vendor can help (`ASK_VENDOR`)."""
        return ASK_VENDOR.items() <= self.details.items()


class Invalid(Refused):
    """The request has unknown, missing or malformed fields."""

    code = "invalid"
    status = 422


class Unauthenticated(Refused):
    """There is no valid session for this request."""

    code = "unauthenticated"
    status = 401


class Forbidden(Refused):
    """This actor may not do this."""

    code = "forbidden"
    status = 403


class NotFound(Refused):
    """There is no such thing, or it is not yours."""

    code = "not_found"
    status = 404


class Conflict(Refused):
    """The thing has changed since it was read, or is not in a state that allows this."""

    code = "conflict"
    status = 409


class Locked(Refused):
    """The account is inactive: nothing can be read from it or entered into it."""

    code = "locked"
    status = 423


class TooMany(Refused):
    """Too many attempts; wait before the next one."""

    code = "too_many"
    status = 429


class Restoring(Refused):
    """The service is bringing itself up to date after a restore and does not answer yet."""

    code = "restoring"
    status = 503


class Internal(VilkarError):
    """An unexpected fault; only its id leaves the process, the rest stays in the log."""

    def __init__(self, error_id: str) -> None:
        """`error_id` is what the log line carries too."""
        super().__init__(f"internal error {error_id}")
        self.error_id = error_id


REFUSALS: dict[str, type[Refused]] = {
    cls.code: cls
    for cls in (
        Refused,
        Invalid,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        Locked,
        TooMany,
        Restoring,
    )
}
