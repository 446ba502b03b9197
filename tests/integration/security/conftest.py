"""The account service as its own integration tests have it."""

from tests.integration.account.conftest import account_parts, world

__all__ = ["account_parts", "world"]
