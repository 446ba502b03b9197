"""`python -m services.retention`: counts the three months and erases."""

from shared.bus import monkey_patch

monkey_patch.apply()

from functools import partial
from pathlib import Path

from services.retention.certificates.archive import CertificateArchive
from services.retention.service import Retention
from shared import backup_record
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.bus.ledger_start import begin_if_first, ledger_writer
from shared.config import CERTIFICATES_FILE, Settings
from shared.failpoints import Failpoints
from shared.privacy import Keyring
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from shared.system import PARTICIPANTS


def build(settings: Settings, parts: Parts) -> Retention:
    """Put the service together."""
    keyring = Keyring(settings.dsn("keyring", role="retention", instance="keyring"), kek=None)
    keyring.open()
    named = settings.raw.get("VILKAR_ERASURE_PARTICIPANTS", "")
    return Retention(
        database=parts.database,
        clock=parts.clock,
        caller=parts.caller,
        keyring=keyring,
        signing_key=SigningKey.parse(settings.secrets.read("certificate_signing_key")),
        ledger=_ledger(settings, parts),
        failpoints=Failpoints(settings.environment, settings.raw),
        backups=partial(backup_record.read, settings.backup_dir),
        archive=CertificateArchive(settings.certificates_dir / CERTIFICATES_FILE),
        ledger_copies=Path(copies) if (copies := settings.raw.get("VILKAR_LEDGER_COPIES_DIR")) else None,
        participants=tuple(name.strip() for name in named.split(",") if name.strip()) or PARTICIPANTS,
    )


def _ledger(settings: Settings, parts: Parts) -> LedgerWriter:
    """The ledger; whoever sets the system up has begun it, and where nobody did it is begun here."""
    ledger = ledger_writer(settings)
    begin_if_first(ledger, parts.database, parts.clock.now())
    return ledger


if __name__ == "__main__":
    service_process.run(build)
