"""What takes two persons, in two browsers: asked for in one, approved with the passkey in the other, and done."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from services.account.accounts.calls import Done
from services.account.companies.calls import StandingShown
from services.account.deactivation.events import AccountDeactivated
from services.desk.sessions import COOKIE, StaffSessions
from services.retention.certificates.archive import CertificateArchive
from services.retention.service import Retention
from services.staff.grants.calls import GiveGrant
from services.staff.people.calls import link_digest
from services.staff.prerequisites.calls import RecordTraining, SignUndertaking, UndertakingText
from services.staff.service import Staff
from shared import context
from shared.approvals import verify_file
from shared.bus import parked_messages
from shared.bus.every_service_events import ActCarriedOut
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.calendar import oslo_date
from shared.calls import Caller
from shared.clock import Clock, FixedClock
from shared.context import acting_as
from shared.database import Database
from shared.errors import DeadlineExceeded, Forbidden, Permanent
from shared.events import Received
from shared.http import server
from shared.identifiers import new_id, new_token
from shared.privacy import Keyring
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from shared.staff import Purpose, Role, act_name, acts
from shared.statements import AskedCall, StatementError, StatementReader, hold_to
from shared.webauthn import RelyingParty
from tests.desk_stage import Services, app_of
from tests.examples import example
from tests.in_process import ask, hear, invoke
from tests.integration.desk.conftest import THREADS, stop
from tests.integration.desk.test_log_in_in_browser import Pocket
from tests.integration.retention.erase_once import erase
from tests.integration.retention.erase_once import hear as hear_from
from tests.integration.running import free_port
from tests.integration.staff.deciders import LEDGER_KEY, tell_ledger
from tests.integration.staff.staff_stage import SPENT_CODES, TABLES, StaffStage
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import SIGNER, decide, stated

pytestmark = pytest.mark.integration

TABLES_OF_RETENTION = "hold, restricted, restriction_over, outbox, spent_statement, erasure, certificate, parked"
READER = StatementReader([SIGNER.public])
ACCOUNT = UUID("0192f6c0-0000-7000-8000-0000000000aa")
ASK, APPROVE = "Be om godkjenning", "Godkjenn med adgangsnøkkel"
SIGNED = json.dumps(
    {
        "id": "a2V5",
        "response": {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30", "userHandle": "e30"},
    }
)
"""What is no signature of anything."""


class AccountsThere(Caller):
    """Stands in for the account service: accounts are there, and active but for those that are inactive `since`."""

    def __init__(self) -> None:
        self.since: dict[UUID, datetime] = {}

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert service == "account"
        since = self.since.get(UUID(str(fields["account_id"])))
        if method == "begin_erasure":
            assert since is not None
            return example(Done)
        assert method == "standing"
        if since is None:
            return example(StandingShown, state="active", inactivated_at=None)
        return example(StandingShown, state="inactive", inactivated_at=since.isoformat())


class Behind(Caller):
    """Staff and retention as they are, the others by script; retention believes staff by statements alone."""

    def __init__(self, staff: Staff, retention: Retention) -> None:
        self.staff = staff
        self.retention = retention
        self.others = Services()
        self.begin()

    def begin(self) -> None:
        """Nobody is away, and nothing was told yet."""
        self.away = False
        self._told = 0

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if service == "staff":
            return invoke(self.staff, method, **fields)
        fields.pop(IDEMPOTENCY_KEY, None)  # the bus keeps the reply to it; what a service reads is without
        try:
            with self._believed(service, method, fields):
                if service != "retention":
                    return self.others.reply(method, fields)
                if self.away:
                    raise DeadlineExceeded("retention did not answer")
                return invoke(self.retention, method, **fields)
        except StatementError as error:
            raise Forbidden("who acts is not believed", details={"reason": error.reason}) from None
        finally:
            self._tell_staff()

    @contextmanager
    def _believed(self, service: str, method: str, fields: dict[str, Any]) -> Iterator[None]:
        """As the bus does: an act takes a statement for just this call."""
        known = acts().get(act_name(service, method))
        if known is None:
            yield
            return
        token = context.current().signed_statement
        assert token is not None, f"{service}.{method} comes without a statement"
        statement = READER.read(token, now=self.staff.clock.unmoved())
        hold_to(statement, AskedCall(service=service, method=method, fields=fields, user="desk", act=known.act))
        with stated(statement):
            yield

    def _tell_staff(self) -> None:
        """The relay brings what retention has told since."""
        query = "SELECT body FROM outbox WHERE routing_key = 'act.carried_out' ORDER BY id"
        with self.retention.database.transaction() as tx:
            bodies = [json.loads(bytes(row["body"])) for row in tx.all(query)]
        for told in bodies[self._told :]:
            message = Received(
                id=UUID(told["id"]), event=ActCarriedOut.from_data(told["data"]), source="retention",
                time=self.staff.clock.now(), subject=told["subject"], correlation_id=new_id(), actor=told["actor"],
            )  # fmt: skip
            hear(self.staff, message)
        self._told = len(bodies)


@dataclass
class House:
    """The desk in front of both, and who works there."""

    url: str
    stage: StaffStage
    behind: Behind
    accounts: AccountsThere
    clock: FixedClock
    pages: dict[str, Page] = field(default_factory=dict)

    def holds(self, **of: str) -> list[dict[str, Any]]:
        return list(invoke(self.behind.retention, "holds", account_id=str(ACCOUNT), **of)["holds"])

    def place_ten(self) -> None:
        """So many holds as one account has at most."""
        today = self.clock.now().date()
        for number in range(10):
            decide(
                self.behind.retention, "place_hold", account_id=str(ACCOUNT), reason="dispute", owner="staff:kari",
                case_ref=f"tvist-2026-{number + 100}", starts_on=today, review_on=today + timedelta(days=60),
            )  # fmt: skip

    def left_by_rehearsals(self) -> int:
        """Rows that retention has written."""
        tables = [name.strip() for name in TABLES_OF_RETENTION.split(",")]
        with self.behind.retention.database.transaction() as tx:
            return sum(len(tx.all(f"SELECT 1 AS one FROM {name}")) for name in tables)  # noqa: S608

    def not_taken(self) -> list[tuple[str, str]]:
        """What was told of what somebody wanted and may not: what, and why."""
        told = [data for kind, _, data, _ in self.stage.events() if kind == "approval.not_taken"]
        return [(each["wanted"], each["reason"]) for each in told]


@pytest.fixture(scope="module")
def stores(databases, keyring_database) -> Iterator[tuple[Database, Database, Keyring]]:
    opened = (
        Database(databases.dsn("staff"), source="staff", size=4),
        Database(databases.dsn("retention"), source="retention", size=4),
        Keyring(keyring_database.dsn("retention"), kek=None),
    )
    for each in opened:
        each.open()
    yield opened
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def moved_in(databases, stores, chromium, tmp_path_factory) -> Iterator[House]:
    """Two who have enrolled, each in a browser of their own, and may act."""
    port, folder = free_port(), tmp_path_factory.mktemp("house")
    url = f"http://desk.localhost:{port}"
    staff_database, retention_database, keyring = stores
    with psycopg.connect(databases.owner_dsn("staff"), autocommit=True) as owner:
        owner.execute(f"TRUNCATE {TABLES} CASCADE")
        stage = StaffStage.empty(staff_database, owner)
        stage.clock.at = Clock().now()  # the desk has a clock of its own
        party = RelyingParty.of_url(url)
        stage.service = Staff(
            database=staff_database,
            clock=stage.clock,
            party=party,
            software_keys=False,
            signer=SIGNER,
            ledger_keys=[LEDGER_KEY.public],
            spent_codes=SPENT_CODES,
        )
        ledger = LedgerWriter(folder / "ledger.jsonl", signing_key=SigningKey(os.urandom(32)))
        ledger.create(uuid4(), stage.clock.now())
        accounts = AccountsThere()
        retention = Retention(
            database=retention_database,
            clock=stage.clock,
            caller=accounts,
            keyring=keyring,
            signing_key=SigningKey(os.urandom(32)),
            ledger=ledger,
            archive=CertificateArchive(folder / "certificates.jsonl"),
        )
        behind = Behind(stage.service, retention)
        application = app_of(folder, behind, public_url=url, sessions=StaffSessions(behind))
        listening = server.listen(application, host="127.0.0.1", port=port, threads=THREADS)
        thread = threading.Thread(target=listening.run)
        thread.start()
        made = House(url, stage, behind, accounts, stage.clock)
        contexts = [at_work(chromium, made, code) for code in ("kari", "ola")]
        yield made
        for each in contexts:
            each.close()
        stop(listening, thread)


@pytest.fixture(scope="module")
def kept(databases, moved_in) -> Callable[[], None]:
    """Sets everything back to when the two had moved in."""
    staff, at = SetBack(databases.owner_dsn("staff")), moved_in.clock.at
    cookies = {code: page.context.cookies() for code, page in moved_in.pages.items()}

    def set_back() -> None:
        staff.restore()
        with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
            owner.execute(f"TRUNCATE {TABLES_OF_RETENTION} CASCADE")
        moved_in.clock.at = at
        moved_in.accounts.since.clear()
        moved_in.behind.begin()
        for code, page in moved_in.pages.items():
            page.context.clear_cookies()
            page.context.add_cookies(cookies[code])
            page.goto("/me")

    return set_back


@pytest.fixture
def house(moved_in, kept) -> House:
    """The house as the two have moved in; what they did in another test is not there."""
    kept()
    return moved_in


def at_work(chromium: Any, house: House, code: str) -> BrowserContext:
    """Somebody with two authenticators, sworn in, trained, handler and operator; in a browser of their own."""
    profile = chromium.new_context(base_url=house.url, locale="nb-NO")
    page = house.pages[code] = profile.new_page()
    pocket, token = Pocket(page), new_token()
    with house.stage.database.transaction() as tx:
        house.stage.service.people.invite(tx, code, link_digest(token), house.clock.now())
    pocket.take_another()
    page.goto(f"/enrol/{token}")
    page.get_by_role("button", name="Lag nøkkelen").click()
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page).to_have_url(f"{house.url}/me")
    pocket.take_another()
    page.get_by_role("link", name="Registrer en nøkkel til").click()
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/me")
    swear_in(house, code)
    return profile


def swear_in(house: House, code: str) -> None:
    """An undertaking signed in their own session, training, grants, and a ledger that has their keys."""
    service, now = house.stage.service, house.clock.now()
    cookies = house.pages[code].context.cookies()
    (token,) = [each["value"] for each in cookies if each["name"] == COOKIE]
    text = ask(service, UndertakingText(language="nb"))
    ask(service, SignUndertaking(token=token, text_sha256=text.sha256))
    with acting_as("staff:chief"):
        ask(service, RecordTraining(code=code, course="privacy-2026", completed_on=now.date()))
    for role, purpose in ((Role.CASE_HANDLER, Purpose.DISPUTE), (Role.OPERATOR, Purpose.OPERATIONS)):
        grant = GiveGrant(code=code, role=role, purpose=purpose, last_day=now.date() + timedelta(days=300))
        decide(service, grant.method, **grant.to_json(), requested_by="staff:chief", approved_by="staff:boss")
    tell_ledger(house.stage)


def fill_in_hold(page: Page, case: str = "tvist-2026-12") -> None:
    page.goto(f"/acts/place-hold?account_id={ACCOUNT}")
    say_what_for(page)
    complete_hold(page, case)


def say_what_for(page: Page, *offered: str) -> None:
    """Nothing of a customer is shown before; only what one is granted is offered."""
    expect(page.get_by_label("Formål").get_by_role("option")).to_have_text([*offered] or ["en tvist"])
    page.get_by_role("button", name="Gå videre").click()


def complete_hold(page: Page, case: str = "tvist-2026-12") -> None:
    """Fill in the form that is open."""
    page.get_by_label("Grunn").select_option("dispute")
    page.get_by_label("Saksnummer").fill(case)
    page.get_by_label("loggen over e-poster").check()


def ask_for_hold(house: House, code: str = "kari", *, case: str = "tvist-2026-12") -> str:
    """Somebody fills in the form, and is on the page of the request then; its address."""
    page = house.pages[code]
    fill_in_hold(page, case)
    page.get_by_role("button", name=ASK).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sett et tilbakehold")
    expect(page.get_by_text("venter på godkjenning")).to_be_visible()
    return page.url.removeprefix(house.url).partition("?")[0]


def sent(page: Page, house: House, address: str, **fields: str) -> int:
    """What a form would send that the page does not offer; the answer is shown, its status returned."""
    page.goto("/approvals")
    page.evaluate(
        """([address, fields]) => {
            const form = document.createElement("form"), known = document.querySelector("[name=form_token]");
            form.method = "post";
            form.action = address;
            form.append(known.cloneNode());
            for (const [name, value] of Object.entries(fields)) {
                const field = document.createElement("input");
                field.name = name;
                field.value = value;
                form.append(field);
            }
            document.body.append(form);
        }""",
        [address, fields],
    )
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.evaluate("document.body.lastElementChild.submit()")
    page.wait_for_load_state()
    assert answered.value.url == house.url + address
    return int(answered.value.status)


def erased_after_three_months(house: House) -> UUID:
    """An account that was inactive for more than three months, erased by retention; every other service is done."""
    account_id, since = new_id(), house.clock.now() - timedelta(days=100)
    house.accounts.since[account_id] = since
    told = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=since, user_count=1)
    hear_from(house.behind.retention, told, "account")
    assert erase(house.behind.retention, account_id) == "certified"
    return account_id


def parked_at_retention(house: House) -> UUID:
    """A message that retention could not handle."""
    unhandled = parked_messages.Unhandled(
        queue="evt-account-account.registered--retention", body=b"{}", headers={}, type="account.registered",
        message_id=new_id(), reason="handler_failed", error=Permanent("it cannot be handled"), attempts=5,
    )  # fmt: skip
    with house.behind.retention.database.transaction() as tx:
        return parked_messages.park(tx, unhandled, now=house.clock.now())


def test_a_day_at_the_desk(house) -> None:
    """Log in, find a customer, hold, release, replay a message, look at an erasure and at its certificate."""
    kari, ola = house.pages["kari"], house.pages["ola"]
    erased, parked_id = erased_after_three_months(house), parked_at_retention(house)
    kari.get_by_role("button", name="Logg ut").click()
    kari.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(kari.get_by_role("heading", level=1)).to_have_text("Dette venter")

    kari.get_by_role("link", name="Finn kunde").click()
    kari.get_by_label("E-postadresse").fill("post@firma.example")
    kari.get_by_label("Hvorfor søker du?").select_option("dispute")
    kari.get_by_role("button", name="Søk").click()
    kari.get_by_role("link", name=str(ACCOUNT)[-8:]).click()
    expect(kari.get_by_role("heading", level=1)).to_have_text("Fjøsåker Bakeri AS")

    kari.get_by_role("link", name="Sett et tilbakehold").click()
    complete_hold(kari)
    kari.get_by_role("button", name=ASK).click()
    expect(kari.get_by_text("venter på godkjenning")).to_be_visible()
    ola.goto(kari.url)
    ola.get_by_role("button", name=APPROVE).click()
    expect(ola.get_by_text("utført", exact=True)).to_be_visible()
    kari.reload()
    kari.get_by_role("link", name="Se resultatet").click()
    say_what_for(kari)
    kari.get_by_role("link", name="Opphev det").click()
    kari.get_by_label("Grunn").select_option("settled")
    kari.get_by_role("button", name="Opphev").click()
    expect(kari.get_by_text("opphevet", exact=True)).to_be_visible()
    (hold,) = house.holds(state="released")
    assert (hold["approved_by"], hold["released_by"]) == ("staff:ola", "staff:kari")

    kari.get_by_role("link", name="Parkerte meldinger").click()
    kari.get_by_role("link", name=str(parked_id)[-8:], exact=True).click()
    kari.get_by_role("link", name="Send den på nytt").click()
    kari.get_by_role("button", name="Send på nytt").click()
    expect(kari.get_by_text("sendt på nytt", exact=True)).to_be_visible()
    with house.behind.retention.database.transaction() as tx:
        rows = tx.all("SELECT routing_key FROM outbox WHERE subject = %(id)s", id=f"parked/{parked_id}")
    told = sorted(row["routing_key"] for row in rows)
    assert told == ["evt-account-account.registered--retention", "parked.decided"]

    kari.get_by_role("link", name="Slettinger").click()
    say_what_for(kari, "en tvist", "drift")
    kari.get_by_role("link", name="slettet, med bevis").click()
    row = kari.get_by_role("row").filter(has=kari.get_by_role("link", name=str(erased)[-8:]))
    expect(row).to_contain_text("Kontoen ble gjort inaktiv")
    row.get_by_role("link").last.click()
    expect(kari.get_by_role("heading", level=1)).to_have_text("Slettebevis")
    expect(kari.locator("pre")).to_contain_text("account_inactivated")
    assert house.not_taken() == []


def test_a_hold_is_asked_for_by_one_approved_by_another_and_stands(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    address = ask_for_hold(house)
    assert house.holds() == []
    expect(kari.get_by_role("button", name=APPROVE)).to_have_count(0)
    ola.goto("/")
    ola.get_by_role("link", name="Sett et tilbakehold").click()
    expect(ola).to_have_url(house.url + address)
    for said in ("tvist", "tvist-2026-12", "loggen over e-poster", "kari"):
        expect(ola.locator("dl.page-facts").get_by_text(said, exact=False).first).to_be_visible()
    ola.get_by_role("button", name=APPROVE).click()
    expect(ola.get_by_text("utført", exact=True)).to_be_visible()
    (hold,) = house.holds()
    assert (hold["requested_by"], hold["approved_by"], hold["state"]) == ("staff:kari", "staff:ola", "active")
    assert (hold["case_ref"], hold["categories"]) == ("tvist-2026-12", ["letters"])
    ola.get_by_role("link", name="Se resultatet").click()
    say_what_for(ola)
    expect(ola.get_by_role("heading", level=1)).to_contain_text("Tilbakehold")
    expect(ola.get_by_text("kari", exact=True).first).to_be_visible()
    # And it is proved by a file, without us.
    kari.goto(address)
    with kari.expect_download() as download:
        kari.get_by_role("link", name="Filen som beviser godkjenningen").click()
    proved = verify_file(Path(download.value.path()).read_bytes(), [LEDGER_KEY.public])
    assert (proved.request.requested_by, proved.approved_by) == ("kari", "ola")
    assert house.not_taken() == []


def test_nobody_approves_what_they_asked_for_or_changed_last(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    address = ask_for_hold(house)
    assert sent(kari, house, f"{address}/approve", answer=SIGNED, version="1") == 403
    expect(kari.get_by_text("Du har bedt om dette selv.")).to_be_visible()
    ola.goto(address)
    ola.get_by_role("link", name="Endre det").click()
    say_what_for(ola)
    ola.get_by_label("Saksnummer").fill("tvist-2026-13")
    ola.get_by_role("button", name="Endre det jeg ber om").click()
    expect(ola.get_by_text("versjon 2")).to_be_visible()
    expect(ola.get_by_role("button", name=APPROVE)).to_have_count(0)
    assert sent(ola, house, f"{address}/approve", answer=SIGNED, version="2") == 403
    expect(ola.get_by_text("Du endret dette sist.")).to_be_visible()
    assert house.not_taken() == [("approve", "own_request"), ("approve", "own_edit")]
    assert house.holds() == []


def test_what_was_signed_and_may_be_done_is_not_changed_but_taken_back(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    address = ask_for_hold(house)
    house.behind.away = True
    ola.goto(address)
    ola.get_by_role("button", name=APPROVE).click()
    expect(ola.get_by_text("vet ikke om det er utført")).to_be_visible()
    house.behind.away = False
    house.clock.at += timedelta(seconds=66)  # until then it may be carried out
    kari.goto(f"{address}/edit")
    say_what_for(kari)
    kari.get_by_label("Saksnummer").fill("tvist-2026-13")
    kari.get_by_role("button", name="Endre det jeg ber om").click()
    expect(kari.get_by_text("Dette kan være utført allerede.")).to_be_visible()
    kari.goto(address)
    kari.get_by_role("button", name="Trekk det tilbake").click()
    expect(kari.get_by_text("trukket tilbake").first).to_be_visible()
    ola.goto(address)
    expect(ola.get_by_role("button", name="Utfør nå")).to_have_count(0)
    assert house.holds() == []


def test_what_its_service_would_refuse_is_said_at_the_field_and_asked_of_nobody(house) -> None:
    kari = house.pages["kari"]
    fill_in_hold(kari)
    today = oslo_date(house.clock.now())
    for wrong in (today - timedelta(days=1), today + timedelta(days=91)):
        kari.get_by_label("Vurderes på nytt").fill(wrong.isoformat())
        kari.get_by_role("button", name=ASK).click()
        expect(kari.get_by_role("group", name="Noe må rettes")).to_be_visible()
        expect(kari.get_by_label("Vurderes på nytt")).to_have_attribute("aria-invalid", "true")
    kari.get_by_label("Vurderes på nytt").fill((today + timedelta(days=30)).isoformat())
    kari.get_by_label("Ansvarlig").fill("nobody-here")
    kari.get_by_role("button", name=ASK).click()
    expect(kari.locator("#owner-error")).to_have_text("Ingen som arbeider her nå, har denne koden.")
    kari.goto("/approvals")
    expect(kari.get_by_role("link", name="Sett et tilbakehold")).to_have_count(0)
    assert house.holds() == []
    assert house.left_by_rehearsals() == 0


def test_what_is_refused_by_now_is_signed_by_nobody_and_says_why_to_both(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    approved, waiting = ask_for_hold(house), ask_for_hold(house, case="tvist-2026-13")
    house.behind.away = True
    ola.goto(approved)
    ola.get_by_role("button", name=APPROVE).click()
    expect(ola.get_by_text("vet ikke om det er utført")).to_be_visible()
    house.behind.away = False
    house.place_ten()
    for page, address in ((kari, approved), (ola, approved), (ola, waiting)):
        page.goto(address)
        expect(page.get_by_text("Kontoen har allerede ti tilbakehold.")).to_be_visible()
    expect(ola.get_by_role("button", name=APPROVE)).to_have_count(0)
    expect(ola.get_by_text("ville avvist dette slik det står nå")).to_be_visible()
    kari.goto(approved)
    expect(kari.get_by_text("men tjenesten avviser det slik det står nå")).to_be_visible()
    kari.get_by_role("button", name="Utfør nå").click()
    expect(kari.get_by_text("Kontoen har allerede ti tilbakehold.")).to_be_visible()
    assert len(house.holds()) == 10


def test_where_carrying_out_failed_one_of_the_two_does_it_later_and_once(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    address = ask_for_hold(house)
    house.behind.away = True
    ola.goto(address)
    ola.get_by_role("button", name=APPROVE).click()
    expect(ola.get_by_text("vet ikke om det er utført")).to_be_visible()
    house.behind.away = False
    kari.goto(address)
    kari.get_by_role("button", name="Utfør nå").click()
    expect(kari.get_by_text("utført", exact=True)).to_be_visible()
    assert sent(ola, house, f"{address}/carry-out") == 403
    expect(ola.get_by_text("Dette er avsluttet.")).to_be_visible()
    assert sent(ola, house, f"{address}/approve", answer=SIGNED, version="1") == 409
    assert len(house.holds()) == 1


def test_a_second_press_asks_once_and_the_way_back_sends_nothing(house) -> None:
    kari = house.pages["kari"]
    fill_in_hold(kari)
    kari.get_by_role("button", name=ASK).dblclick()
    expect(kari.get_by_text("venter på godkjenning")).to_be_visible()
    kari.go_back()
    expect(kari.get_by_role("button", name=ASK)).to_be_visible()
    kari.goto("/approvals")
    expect(kari.get_by_role("link", name="Sett et tilbakehold")).to_have_count(1)


def test_what_was_not_approved_in_a_week_is_approved_no_more(house) -> None:
    ola = house.pages["ola"]
    address = ask_for_hold(house)
    house.clock.move(timedelta(days=7, minutes=1))
    ola.goto(address)
    ola.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(ola).to_have_url(house.url + address)
    expect(ola.get_by_role("button", name=APPROVE)).to_have_count(0)
    assert sent(ola, house, f"{address}/approve", answer=SIGNED, version="1") == 409
    expect(ola.get_by_text("Fristen for dette er over.")).to_be_visible()
    assert house.holds() == []


def test_it_is_refused_with_a_reason_and_taken_back_by_who_asked(house) -> None:
    kari, ola = house.pages["kari"], house.pages["ola"]
    address = ask_for_hold(house)
    ola.goto(address)
    ola.get_by_role("button", name="Avslå").click()
    expect(ola.get_by_text("Velg hvorfor.")).to_be_visible()
    ola.get_by_label("Hvorfor").select_option("not_needed")
    ola.get_by_role("button", name="Avslå").click()
    expect(ola.get_by_text("avslått", exact=True)).to_be_visible()
    another = ask_for_hold(house)
    assert another != address
    kari.get_by_role("button", name="Trekk det tilbake").click()
    expect(kari.get_by_text("trukket tilbake", exact=True)).to_be_visible()
    assert house.holds() == []
