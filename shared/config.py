"""Settings from the environment, secrets from files; a wrong one is refused at start with its name.

No secret is read from the environment, so none shows up in a process listing or an image's history.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast
from urllib.parse import quote

from shared import production, started

if TYPE_CHECKING:
    from collections.abc import Mapping

from shared.terms.texts import DEMO

Environment = Literal["demo", "test", "production"]
LEDGER_FILE: Final = "ledger.jsonl"
CERTIFICATES_FILE: Final = "certificates.jsonl"
CHECKPOINTS_FILE: Final = "checkpoints.jsonl"
ENVIRONMENTS: Final = ("demo", "test", "production")


class SettingError(RuntimeError):
    """A setting or secret is missing or malformed; the message names it and never shows a secret's value."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Secret files of one process: one value a file, read when asked for."""

    folder: Path

    def read(self, name: str) -> str:
        """The secret `name`, without surrounding blanks. Raises `SettingError` when absent or empty."""
        try:
            value = (self.folder / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"the secret {name!r} cannot be read: {type(error).__name__}") from None
        if not value:
            raise SettingError(f"the secret {name!r} is empty")
        return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a process is told from outside. Hosts are names or addresses, ports are TCP ports.

    `terms_dir` holds the texts that customers accept, the sample where none is named. `state_dir` holds the movable
    clock; `backup_dir` what is known of the backups. Both, and the folders of
    certificates and checkpoints, are one unless they are told apart.
    """

    environment: Environment
    secrets: Secrets
    state_dir: Path
    ledger_dir: Path
    certificates_dir: Path
    checkpoints_dir: Path
    backup_dir: Path
    terms_dir: Path
    db_host: str
    db_port: int
    keyring_host: str
    keyring_port: int
    broker_host: str
    broker_port: int
    broker_vhost: str
    broker_user: str
    health_host: str
    health_port: int
    gateway_host: str
    gateway_inner_port: int
    gateway_public_url: str
    desk_host: str
    desk_port: int
    desk_public_url: str
    mailgun_url: str
    mailgun_domain: str
    tripletex_url: str
    tripletex_no_marketing_category: int | None
    """The category of customers at Tripletex that says that somebody of the customer wants no marketing."""
    register_url: str
    sandbox_host: str
    sandbox_port: int
    log_level: str
    raw: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def ledger_file(self) -> Path:
        """The ledger itself."""
        return self.ledger_dir / LEDGER_FILE

    @property
    def folders(self) -> list[Path]:
        """The folders of files outside the databases, each that lies in no other."""
        apart = (self.certificates_dir, self.checkpoints_dir, self.backup_dir)
        return [self.state_dir, *(each for each in apart if not each.is_relative_to(self.state_dir))]

    @property
    def movable_clock(self) -> bool:
        """Whether the clock may be moved here."""
        return self.environment in ("demo", "test")

    @property
    def has_invented_people(self) -> bool:
        """Whether the invented people of a demo come here: in a demo, in a test that asks for them, else never."""
        setting = self.raw.get("VILKAR_INVENTED_PEOPLE", "yes" if self.environment == "demo" else "no")
        if setting not in ("yes", "no"):
            raise SettingError(f"VILKAR_INVENTED_PEOPLE must be yes or no, not {setting!r}")
        return setting == "yes" and self.environment != "production"

    def dsn(self, database: str, *, role: str | None = None, instance: str = "db") -> str:
        """A libpq connection string for `database` as `role` with the limits every connection has."""
        host, port = (self.db_host, self.db_port) if instance == "db" else (self.keyring_host, self.keyring_port)
        password = self.secrets.read("db_password" if instance == "db" else "keyring_password")
        return dsn(host=host, port=port, database=database, role=role or database, password=password)

    def broker_url(self, *, user: str | None = None, password: str | None = None) -> str:
        """The AMQP address with its password, never logged; for this process, or for another `user`."""
        given = password if user is not None and password else self.secrets.read("broker_password")
        name, word, vhost = (quote(text, safe="") for text in (user or self.broker_user, given, self.broker_vhost))
        return f"amqp://{name}:{word}@{self.broker_host}:{self.broker_port}/{vhost}"


def dsn(*, host: str, port: int, database: str, role: str, password: str) -> str:
    """A libpq connection string whose every wait has a limit (milliseconds, seconds for keepalives)."""
    options = (
        "-c statement_timeout=15000 -c lock_timeout=5000 "
        "-c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
    )
    return (
        f"host={host} port={port} dbname={database} user={role} password={_quoted(password)} "
        f"connect_timeout=5 tcp_user_timeout=10000 keepalives=1 keepalives_idle=10 keepalives_interval=5 "
        f"keepalives_count=3 application_name={role} options='{options}'"
    )


def _quoted(value: str) -> str:
    """One value of a connection string, whatever is in it: libpq's own complaint would repeat a part of it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _integer(source: Mapping[str, str], name: str, default: int) -> int:
    text = source.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {text!r}") from None
    if not 0 <= value <= 65535:  # noqa: PLR2004  # the range of TCP ports
        raise SettingError(f"{name} must be between 0 and 65535, not {value}")
    return value


