"""A customer's life at the gateway, from sign-up to leaving."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from shared.terms import texts

TERMS_VERSION: Final = "v1"
"""The sample of terms that is shipped."""


class Ask(Protocol):
    """One request, which must be answered with the status `expect`; returns the body."""

    def __call__(
        self, method: str, path: str, *, expect: int, token: str | None = None, json: Any = None
    ) -> Any: ...


@dataclass(kw_only=True)
class Customer:
    """The person of a company who does everything, with the company's ids once they are known."""

    ask: Ask = field(repr=False)
    email: str
    password: str = field(repr=False)
    token: str = field(default="", repr=False)
    account_id: str = ""
    user_id: str = ""

    def sign_up(self, form: dict[str, Any]) -> None:
        """Send the form; doing it twice does no harm."""
        self.ask("POST", "/v1/accounts", json=form, expect=202)

    def confirm(self, token: str) -> None:
        """Follow the link of the letter: decide the password and accept the terms."""
        body = {"token": token, "password": self.password, "agreement": acceptance()}
        confirmed = self.ask("POST", "/v1/email-confirmations", json=body, expect=200)
        self.account_id, self.user_id = confirmed["account_id"], confirmed["user_id"]

    def log_in(self) -> None:
        """Open a session."""
        body = {"email": self.email, "password": self.password}
        self.token = self.ask("POST", "/v1/sessions", json=body, expect=201)["token"]

    def account(self) -> dict[str, Any]:
        """The account as its owner sees it."""
        found: dict[str, Any] = self.ask("GET", "/v1/account", token=self.token, expect=200)
        return found

    def change(self, **fields: Any) -> None:
        """Change something about the company."""
        body = {"version": self.account()["version"], **fields}
        self.ask("PATCH", "/v1/account", token=self.token, json=body, expect=200)

    def leave(self) -> None:
        """Make the account inactive."""
        body = {"version": self.account()["version"], "current_password": self.password}
        self.ask("POST", "/v1/account/deactivation", token=self.token, json=body, expect=200)


def choose_password(ask: Ask, token: str, password: str) -> None:
    """Follow the link of an invitation, or of a letter for a forgotten password."""
    ask("POST", "/v1/password-resets", json={"token": token, "new_password": password}, expect=204)


def acceptance() -> dict[str, Any]:
    """That a managing director accepts the terms and attests all there is to attest."""
    return {
        "version": TERMS_VERSION,
        "accepted": True,
        "authority": "managing_director",
        "attestations": dict.fromkeys(texts.SENTENCES, True),
    }
