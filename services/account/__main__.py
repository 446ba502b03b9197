"""The process of the account service: `python -m services.account`."""

from shared.bus import monkey_patch

monkey_patch.apply()

from typing import Final
from urllib.parse import urlsplit

from services.account.authentication.password_hashing import PasswordHashing
from services.account.exports.means import ExportMeans
from services.account.exports.values import Answerer
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister, user_agent_of
from services.account.service import AccountService
from shared import vendor_imprint
from shared.bus import service_process, wire
from shared.bus.declarations import Parts
from shared.bus.rpc_client import BusCaller
from shared.config import SettingError, Settings
from shared.privacy import BlindIndex, KekFile, Keyring, Vault
from shared.signing import SigningKey
from shared.system import CONTRIBUTORS, SERVICES
from shared.terms import texts

OUTSIDE: Final = "VILKAR_OUTSIDE_CONTRIBUTORS"
MAILGUN_IN_USA: Final = "api.mailgun.net"
"""Whoever sends through this host has Mailgun handle it outside the EEA."""


def build(settings: Settings, parts: Parts) -> AccountService:
    """Wire the service: its keyring, its digests, the register it asks, the terms its customers accept."""
    secrets = settings.secrets
    keyring = Keyring(settings.dsn("keyring", role="account", instance="keyring"), kek=KekFile(secrets))
    keyring.open()
    sealing = Sealing(Vault(keyring), BlindIndex.parse(secrets.read("blind_index_key")))
    sealing.prepare(parts.clock.now())
    vendor = vendor_imprint.read(settings)
    outside = _outside_contributors(settings)
    service = AccountService(
        database=parts.database,
        clock=parts.clock,
        sealing=sealing,
        hashing=PasswordHashing(),
        exporting=ExportMeans(
            caller=parts.caller,
            signing_key=SigningKey.parse(secrets.read("export_signing_key")),
            contributors=CONTRIBUTORS,
            outside=outside,
            outside_caller=BusCaller(settings.broker_url(), name="account", asks_outside=True) if outside else None,
            answerer=Answerer(
                vendor=vendor.name,
                keys_at=f"{settings.gateway_public_url.rstrip('/')}/exports/keys",
                accountant=vendor.accountant,
                mail_in_eea=urlsplit(settings.mailgun_url).hostname != MAILGUN_IN_USA,
            ),
        ),
        register=BusinessRegister(settings.register_url, user_agent=user_agent_of(vendor.contact)),
        terms=_terms(settings),
        vendor_name=vendor.name,
    )
    service.ready()
    return service


def _outside_contributors(settings: Settings) -> tuple[str, ...]:
    """The services of others that contribute to copies. Raises `SettingError` for a name that is none, or ours."""
    names = tuple(filter(None, map(str.strip, settings.raw.get(OUTSIDE, "").split(","))))
    for name in names:
        if name in SERVICES or not wire.SERVICE.fullmatch(name):
            raise SettingError(f"{OUTSIDE} names services of others, not {name!r}")
    return names


def _terms(settings: Settings) -> texts.TermsTexts:
    try:
        return texts.load(settings.terms_dir, allow_demo=settings.environment != "production")
    except texts.TermsTextError as error:
        raise SettingError(str(error)) from None


if __name__ == "__main__":
    service_process.run(build)
