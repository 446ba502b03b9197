"""`python -m services.billing_sync`: keeps Tripletex true."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.billing_sync.service import BillingSync
from services.billing_sync.tripletex.client import Tripletex
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import Settings


def build(settings: Settings, parts: Parts) -> BillingSync:
    """Put the service together."""
    secrets = settings.secrets
    tripletex = Tripletex(
        settings.tripletex_url,
        consumer_token=secrets.read("tripletex_consumer_token"),
        employee_token=secrets.read("tripletex_employee_token"),
        now=parts.clock.now,
    )
    return BillingSync(
        database=parts.database,
        clock=parts.clock,
        caller=parts.caller,
        tripletex=tripletex,
        no_marketing_category=settings.tripletex_no_marketing_category,
        hash_key=secrets.read("blind_index_key").encode(),
    )


if __name__ == "__main__":
    service_process.run(build)
