"""`python -m services.retention`: counts the three months and erases."""

from shared.bus import bootstrap

bootstrap.patch()

from services.retention.certificate import SigningKey
from services.retention.service import PARTICIPANTS, Retention
from shared.bus import runner
from shared.bus.declarations import Parts
from shared.config import Settings
from shared.privacy import Kek, Keyring


def build(settings: Settings, parts: Parts) -> Retention:
    """Put the service together."""
    keyring = Keyring(
        settings.dsn("keyring", role="retention", instance="keyring"), kek=Kek.parse(settings.secrets.read("kek"))
    )
    keyring.open()
    named = settings.raw.get("VILKAR_ERASURE_PARTICIPANTS", "")
    return Retention(
        database=parts.database,
        clock=parts.clock,
        caller=parts.caller,
        keyring=keyring,
        signing_key=SigningKey.parse(settings.secrets.read("certificate_signing_key")),
        participants=tuple(name.strip() for name in named.split(",") if name.strip()) or PARTICIPANTS,
    )


if __name__ == "__main__":
    runner.run(build)
