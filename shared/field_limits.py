"""How long what customers enter may be: the service that keeps it and the door that describes it say the same."""

from __future__ import annotations

from typing import Final

LINE_LIMIT: Final = 200
"""Characters of a name, an address, a number: whatever is one line, after trimming."""
PASSWORD_READ_LIMIT: Final = 1024
"""More characters than this are not even read; what a new password must have is a rule of its own."""
PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 256
TOKEN_MIN: Final = 20
TOKEN_MAX: Final = 100
"""Of a session and of the link in a letter."""
USERS_AT_SIGN_UP_LIMIT: Final = 50
