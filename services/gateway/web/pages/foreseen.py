"""What will happen where something is ended: the dates it would have today, and what stays behind."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from services.gateway.web.visit import Visit
from shared import calendar
from shared.held_data import figures
from shared.terms.parameters import in_force

PERIOD: Final = "retention.inactive_account"


def _months(visit: Visit) -> int:
    return in_force(PERIOD, calendar.oslo_date(visit.now)).default


def made_inactive_today(visit: Visit) -> date:
    """From which day on what is made inactive now is erased."""
    return calendar.erasure_due(visit.now, _months(visit))


def noticed_today(visit: Visit, notice_months: int) -> tuple[date, date]:
    """The last day under the agreement where notice is given today, and from which day on is erased."""
    last = calendar.notice_ends_on(calendar.oslo_date(visit.now), notice_months)
    return last, calendar.erasure_due_after_notice(last, _months(visit))


def erasure(visit: Visit, due: date, norwegian: str, english: str) -> tuple[str, ...]:
    """When that is erased and when the copies of it are gone, and what may put it off; both say whose data."""
    told = figures(visit.language)
    latest = due + timedelta(days=told["completion_days"])
    return (
        visit.say(
            norwegian + " slettes fra {due}, senest {latest}.",
            english + " are erased from {due}, on {latest} at the latest.",
            due=visit.day(due),
            latest=visit.day(latest),
        ),
        visit.say(
            "Kopier av nøklene opplysningene er låst med, er borte innen {key_copy_days} dager deretter, og "
            "sikkerhetskopiene innen {backup_days} dager.",
            "Copies of the keys that the data are locked with are gone within {key_copy_days} days after that, and "
            "the backups within {backup_days} days.",
            **told,
        ),
        visit.say("En tvist kan utsette slettingen.", "A dispute may postpone the erasure."),
    )


def kept_of_company(visit: Visit) -> str:
    """What stays when a company is erased."""
    return visit.say(
        "Fakturaer beholdes {voucher_years} år og avtalebekreftelsen {agreement_years} år etter regnskapsåret "
        "(bokføringsloven § 13). Opplysningen om at avtalen ble inngått, beholdes uten navn.",
        "Invoices are kept for {voucher_years} years and the confirmation of the agreement for {agreement_years} "
        "years after the financial year (section 13 of the Norwegian Bookkeeping Act). The fact that the agreement "
        "was concluded is kept without a name.",
        **figures(visit.language),
    )
