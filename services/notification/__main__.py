"""`python -m services.notification`: the letters."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.notification.delivery.calls import MOST_A_SECOND
from services.notification.duty_alerts.hook import DutyHook
from services.notification.inbound_mail.rules import parse_senders
from services.notification.inbound_mail.values import AlarmMailbox
from services.notification.letters.rendering import Renderer
from services.notification.mailgun.client import Mailgun
from services.notification.service import NotificationService
from shared import production, vendor_imprint
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import SettingError, Settings
from shared.email_addresses import canonical_email
from shared.errors import Invalid
from shared.privacy import BlindIndex


def build(settings: Settings, parts: Parts) -> NotificationService:
    """The service from its settings and secrets."""
    secrets = settings.secrets
    stated = vendor_imprint.read(settings)
    return NotificationService(
        database=parts.database,
        clock=parts.clock,
        caller=parts.caller,
        mailgun=Mailgun(
            url=settings.mailgun_url,
            domain=settings.mailgun_domain,
            api_key=secrets.read("mailgun_api_key"),
            sender=settings.raw.get("VILKAR_MAIL_FROM") or f"{stated.name} <nogd@{settings.mailgun_domain}>",
            reply_to=stated.contact,
            replies_to=_replies_to(settings),
        ),
        renderer=Renderer(base_url=settings.gateway_public_url, imprint=stated),
        index=BlindIndex.parse(secrets.read("blind_index_key")),
        unsubscribe_key=secrets.read("unsubscribe_key").encode(),
        public_url=settings.gateway_public_url,
        desk_url=settings.desk_public_url,
        webhook_signing_key=secrets.read("mailgun_webhook_signing_key"),
        webhook_path_secret=secrets.read("mailgun_webhook_path_secret"),
        mailbox=_mailbox(settings),
        letters_per_second=_letters_per_second(settings),
        duty_hook=_duty_hook(settings),
    )


def _duty_hook(settings: Settings) -> DutyHook | None:
    """The second way to whoever is on duty, beside mail, if the operator has named one."""
    url = settings.raw.get(production.DUTY_HOOK, "")
    if not url:
        return None
    if wrong := production.hook_fault(url):
        raise SettingError(f"{production.DUTY_HOOK} {wrong}")
    secret = settings.secrets.read("duty_hook_secret")
    return DutyHook(url=url, secret=secret, desk_url=settings.desk_public_url)


def _mailbox(settings: Settings) -> AlarmMailbox:
    """Where alarms are mailed to, and by whom; none where no address is set."""
    address = settings.raw.get("VILKAR_ALARM_MAIL_ADDRESS", "")
    try:
        senders = parse_senders(settings.raw.get("VILKAR_ALARM_MAIL_SENDERS", ""))
        return AlarmMailbox(address=canonical_email(address) if address else "", senders=senders)
    except (Invalid, ValueError) as error:
        raise SettingError(f"VILKAR_ALARM_MAIL_ADDRESS, VILKAR_ALARM_MAIL_SENDERS: {error}") from None


def _replies_to(settings: Settings) -> str:
    """The domain of the addresses to which people reply to support; none where it is not set."""
    domain = settings.raw.get("VILKAR_SUPPORT_REPLY_DOMAIN", "").strip()
    try:
        return canonical_email(f"reply@{domain}").rpartition("@")[2] if domain else ""
    except Invalid as error:
        raise SettingError(f"VILKAR_SUPPORT_REPLY_DOMAIN: {error}") from None


def _letters_per_second(settings: Settings) -> float:
    text = settings.raw.get("VILKAR_MAILGUN_PER_SECOND", "20")
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= MOST_A_SECOND:
        raise SettingError(f"VILKAR_MAILGUN_PER_SECOND must be a number above 0 and at most {MOST_A_SECOND}")
    return rate


if __name__ == "__main__":
    service_process.run(build)
