"""The version of the software, as it stands in certificates and documents."""

from typing import Final

VERSION: Final = "0.1.0"
