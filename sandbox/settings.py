"""What the sandbox is told from outside, and what it uses when it is told nothing.

The default keys are invented and printed in the README: they open nothing but this sandbox.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.config import ENVIRONMENTS, SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_KEYS: Final = {
    "mailgun_api_key": "sandbox-mailgun-api-key",
    "mailgun_webhook_signing_key": "sandbox-mailgun-webhook-signing-key",
    "mailgun_webhook_path_secret": "sandbox-path-secret",
    "duty_hook_secret": "sandbox-duty-hook-secret",
    "tripletex_consumer_token": "test-sandbox-consumer-token",
    "tripletex_employee_token": "test-sandbox-employee-token",
}
SECRET_MARK: Final = "<secret>"  # noqa: S105  # a place in a URL, not a secret


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """Where the sandbox listens, what it remembers, and which keys it accepts."""

    environment: str = "test"
    host: str = "127.0.0.1"
    port: int = 8025
    state_dir: Path | None = None
    clock_dir: Path | None = None
    mailgun_domains: tuple[str, ...] = ()
    webhook_url: str | None = None
    mailgun_api_key: str = DEFAULT_KEYS["mailgun_api_key"]
    mailgun_webhook_signing_key: str = DEFAULT_KEYS["mailgun_webhook_signing_key"]
    mailgun_webhook_path_secret: str = DEFAULT_KEYS["mailgun_webhook_path_secret"]
    duty_hook_secret: str = DEFAULT_KEYS["duty_hook_secret"]
    tripletex_consumer_token: str = DEFAULT_KEYS["tripletex_consumer_token"]
    tripletex_employee_token: str = DEFAULT_KEYS["tripletex_employee_token"]

    def webhook_target(self) -> str | None:
        """The full address of Mailgun webhooks, with the path secret in its place (or at the end)."""
        if not self.webhook_url:
            return None
        secret = self.mailgun_webhook_path_secret
        if SECRET_MARK in self.webhook_url:
            return self.webhook_url.replace(SECRET_MARK, secret)
        base = self.webhook_url.rstrip("/")
        return base if base.endswith(f"/{secret}") else f"{base}/{secret}"


def load(source: Mapping[str, str] | None = None) -> SandboxSettings:
    """Read the settings from `source` (the process's environment by default).

    Raises `SettingError` in a production environment: nobody's letters may end in a sandbox.
    """
    env = os.environ if source is None else source
    environment = env.get("VILKAR_ENVIRONMENT", "production")
    if environment not in ENVIRONMENTS or environment == "production":
        raise SettingError(
            f"the sandbox starts in the environments demo and test only, not in {environment!r}; "
            "set VILKAR_ENVIRONMENT"
        )
    shared = env.get("VILKAR_STATE_DIR")
    own = env.get("VILKAR_SANDBOX_STATE_DIR") or shared
    return SandboxSettings(
        environment=environment,
        host=env.get("VILKAR_SANDBOX_HOST", "127.0.0.1"),
        port=_port(env.get("VILKAR_SANDBOX_PORT", "8025")),
        state_dir=Path(own) if own else None,
        clock_dir=Path(shared) if shared else None,
        mailgun_domains=tuple(env.get("VILKAR_MAILGUN_DOMAIN", "").replace(",", " ").split()),
        webhook_url=env.get("VILKAR_SANDBOX_WEBHOOK_URL") or None,
        **_keys(env.get("VILKAR_SECRETS_DIR")),
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004  # the range of TCP ports
        raise SettingError(f"VILKAR_SANDBOX_PORT must be a TCP port, not {text!r}")
    return int(text)


def _keys(folder: str | None) -> dict[str, str]:
    """The keys in `folder`; a file that is not there leaves the printed default."""
    if not folder:
        return {}
    keys = {}
    for name in DEFAULT_KEYS:
        path = Path(folder) / name
        if path.is_file():
            keys[name] = path.read_text(encoding="utf-8").strip()
    return keys
