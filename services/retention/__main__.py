"""`python -m services.retention`: counts the three months and erases."""

from shared.bus import bootstrap

bootstrap.patch()

from contextlib import suppress
from pathlib import Path

from services.retention.archive import CertificateArchive
from services.retention.certificate import SigningKey
from services.retention.service import PARTICIPANTS, Retention
from shared import signing
from shared.bus import runner
from shared.bus.admission import ledger_keys
from shared.bus.declarations import Parts
from shared.config import CERTIFICATES_FILE, Settings
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from shared.privacy import KekFile, Keyring
from shared.privacy.gate import position_of
from shared.privacy.ledger_writer import LedgerWriter


def build(settings: Settings, parts: Parts) -> Retention:
    """Put the service together."""
    keyring = Keyring(settings.dsn("keyring", role="retention", instance="keyring"), kek=KekFile(settings.secrets))
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
        archive=CertificateArchive(settings.certificates_dir / CERTIFICATES_FILE),
        ledger_copies=Path(copies) if (copies := settings.raw.get("VILKAR_LEDGER_COPIES_DIR")) else None,
        participants=tuple(name.strip() for name in named.split(",") if name.strip()) or PARTICIPANTS,
    )


def _ledger(settings: Settings, parts: Parts) -> LedgerWriter:
    """The ledger, begun where this is the first start of all: no database has ever seen one.

    Where this database has seen one and it is gone, nothing is begun, and the gate stays shut.
    """
    key = signing.SigningKey.parse(settings.secrets.read("ledger_signing_key"))
    older = [each for each in ledger_keys(settings) if each.id != key.public.id]
    ledger = LedgerWriter(settings.ledger_file, signing_key=key, older_keys=older)
    if not ledger.path.exists() and position_of(parts.database) is None:
        with suppress(FileExistsError):  # another replica began it a moment ago
            ledger.create(new_id(), parts.clock.now())
    return ledger


if __name__ == "__main__":
    runner.run(build)
