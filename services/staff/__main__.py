"""The process of the vendor's people: `python -m services.staff`."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.staff.demo_staff.values import Wanted
from services.staff.service import Staff
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.bus.service_restore_gate import ledger_keys
from shared.config import Settings
from shared.privacy.blind_index import BlindIndex
from shared.statements import StatementSigner
from shared.webauthn import RelyingParty


def build(settings: Settings, parts: Parts) -> Staff:
    """Put the service together. Production takes no key of an authenticator in software."""
    return Staff(
        database=parts.database,
        clock=parts.clock,
        party=RelyingParty.of_url(settings.desk_public_url),
        software_keys=settings.environment != "production",
        signer=StatementSigner.parse(settings.secrets.read("statement_signing_key")),
        ledger_keys=ledger_keys(settings),
        spent_codes=BlindIndex.parse(settings.secrets.read("spent_code_key")),
        state_dir=settings.state_dir,
        invented=Wanted(here=settings.has_invented_people, environment=settings.environment),
    )


if __name__ == "__main__":
    service_process.run(build)
