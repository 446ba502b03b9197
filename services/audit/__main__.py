"""`python -m services.audit`: hears everything and keeps it provably."""

from shared.bus import monkey_patch

monkey_patch.apply()

from pathlib import Path

from services.audit.anomalies.places import Places
from services.audit.checkpoints.file import CheckpointFile
from services.audit.service import Audit
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import CHECKPOINTS_FILE, SettingError, Settings
from shared.privacy import BlindIndex, KekFile, Keyring, Vault
from shared.signing import SigningKey, export_public_key
from shared.terms import parameter


def build(settings: Settings, parts: Parts) -> Audit:
    """Put the service together."""
    secrets = settings.secrets
    keyring = Keyring(settings.dsn("keyring", role="audit", instance="keyring"), kek=KekFile(secrets))
    keyring.open()
    signer = SigningKey.parse(secrets.read("audit_signing_key"))
    folder = settings.checkpoints_dir
    service = Audit(
        database=parts.database,
        clock=parts.clock,
        caller=parts.caller,
        vault=Vault(keyring),
        index=BlindIndex.parse(secrets.read("blind_index_key")),
        signer=signer,
        public_keys=export_public_key(folder / "public_key", signer.public),
        outside=CheckpointFile(folder / CHECKPOINTS_FILE),
        login_months=_login_months(settings),
        places=_places(settings),
    )
    service.ready()
    return service


def _login_months(settings: Settings) -> int:
    default = parameter("log.login_retention").default
    cap = parameter("log.login_retention_cap").default
    text = settings.raw.get("VILKAR_LOGIN_RETENTION_MONTHS", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= cap:
        raise SettingError(f"VILKAR_LOGIN_RETENTION_MONTHS must be a whole number from 1 to {cap}")
    return int(text)


def _places(settings: Settings) -> Places:
    """The operator's table of networks and where they are; an empty one where none is configured."""
    path = settings.raw.get("VILKAR_NETWORK_PLACES", "")
    if not path:
        return Places()
    try:
        return Places.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"VILKAR_NETWORK_PLACES: {error}") from None


if __name__ == "__main__":
    service_process.run(build)
