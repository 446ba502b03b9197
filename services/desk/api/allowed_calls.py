"""Which calls the interface passes on: those that staff make (`services.desk.known_calls`), but for a few.

Not among them is what belongs into the browser that holds a person's passkeys: whoever has the file of a session
for an hour must not come out of it with a key, a link to enrol one by, a code, a password for a database, or
another session, nor sign an undertaking for somebody.
"""

from __future__ import annotations

from typing import Final

from services.staff.database_access.calls import SetDatabasePassword
from services.staff.device_log_in.calls import (
    BeginDeviceLogIn,
    DecideDeviceLogIn,
    PollDeviceLogIn,
    ShowDeviceLogIn,
)
from services.staff.passkeys.calls import BeginEnrolment, FinishEnrolment, RevokePasskey
from services.staff.people.calls import InvitePerson, RenewInvitation
from services.staff.prerequisites.calls import SignUndertaking
from services.staff.recovery.calls import BurnRecoveryCodes, IssueRecoveryLink, MakeRecoveryCodes, VouchForPerson
from services.staff.sessions.calls import BeginLogIn, LogIn, TellRequestsRefused
from services.staff.statements.calls import SignStatements
from shared.staff import act_name


def _names(*methods: str) -> frozenset[str]:
    return frozenset(act_name("staff", method) for method in methods)


FOR_EVERYBODY: Final = _names(BeginDeviceLogIn.method, PollDeviceLogIn.method)
"""What a command line asks before it has a session; a person lets it in at the desk."""
IN_A_BROWSER: Final = _names(
    BeginLogIn.method,
    LogIn.method,
    ShowDeviceLogIn.method,
    DecideDeviceLogIn.method,
    BeginEnrolment.method,
    FinishEnrolment.method,
    RevokePasskey.method,
    MakeRecoveryCodes.method,
    BurnRecoveryCodes.method,
    InvitePerson.method,
    RenewInvitation.method,
    IssueRecoveryLink.method,
    VouchForPerson.method,
    SignUndertaking.method,
    SetDatabasePassword.method,
    SignStatements.method,
    TellRequestsRefused.method,
)
"""What the desk's own pages ask alone."""
