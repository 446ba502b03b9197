"""Somebody of the staff with authenticators, who enrols, logs in and proves things as a browser would let them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.staff.authentication.calls import Assertion, AssertionAnswer, AttestationAnswer, NewCredential
from services.staff.passkeys.calls import BeginEnrolment, By, Enrolled, FinishEnrolment
from services.staff.people.calls import InvitePerson, link_digest
from services.staff.sessions.calls import BeginLogIn, LoggedIn, LogIn
from shared.identifiers import new_token
from shared.software_authenticator import SoftwareAuthenticator
from shared.webauthn import RelyingParty

PARTY = RelyingParty.of_url("http://desk.localhost:8010")


def authenticator() -> SoftwareAuthenticator:
    return SoftwareAuthenticator(environment="test")


def credential(answer: dict[str, Any]) -> NewCredential:
    """What a browser sends of a new key, as the call takes it."""
    response = answer["response"]
    return NewCredential(
        id=answer["id"],
        response=AttestationAnswer(
            client_data=response["clientDataJSON"], attestation=response["attestationObject"]
        ),
    )


def assertion(answer: dict[str, Any], **changes: Any) -> Assertion:
    """What a browser sends as a proof, as the call takes it."""
    response = answer["response"] | changes
    return Assertion(
        id=answer["id"],
        response=AssertionAnswer(
            client_data=response["clientDataJSON"],
            authenticator_data=response["authenticatorData"],
            signature=response["signature"],
            user_handle=response["userHandle"],
        ),
    )


@dataclass
class Colleague:
    """A person with two keys, and the session they are in. `stage` is where calls go."""

    stage: Any
    code: str
    keys: list[SoftwareAuthenticator] = field(default_factory=lambda: [authenticator(), authenticator()])
    token: str = ""

    @classmethod
    def arrived(cls, stage: Any, code: str) -> Colleague:
        """Invited, with two keys enrolled, and logged in."""
        person = cls(stage, code)
        person.enrol_both(person.invited())
        return person

    def enrol_both(self, link: str) -> None:
        """The first key by a link, the second in a session of the first."""
        self.enrol(By(link=link), self.keys[0])
        self.log_in()
        self.enrol(By(session=self.token), self.keys[1])

    def invited(self) -> str:
        token = new_token()
        self.stage.ask(InvitePerson(code=self.code, token_digest=link_digest(token)))
        return token

    def enrol(self, by: By, key: SoftwareAuthenticator, *, party: RelyingParty = PARTY) -> Enrolled:
        begun = self.stage.ask(BeginEnrolment(by=by))
        made = key.create(begun.options.to_json(), party)
        finish = FinishEnrolment(by=by, ceremony_id=begun.ceremony_id, credential=credential(made))
        return self.stage.ask(finish)

    def log_in(self, key: SoftwareAuthenticator | None = None) -> LoggedIn:
        begun = self.stage.ask(BeginLogIn())
        answer = (key or self.keys[0]).get(begun.options.to_json(), PARTY)
        logged_in = self.stage.ask(LogIn(ceremony_id=begun.ceremony_id, assertion=assertion(answer)))
        self.token = logged_in.token
        return logged_in