def load(source: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `source` (the process's environment by default).

    Raises `SettingError`; in production also where a setting would make a demo of it (`shared.production`).
    """
    env = os.environ if source is None else source
    if env.get("VILKAR_ENVIRONMENT", "production") == "production" and (wrong := production.faults(env)):
        raise SettingError("; ".join(wrong))
    return load_for_commands(env)


def load_for_commands(source: Mapping[str, str] | None = None) -> Settings:
    """Read the settings for a command line, which asks a system and is none. Raises `SettingError`.

    On somebody's own machine there are no settings of a system, and none of them is needed there.
    """
    env = os.environ if source is None else source
    environment = env.get("VILKAR_ENVIRONMENT", "production")
    if environment not in ENVIRONMENTS:
        raise SettingError(f"VILKAR_ENVIRONMENT must be one of {', '.join(ENVIRONMENTS)}, not {environment!r}")
    state_dir = Path(env.get("VILKAR_STATE_DIR", "/var/lib/vilkar"))
    return Settings(
        environment=cast("Environment", environment),
        secrets=Secrets(folder=Path(env.get("VILKAR_SECRETS_DIR", "/run/vilkar/secrets"))),
        state_dir=state_dir,
        ledger_dir=Path(env.get("VILKAR_LEDGER_DIR", str(state_dir / "ledger"))),
        certificates_dir=Path(env.get("VILKAR_CERTIFICATES_DIR", str(state_dir / "certificates"))),
        checkpoints_dir=Path(env.get("VILKAR_CHECKPOINTS_DIR", str(state_dir / "audit"))),
        backup_dir=Path(env.get("VILKAR_BACKUP_STATE_DIR", str(state_dir))),
        terms_dir=Path(env.get("VILKAR_TERMS_DIR") or DEMO),
        db_host=env.get("VILKAR_DB_HOST", "db"),
        db_port=_integer(env, "VILKAR_DB_PORT", 5432),
        keyring_host=env.get("VILKAR_KEYRING_HOST", "keyring"),
        keyring_port=_integer(env, "VILKAR_KEYRING_PORT", 5432),
        broker_host=env.get("VILKAR_BROKER_HOST", "broker"),
        broker_port=_integer(env, "VILKAR_BROKER_PORT", 5672),
        broker_vhost=env.get("VILKAR_BROKER_VHOST", "vilkar"),
        broker_user=env.get("VILKAR_BROKER_USER", "vilkar"),
        health_host=env.get("VILKAR_HEALTH_HOST", "127.0.0.1"),
        health_port=_integer(env, "VILKAR_HEALTH_PORT", 8090),
        gateway_host=env.get("VILKAR_GATEWAY_HOST", "127.0.0.1"),
        gateway_inner_port=_integer(env, "VILKAR_GATEWAY_INNER_PORT", 8001),
        gateway_public_url=env.get(
            "VILKAR_GATEWAY_PUBLIC_URL", f"http://127.0.0.1:{env.get('VILKAR_GATEWAY_PORT', '8000')}"
        ),
        desk_host=env.get("VILKAR_DESK_HOST", "127.0.0.1"),
        desk_port=_integer(env, "VILKAR_DESK_PORT", 8010),
        desk_public_url=env.get(
            "VILKAR_DESK_PUBLIC_URL", f"http://desk.localhost:{env.get('VILKAR_DESK_PORT', '8010')}"
        ),
        mailgun_url=env.get("VILKAR_MAILGUN_URL", "https://api.eu.mailgun.net"),
        mailgun_domain=env.get("VILKAR_MAILGUN_DOMAIN", "mg.example.no"),
        tripletex_url=env.get("VILKAR_TRIPLETEX_URL", "https://tripletex.no/v2"),
        tripletex_no_marketing_category=_integer(env, "VILKAR_TRIPLETEX_NO_MARKETING_CATEGORY", 0) or None,
        register_url=env.get("VILKAR_REGISTER_URL", "https://data.brreg.no/enhetsregisteret/api"),
        sandbox_host=env.get("VILKAR_SANDBOX_HOST", "127.0.0.1"),
        sandbox_port=_integer(env, "VILKAR_SANDBOX_PORT", 8025),
        log_level=env.get("VILKAR_LOG_LEVEL", "INFO").upper(),
        raw=dict(env),
    )


def load_to_start(process: str) -> Settings:
    """Read the settings for a process that cannot do without: a wrong one ends it with one sentence."""
    started.loaded()
    try:
        return load()
    except SettingError as error:
        sys.stderr.write(f"{process} could not start: {error}\n")
        raise SystemExit(1) from None
