"""Every entry of the gateway's tables, called over HTTP in each state of an account, as owner and as user.

`ANSWERS` says what is right; an entry that is not in it fails. Each reply is checked against the OpenAPI document:
its status must be declared, and its body fit the schema declared for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from deploy.demo_approvals import two_invented
from services.gateway.app import Endpoint
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.notification.preferences.calls import CONSENT_SENTENCES
from services.retention.holds.calls import PlaceHold
from shared.actor import Actor
from shared.calendar import oslo_date
from tests.at_the_desk import AtTheDesk
from tests.e2e.people import PASSWORD, Company, Person, clock, move_on, move_to, somebody

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

LIVE: Final = ("active", "notice", "restricted", "held")
OVER: Final = ("inactive", "fenced", "erased")
STATES: Final = (*LIVE, *OVER)
PLACE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
NO_TOKEN: Final = "A" * 43
TOO_MANY: Final = 429
DECLARED_ONLY: Final = frozenset({"mailgunWebhook", "mailgunMail", "unsubscribe"})
"""Answer a vendor's or a mail program's way: without a body that a schema describes."""


def same(status: int) -> dict[str, tuple[int, int]]:
    """The same for everybody in every state."""
    return dict.fromkeys(STATES, (status, status))


def inside(owner: int, user: int, **but: tuple[int, int]) -> dict[str, tuple[int, int]]:
    """In a session, of the owner and of a user; where the account is not active any more there is none."""
    return dict.fromkeys(LIVE, (owner, user)) | dict.fromkeys(OVER, (401, 401)) | but


KEPT_OWNER = {"restricted": (409, 403), "held": (409, 403)}
KEPT_BOTH = {"restricted": (409, 409), "held": (409, 409)}
"""What may only be stored is not changed by anybody."""

ANSWERS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    # in the order in which they are called: what only looks, what changes, what ends
    "getAccount": inside(200, 200),
    "getErasure": inside(200, 200),
    "listReads": inside(200, 200),
    "getBreachDataPack": inside(404, 403),
    "listLogins": inside(200, 200),
    "listLoginDisclosures": inside(200, 200),
    "listIncidents": inside(200, 200),
    "reportNonconformity": inside(202, 202),
    "beginSupport": inside(202, 202),
    "writeOnToSupport": inside(404, 404),
    "listSupportThreads": inside(200, 200),
    "getSupportThread": inside(404, 404),
    "listNonconformities": inside(200, 200),
    "reportWithPassword": dict.fromkeys(STATES, (202, 202)) | {"fenced": (423, 423), "erased": (401, 401)},
    "makeRightsRequest": inside(202, 202),
    "listRightsRequests": inside(200, 200),
    "withdrawRightsRequest": inside(404, 404),
    "beginCorrespondence": inside(202, 202),
    "listCorrespondence": inside(200, 200),
    "withdrawCorrespondence": inside(404, 404),
    "objectToMarketing": inside(202, 202),
    "listForwardedRequests": inside(200, 403),
    "requestExport": inside(202, 202),
    "listExports": inside(200, 200),
    "requestExportWithPassword": dict.fromkeys(STATES, (202, 202)) | {"fenced": (423, 423), "erased": (401, 401)},
    "downloadExport": same(404) | {"erased": (401, 401)},
    "makeTransfer": same(404) | {"erased": (401, 401)},
    "listTransfers": inside(200, 200),
    "endTransfer": inside(404, 404),
    "fetchTransfer": same(404),
    "confirmTransfer": same(404),
    "listUsers": inside(200, 200),
    "listOwnLetters": inside(200, 200),
    "listEmailChoices": inside(200, 200),
    "declineEmails": inside(200, 200),
    "listEmailConsents": inside(200, 200),
    "agreeToEmails": inside(200, 200),
    "getCertificate": same(404) | {"erased": (200, 200)},
    "mailgunWebhook": same(406),
    "mailgunReply": same(406),
    "mailgunMail": same(406),
    "unsubscribe": same(422),
    "confirmEmail": same(404),
    "resetPassword": same(404),
    "reactivateByLetter": same(404),
    "logIn": dict.fromkeys(LIVE, (201, 201)) | dict.fromkeys(OVER, (423, 423)) | {"erased": (401, 401)},
    "requestConfirmation": same(202),
    "requestPasswordReset": same(202),
    "updateAccount": inside(200, 403, **KEPT_OWNER),
    "updateUser": inside(200, 200, **KEPT_BOTH),
    "addUser": inside(201, 403, **KEPT_OWNER),
    "inviteUser": inside(202, 403, **KEPT_OWNER),
    "deactivateUser": inside(200, 403),
    "reactivateUser": inside(200, 403),
    "changePassword": inside(204, 204),
    "changeEmail": inside(202, 202, **KEPT_BOTH),
    "terminateContract": inside(200, 403, notice=(409, 403)),
    "withdrawNotice": inside(200, 403),
    "confirmAccuracy": inside(200, 403),
    "logOut": inside(204, 204),
    "deactivateAccount": inside(200, 403),
    "reactivateAccount": dict.fromkeys(STATES, (200, 423)) | {"fenced": (409, 423), "erased": (401, 401)},
    "signUp": same(202),
    # pages
    "home": same(200),
    "termsPage": same(200),
    "privacyPage": same(200),
    "problemsPage": same(200),
    "problemPage": same(200),
    "terms": same(200),
    "termsDocument": same(200),
    "termsVocabulary": same(200),
    "openapi": same(200),
    "showConfirmation": same(404),
    "doConfirmation": same(404),
    "showPassword": same(404),
    "doPassword": same(404),
    "showLetter": same(200),
    "doLetter": same(200),
    "showReactivation": same(404),
    "doReactivation": same(404),
    "showUnsubscribe": same(200),
    "showPreferences": same(422),
    "doPreferences": same(422),
    "certificatePage": same(404) | {"erased": (200, 200)},
    "certificateDocument": same(404) | {"erased": (200, 200)},
    "certificateKey": same(200),
    "exportKeysPage": same(200),
    "exportKeys": same(200),
    "termsVersions": same(200),
    "termsVersionPage": same(200),
    "termsText": same(200),
}
TABLE: Final[dict[str, Endpoint]] = {each.operation: each for each in ENDPOINTS + PAGES}
IN_OPENAPI: Final = frozenset(each.operation for each in ENDPOINTS)


@dataclass
class Household(Company):
    """A company with an owner, a user, and a third person whom the owner changes."""

    users: int = 2
    certificate: str = field(default_factory=lambda: str(uuid4()))
    sessions: dict[str, str] = field(default_factory=dict)
    invited: str = ""

    def settle(self) -> Household:
        """Move in, with a session for the owner and one for the user."""
        self.move_in()
        self.sessions = {person.email: self.log_in(person)["token"] for person in self.two}
        return self

    @property
    def two(self) -> tuple[Person, Person]:
        """The owner and the user."""
        return self.creator, self.others[0]

    def version_of(self, operation: str) -> int:
        """The version to change, as it is now; 1 where nothing can be read any more."""
        token = self.sessions[self.creator.email]
        answer = self.ask("GET", "/v1/users" if "User" in operation else "/v1/account", token=token)
        if answer.status_code != 200:
            return 1
        if "User" not in operation:
            return int(answer.json()["version"])
        return next(
            (each["version"] for each in answer.json()["users"] if each["user_id"] == self.target(operation)), 1
        )

    def target(self, operation: str, person: Person | None = None) -> str:
        """Whom an operation about a user is about."""
        if operation == "updateUser" and person is not None:
            return person.user_id
        return self.invited if operation == "inviteUser" and self.invited else self.others[1].user_id


REPORT = {"about": "outage", "text": "Siden svarer ikke.\nPrøvde tre ganger."}
QUESTION = {"text": "Hvordan legger jeg til en bruker?"}
SAID: dict[str, dict[str, Any]] = {
    "reportNonconformity": REPORT,
    "reportWithPassword": REPORT,
    "beginSupport": QUESTION,
    "writeOnToSupport": QUESTION,
    "makeRightsRequest": {"right": "access"},
    "beginCorrespondence": {"kind": "complaint", "about": "data_use", **QUESTION},
}


def body_of(household: Household, operation: str, person: Person) -> dict[str, Any] | None:
    """What is sent, all of it well-formed."""
    endpoint = TABLE[operation]
    if endpoint.request is None:
        return None
    known = {
        "email": somebody(household.domain).email if operation == "changeEmail" else person.email,
        "token": NO_TOKEN,
        "password": PASSWORD,
        "current_password": PASSWORD,
        "new_password": PASSWORD,
        "language": "en",
        "receiver": "Ny Leverandør AS",
        "code": NO_TOKEN,
        "sha256": "ab" * 32,
    }
    if operation == "signUp":
        return household.form | {"creator": person.form, "users": []}
    if operation == "addUser":
        return somebody(household.domain).form
    known |= SAID.get(operation, {})
    known |= {"classes": ["marketing"], "sentences": [CONSENT_SENTENCES[0].sha256]}
    wanted = endpoint.request().fields
    body = {name: value for name, value in known.items() if name in wanted}
    if operation in {"updateAccount", "updateUser"}:
        body = {"language": "en"}
    if "version" in wanted:
        body["version"] = household.version_of(operation)
        if operation == "updateUser":
            token = household.sessions[person.email]
            shown = household.ask("GET", "/v1/users", token=token)
            mine = shown.json()["users"] if shown.status_code == 200 else []
            body["version"] = next((each["version"] for each in mine if each["user_id"] == person.user_id), 1)
    return body


def path_of(household: Household, operation: str, person: Person) -> str:
    """The address, with something at each place."""
    places = {
        "user_id": household.target(operation, person),
        "certificate_id": household.certificate,
        "case_id": str(uuid4()),
        "export_id": str(uuid4()),
        "transfer_id": str(uuid4()),
        "thread_id": str(uuid4()),
        "code": "conflict",
        "token": NO_TOKEN,
        "secret": "0" * 32,
        "version": "v1",
        "language": "nb",
    }
    return PLACE.sub(lambda found: places[found.group(1)], TABLE[operation].path)


def month_until(now: datetime) -> dict[str, str]:
    """The period that a report of logins is asked for."""
    return {"from": (now - timedelta(days=30)).isoformat(), "to": now.isoformat()}


def call(household: Household, operation: str, person: Person) -> Any:
    """One request by one of the two, in the session made at the beginning where the operation needs one."""
    endpoint = TABLE[operation]
    options: dict[str, Any] = {"token": ""}
    if endpoint.needs_session:
        options["token"] = household.sessions[person.email]
    if operation == "mailgunWebhook":
        options["json"] = {"signature": {}}
    elif operation in {"mailgunMail", "mailgunReply"}:
        options["data"] = {"recipient": "alarm@mg.example.no", "timestamp": "1", "token": "x", "signature": "0"}
    elif operation == "doLetter":
        options["data"] = {"email": person.email}
    elif operation in {"doConfirmation", "doPassword"}:
        options["data"] = {"password": PASSWORD, "again": PASSWORD}
    else:
        options["json"] = body_of(household, operation, person)
    if operation == "listLogins":
        options["params"] = {"purpose": "own_access"} | month_until(clock(household.system).now())
    answer = household.ask(endpoint.method, path_of(household, operation, person), **options)
    if operation == "addUser" and answer.status_code == 201:
        household.invited = answer.json()["user_id"]
    if operation == "logOut" and answer.status_code == 204:
        household.sessions[person.email] = household.log_in(person)["token"]
    return answer


def faults_of(document: dict[str, Any], operation: str, answer: Any) -> list[str]:
    """What in an answer is not as the OpenAPI document says."""
    if operation not in IN_OPENAPI:
        kinds = {"text/html", "application/json", "application/ld+json", "application/x-pem-file", "text/plain"}
        kinds |= {"application/problem+json"} if answer.status_code >= 400 else set()
        is_page = answer.headers["Content-Type"].partition(";")[0] in kinds
        return [] if is_page else [f"{operation}: a page is {answer.headers['Content-Type']}"]
    endpoint = TABLE[operation]
    declared = document["paths"][PLACE.sub(r"{\1}", endpoint.path)][endpoint.method.lower()]["responses"]
    described = declared.get(str(answer.status_code))
    if described is None:
        return [f"{operation}: {answer.status_code} is not declared"]
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    content = described.get("content")
    if content is None:
        return (
            []
            if not answer.content or operation in DECLARED_ONLY
            else [f"{operation}: a body that is not declared"]
        )
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind not in content:
        return [f"{operation}: {kind} is not declared for {answer.status_code}"]
    schema = content[kind]["schema"] | {"components": document["components"]}
    wrong = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(answer.json())
    return [f"{operation}: {answer.status_code}: {each.json_path}: {each.message}" for each in wrong]


def go_through(household: Household, state: str) -> None:
    """Call everything in this state, the user before the owner, and compare with what is right."""
    document = household.must("GET", "/openapi.json", 200, token="")
    wrong: list[str] = []
    for operation, answers in ANSWERS.items():
        for person, expected in zip(reversed(household.two), reversed(answers[state]), strict=True):
            answer = call(household, operation, person)
            if answer.status_code == TOO_MANY != expected:  # so many passwords were wrong that the name is closed
                move_on(household.system, timedelta(seconds=int(answer.headers["Retry-After"]) + 1))
                answer = call(household, operation, person)
            who = "owner" if person is household.creator else "user"
            if answer.status_code != expected:
                wrong.append(f"{operation} as {who}: {answer.status_code}, not {expected}: {answer.text[:300]}")
            if "Set-Cookie" in answer.headers:
                wrong.append(f"{operation} as {who} sets a cookie")
            wrong += faults_of(document, operation, answer)
    assert not wrong, f"in the state {state}:\n" + "\n".join(wrong)


SHOWN_AT_THE_DESK: Final = {
    "/customers/{}?purpose=customer_support": {"fenced": 404},
    "/customers/{}/timeline?purpose=customer_support": {},
    "/customers/{}/holdings": {},
    "/acts/place-hold?account_id={}&purpose=rights_request": {"erased": 404},
}
"""Pages of staff about a customer, and what is answered otherwise than with a page, by the state of the account."""


def look_at_the_desk(household: Household, state: str) -> None:
    """Staff look at the customer in this state; of who is erased its certificate is named."""
    host = urlsplit(household.system.settings.desk_public_url)
    kari = AtTheDesk(f"http://127.0.0.1:{host.port}", host.netloc, "kari")
    for address, answers in SHOWN_AT_THE_DESK.items():
        seen = kari.get(address.format(household.account_id))
        assert seen.status == answers.get(state, 200), (address, state, seen.html)
        if state == "erased" and address.partition("?")[0] in ("/customers/{}", "/customers/{}/timeline"):
            assert f"/certificates/{household.certificate}" in seen.html, address


def terminate(household: Household) -> None:
    token = household.sessions[household.creator.email]
    body = {"version": household.version_of("terminateContract"), "current_password": PASSWORD}
    household.must("POST", "/v1/account/termination", 200, json=body, token=token)


def restrict(household: Household) -> None:
    household.system.vilkar("restrict", "set", household.account_id, "--ground", "c")
    until_kept(household)


def hold(household: Household) -> None:
    today = oslo_date(clock(household.system).now())
    held = PlaceHold(
        account_id=UUID(household.account_id),
        reason="dispute",
        case_ref="sak-2026-77",
        owner=Actor("staff", name="kari"),
        starts_on=today,
        review_on=today + timedelta(days=30),
    )
    with two_invented(household.system.settings) as people:
        people.carry_out(held)
    until_kept(household)


def until_kept(household: Household) -> None:
    """Wait until the account service has heard of it."""
    from tests.waiting import until

    query = "SELECT count(*) FROM restricted WHERE account_id = %s"
    until(
        lambda: household.system.rows("account", query, household.account_id)[0][0],
        what="the account service knowing what is kept",
    )


def deactivate(household: Household) -> None:
    household.token = household.sessions[household.creator.email]
    household.leave()


BRINGS_INTO = {
    "active": lambda _: None,
    "notice": terminate,
    "restricted": restrict,
    "held": hold,
    "inactive": deactivate,
}


def test_the_table_of_answers_has_every_entry_and_every_state():
    assert set(ANSWERS) == set(TABLE)
    assert all(set(answers) == set(STATES) for answers in ANSWERS.values())


@pytest.mark.parametrize("state", BRINGS_INTO)
def test_every_endpoint_answers_as_described(system, state):
    household = Household(system).settle()
    BRINGS_INTO[state](household)
    look_at_the_desk(household, state)
    go_through(household, state)


def fence(household: Household) -> None:
    """What retention does in the moment before everybody erases: the way back is closed, no key may be used."""
    system, now = household.system, clock(household.system).now()
    with system.bus() as bus:
        bus.account.begin_erasure(erasure_id=str(uuid4()), account_id=household.account_id)
    raised = "INSERT INTO fence (account_id, user_id, raised_at) VALUES (%s, NULL, %s) RETURNING account_id"
    assert system.rows("keyring", raised, household.account_id, now)
    fenced = (
        "UPDATE data_key SET state = 'fenced', fenced_at = %s WHERE account_id = %s AND state = 'live'"
        " RETURNING subject_id"
    )
    assert system.rows("keyring", fenced, now, household.account_id)


def test_every_endpoint_answers_as_described_while_an_account_is_erased_and_afterwards(system):
    household = Household(system).settle()
    deactivate(household)
    due = household.scheduled()
    fence(household)
    look_at_the_desk(household, "fenced")
    go_through(household, "fenced")
    move_to(system, due)
    household.certificate = household.until_state("certified")["certificate_id"]
    go_through(household, "erased")
    look_at_the_desk(household, "erased")
