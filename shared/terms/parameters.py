"""The figures the rules work with: versioned, immutable, each with its strength and its source.

A change is a new version with a later `since`; the older one stays, because a date already promised is computed
with the figure of its own day.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from shared.terms.source import DATED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Strength(Enum):
    """How far a figure binds: law, the published promise, an authority's guidance, or our own choice."""

    LAW = "law"
    PROMISE = "promise"
    GUIDE = "guide"
    POLICY = "policy"


class UnknownParameterError(LookupError):
    """No parameter bears this key, or none was in force on the day asked for."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure: `default` counts `unit`; `since` is the first date on which this version is in force."""

    key: str
    default: int
    unit: str
    strength: Strength
    source: str
    version: int = 1
    since: date = DATED

    def as_json(self) -> dict[str, Any]:
        """Return the parameter as plain JSON values."""
        return {
            **asdict(self),
            "strength": self.strength.value,
            "since": self.since.isoformat(),
        }


LAW, PROMISE, GUIDE, POLICY = Strength

HISTORY: Final = (
    Parameter("retention.inactive_account", 3, "calendar months", PROMISE, "L59, L204"),
    Parameter("contract.notice_period", 1, "calendar months", POLICY,
              "L204 promises a notice period without saying how long"),
    Parameter("erasure.day_offset", 0, "days after the due date begins", POLICY,
              "0 erases from midnight of the due date, 1 once it has passed"),
    Parameter("erasure.live_completion", 7, "days after the due date", POLICY, "without undue delay"),
    Parameter("erasure.first_reminder", 30, "days before the due date", POLICY,
              "GDPR article 28(3)(g): the choice of return or deletion"),
    Parameter("erasure.last_reminder", 7, "days before the due date", POLICY,
              "GDPR article 28(3)(g): the choice of return or deletion"),
    Parameter("erasure.run_limit", 25, "erasures in a run", POLICY, "more than this stops and asks a person"),
    Parameter("erasure.letter_limit", 24, "hours", POLICY, "the farewell letter must not delay erasure"),
    Parameter("erasure.step_limit", 24, "hours", POLICY,
              "after this a participant is overdue and is asked again"),
    Parameter("backup.max_age", 30, "days", POLICY,
              "L96, L206; the law asks for a bounded figure that is stated"),
    Parameter("backup.keyring_max_age", 7, "days", POLICY,
              "a destroyed key is to be gone from copies sooner than what it opened"),
    Parameter("backup.interval", 12, "hours", POLICY,
              "L96, L206: one a day, and a second try before a day has passed"),
    Parameter("backup.proof_interval", 7, "days", POLICY,
              "L96, L192: that data can be brought back is shown by doing it, no longer ago than a set is kept"),
    Parameter("early_request.kept", 36, "calendar months", POLICY,
              "GDPR article 5(2); foreldelsesloven § 2: claims are time-barred after three years"),
    Parameter("trail.staff_kept", 36, "calendar months", POLICY,
              "L59, L102; foreldelsesloven § 2: claims about what somebody did are time-barred after three years"),
    Parameter("staff.record_after_exit", 36, "calendar months", POLICY,
              "L53, L59; foreldelsesloven § 2: claims about what somebody did are time-barred after three years"),
    Parameter("staff.spent_code", 120, "calendar months after the record of who left", POLICY,
              "foreldelsesloven § 10: no claim lives longer, so nobody is taken for who had the code before"),
    Parameter("staff.undertaking", 24, "calendar months", POLICY, "L53: signed anew, so that it is not forgotten"),
    Parameter("staff.training", 24, "calendar months", POLICY, "L76: people know what they answer for"),
    Parameter("staff.longest_grant", 24, "calendar months", POLICY,
              "L53: whoever needs it no longer loses it without anybody thinking of it"),
    Parameter("staff.bootstrap_grant", 3, "calendar months", POLICY,
              "L53: the first administrators have nobody who could grant them anything"),
    Parameter("staff.approval", 7, "days", POLICY, "L53: what two persons decide is decided while they know why"),
    Parameter("staff.ends_soon", 30, "days", POLICY, "L53, L76: time to sign and to be trained anew"),
    Parameter("hold.review", 90, "days", POLICY, "L59, L204: no longer than reasonable"),
    Parameter("restriction.lift_notice", 7, "days", POLICY, "GDPR article 18(3): told before it is lifted"),
    Parameter("dsr.deadline", 1, "calendar months from receipt", LAW, "GDPR article 12(3)"),
    Parameter("dsr.extension_total", 3, "calendar months from receipt", LAW, "GDPR article 12(3)"),
    Parameter("dsr.forward_to_controller", 2, "working days", POLICY, "GDPR article 28(3)(e), L176"),
    Parameter("breach.dpa_deadline_hours", 72, "hours", LAW, "GDPR article 33(1)"),
    Parameter("breach.triage", 4, "hours", POLICY, "L61; EDPB 9/2022: a short investigation begins at once"),
    Parameter("breach.decision", 24, "hours", POLICY, "L61; counted from the alarm"),
    Parameter("breach.persons", 24, "hours", POLICY, "GDPR article 34(1): without undue delay, from the decision"),
    Parameter("file.alarm", 12, "calendar months", POLICY, "L61: attempts are kept for as long as they tell"),
    Parameter("file.incident", 60, "calendar months", POLICY,
              "GDPR article 33(5), L61: the authority can verify; claims and their limitation"),
    Parameter("file.contact_failure", 6, "calendar months", POLICY,
              "L61, L154: whom no letter reached, for as long as it can be asked about"),
    Parameter("file.nonconformity", 36, "calendar months", POLICY,
              "L68, L178: the limitation of claims (foreldelsesloven section 2)"),
    Parameter("file.forwarded_request", 36, "calendar months", POLICY,
              "L176: that it was passed on, and when; GDPR article 28(3)(e)"),
    Parameter("complaint.answer", 1, "calendar months", POLICY, "L41: as long as for a request, from its receipt"),
    Parameter("file.complaint", 36, "calendar months", POLICY,
              "L41: the limitation of claims (foreldelsesloven section 2)"),
    Parameter("enquiry.answer", 5, "working days", POLICY, "L43: whoever asks about rights is answered in time"),
    Parameter("file.enquiry", 6, "calendar months", POLICY,
              "L43: for as long as it is asked about again"),
    Parameter("file.dispute", 36, "calendar months", POLICY,
              "L162: the limitation of claims (foreldelsesloven section 2)"),
    Parameter("file.rights_request", 36, "calendar months", POLICY,
              "L33 to L39; GDPR article 5(2), and the limitation of claims (foreldelsesloven section 2)"),
    Parameter("file.security_notice", 36, "calendar months", POLICY,
              "L61: which customers were told of what, for as long as claims can be made"),
    Parameter("accuracy.review", 12, "calendar months", POLICY,
              "L47, L168-174; GDPR article 5(1)(d): the customer is asked whether its data are still right"),
    Parameter("accuracy.first_address", 1, "calendar months from sign-up", POLICY,
              "L144, L170: an address that is missing is asked for"),
    Parameter("accuracy.repeat", 6, "calendar months", POLICY,
              "L47: whoever has not answered is asked again, and not so often that nobody reads it"),
    Parameter("file.support", 6, "calendar months after the last message", POLICY,
              "L19, L59, L102: what was written to support and answered, for as long as it is asked about again"),
    Parameter("support.answer", 5, "working days", POLICY, "L19, L29, L43: whoever writes is answered in time"),
    Parameter("support.messages_daily", 20, "messages of one person in 24 hours", POLICY,
              "L19: by the page or as a reply; mail and telephone are open all the same"),
    Parameter("nonconformity.examine", 2, "working days", POLICY, "L68: without undue delay"),
    Parameter("dispute.begin", 5, "working days", POLICY, "L162: whoever disagrees is talked to soon"),
    Parameter("nonconformity.reports_daily", 20, "reports of one user in 24 hours", POLICY,
              "L178: anybody of a customer can report, and nobody keeps the others from it"),
    Parameter("dsr.requests_daily", 20, "requests of one user in 24 hours", POLICY,
              "L33 to L43: by the page of one user; mail, telephone and post are open all the same"),
    Parameter("breach.controller_notice_target_hours", 24, "hours", POLICY, "GDPR article 33(2), L61, L154"),
    Parameter("log.login_retention", 6, "calendar months", GUIDE,
              "guidance of CNIL; necessity for the purpose of L57"),
    Parameter("log.login_retention_cap", 12, "calendar months", GUIDE, "guidance of CNIL"),
    Parameter("letters.account_invitations_daily", 200,
              "letters in 24 hours to addresses that the account's people chose", POLICY,
              "L98, L194: letters about registration, and no flood of them to strangers"),
    Parameter("letters.address_daily", 6, "letters of a kind in 24 hours", POLICY,
              "L98, L194: nobody's mailbox is filled by whoever knows its address"),
    Parameter("subprocessor.notice_days", 30, "days", POLICY, "GDPR article 28(2): an opportunity to object"),
    Parameter("suspicion.contact_attempts", 2, "attempts", POLICY, "L160"),
    Parameter("suspicion.contact_channels", 2, "channels", POLICY, "L160"),
    Parameter("suspicion.contact_wait", 10, "working days", POLICY, "L160"),
    Parameter("stats.k_persons", 10, "persons in a cell", POLICY, "L102, L156, L198"),
    Parameter("stats.k_tenants", 5, "customers in a cell", POLICY, "L102, L156, L198"),
    Parameter("stats.dominance", 50, "percent of a cell", POLICY, "L102, L156, L198"),
    Parameter("accounting.vouchers", 60, "calendar months after the financial year", LAW,
              "bokføringsloven § 13"),
    Parameter("suppression.refusals", 36, "calendar months after the year of the erasure", POLICY,
              "GDPR article 21(3): whoever declined marketing gets none after an erasure either"),
    Parameter("accounting.agreements", 42, "calendar months after the financial year", LAW,
              "bokføringsloven § 13"),
)  # fmt: skip
"""Every version of every parameter, oldest first."""

PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({each.key: each for each in HISTORY})
"""The newest version of each parameter."""


def parameter(key: str) -> Parameter:
    """Return the newest version of a parameter, or raise `UnknownParameterError`."""
    try:
        return PARAMETERS[key]
    except KeyError:
        raise UnknownParameterError(f"there is no parameter {key!r}") from None


def in_force(key: str, on: date, history: tuple[Parameter, ...] = HISTORY) -> Parameter:
    """Return the version of a parameter that was in force on a date, or raise `UnknownParameterError`."""
    versions = [each for each in history if each.key == key and each.since <= on]
    if not versions:
        raise UnknownParameterError(f"no version of {key!r} was in force on {on}")
    return max(versions, key=lambda each: (each.since, each.version))
