"""Staff come in by passkey: in a browser with authenticators of Chromium's own, to the service that knows them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from services.desk.cli.output import REFUSED
from services.desk.sessions import COOKIE, StaffSessions
from services.staff.people.calls import RecordExit, link_digest
from services.staff.service import Staff
from shared.calls import Caller
from shared.clock import Clock, FixedClock
from shared.database import Database
from shared.http import server
from shared.identifiers import new_token
from shared.webauthn import RelyingParty
from tests.desk_stage import Services, app_of
from tests.in_process import invoke
from tests.integration.desk.conftest import THREADS, stop
from tests.integration.running import free_port
from tests.integration.staff.deciders import LEDGER_KEY
from tests.integration.staff.machine_command import machine_command
from tests.integration.staff.staff_stage import SPENT_CODES, TABLES, StaffStage
from tests.staff_statements import SIGNER

pytestmark = pytest.mark.integration


class Behind(Caller):
    """The service staff as it is; the others answer by script."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.others = Services()

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if service == self.staff.name:
            return invoke(self.staff, method, **fields)
        return self.others.call(service, method, timeout_seconds=timeout_seconds, **fields)


@dataclass(frozen=True)
class House:
    """The desk in front of the service staff, with its clock."""

    url: str
    stage: StaffStage
    clock: FixedClock

    def invited(self, code: str) -> str:
        """The address of the link for somebody who is asked to come."""
        token = new_token()
        with self.stage.database.transaction() as tx:
            self.stage.service.people.invite(tx, code, link_digest(token), self.clock.now())
        return f"/enrol/{token}"


@pytest.fixture(scope="module")
def staff_database(databases) -> Iterator[Database]:
    opened = Database(databases.dsn("staff"), source="staff", size=4)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def house(databases, staff_database, tmp_path: Path) -> Iterator[House]:
    port = free_port()
    url = f"http://desk.localhost:{port}"
    with psycopg.connect(databases.owner_dsn("staff"), autocommit=True) as owner:
        owner.execute(f"TRUNCATE {TABLES} CASCADE")
        stage = StaffStage.empty(staff_database, owner)
        service = Staff(
            database=staff_database,
            clock=stage.clock,
            party=RelyingParty.of_url(url),
            software_keys=False,
            signer=SIGNER,
            ledger_keys=[LEDGER_KEY.public],
            spent_codes=SPENT_CODES,
        )
        stage.service = service
        behind = Behind(service)
        application = app_of(tmp_path, behind, public_url=url, sessions=StaffSessions(behind))
        listening = server.listen(application, host="127.0.0.1", port=port, threads=THREADS)
        thread = threading.Thread(target=listening.run)
        thread.start()
        yield House(url, stage, stage.clock)
        stop(listening, thread)


@pytest.fixture
def browser_of_kari(chromium, house) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=house.url, locale="nb-NO")
    yield context
    context.close()


class Pocket:
    """The authenticators that somebody has at hand."""

    def __init__(self, page: Page) -> None:
        self._chromium: CDPSession = page.context.new_cdp_session(page)
        self._chromium.send("WebAuthn.enable")
        self._at_hand = ""

    def take_another(self) -> None:
        """An authenticator that its owner unlocks whenever it asks; the one from before is put away."""
        if self._at_hand:
            self._chromium.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._at_hand})
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                   "hasUserVerification": True, "isUserVerified": True}  # fmt: skip
        made = self._chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._at_hand = str(made["authenticatorId"])

    def lock(self) -> None:
        """Its owner does not unlock it any more."""
        locked = {"authenticatorId": self._at_hand, "isUserVerified": False}
        self._chromium.send("WebAuthn.setUserVerified", locked)


def arrived(page: Page, house: House, code: str = "kari", *, link: str | None = None) -> Pocket:
    """Somebody has enrolled the first key by the link, the second in a session, and is on their own page."""
    pocket = Pocket(page)
    pocket.take_another()
    page.goto(link or house.invited(code))
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/log-in?made=1")
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page).to_have_url(f"{house.url}/me")
    pocket.take_another()
    page.get_by_role("link", name="Registrer en nøkkel til").click()
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/me")
    return pocket


def test_somebody_who_is_invited_enrols_two_keys_and_is_at_work(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    pocket = Pocket(page)
    pocket.take_another()
    link = house.invited("kari")
    page.goto(link)
    page.get_by_role("button", name="Lag nøkkelen").click()
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page.get_by_text("Du har én nøkkel, og trenger én til")).to_be_visible()
    # With one key nothing is to be had but the second one.
    page.goto("/holds")
    expect(page).to_have_url(f"{house.url}/me")
    # The same authenticator is not taken twice.
    page.get_by_role("link", name="Registrer en nøkkel til").click()
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page.get_by_text("Denne nøkkelen er allerede registrert. Bruk en annen.")).to_be_visible()
    pocket.take_another()
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/me")
    assert page.get_by_role("link", name="Trekk tilbake").count() == 2
    # In, but with nothing that one may do: no undertaking was signed, and nothing granted.
    page.goto("/holds?purpose=dispute")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du kan ikke gjøre dette")
    # The link was good for once.
    page.goto(link)
    expect(page.get_by_text("Lenken er brukt. Be om en ny.")).to_be_visible()
    assert page.get_by_role("button", name="Lag nøkkelen").count() == 0


def test_root_invites_the_first_two_administrators_and_is_shut_out_once_they_have_signed(
    chromium, infrastructure, broker, databases, keyring_database, house, tmp_path
) -> None:
    """As on a machine without the people of a demo: the command, its links, two browsers, and then the door."""
    staff = machine_command(
        infrastructure, broker, databases, keyring_database,
        owner=house.stage.owner, folder=tmp_path, desk_url=house.url,
    )  # fmt: skip

    def invited(code: str) -> tuple[int, Any]:
        ended, said = staff("invite", code, "--json")
        house.clock.at = Clock().now()  # the command has no other clock than this machine's
        return ended, json.loads(said) if ended == 0 else said

    links = {}
    for code in ("kari", "ola"):
        ended, shown = invited(code)
        assert ended == 0, shown
        links[code] = shown["address"]
    assert "on_their_way" in invited("per")[1]
    for code, link in links.items():
        context = chromium.new_context(base_url=house.url, locale="nb-NO")
        page = context.new_page()
        arrived(page, house, code, link=link)
        page.goto("/people")
        expect(page.get_by_role("heading", level=1)).to_have_text("Du kan ikke gjøre dette")
        page.goto("/me/undertaking")
        page.get_by_role("button", name=f"Signer som deg: {code}").click()
        expect(page.get_by_text("Du har signert.")).to_be_visible()
        page.goto("/people")
        expect(page.get_by_role("heading", level=1)).to_have_text("Medarbeidere")
        page.goto(link)
        expect(page.get_by_text("Lenken er brukt. Be om en ny.")).to_be_visible()
        if code == "ola":
            page.goto("/people")
            page.get_by_label("Kode").fill("per")
            page.get_by_role("button", name="Inviter, og vis lenken").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Lenken til per")
        context.close()
    ended, said = invited("eva")
    assert (ended, "administrators_live" in said) == (REFUSED, True), said
    everybody = {each["code"]: each for each in json.loads(staff("list", "--json")[1])}
    assert {code: (each["state"], each["administrator"]) for code, each in everybody.items()} == {
        "kari": ("active", True), "ola": ("active", True), "per": ("invited", False),
    }  # fmt: skip
    assert (
        house.stage.rows("SELECT role, bootstrap, granted_by FROM role_grant")
        == [("staff_admin", True, "system")] * 2
    )
    doors = [each["door"] for each in json.loads(staff("doors", "--json")[1])]
    assert doors == ["staff_invite"] * 2


def test_one_goes_on_to_where_one_wanted_and_out_again(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    arrived(page, house)
    page.get_by_role("button", name="Logg ut").click()
    expect(page).to_have_url(f"{house.url}/log-in")
    assert [each for each in browser_of_kari.cookies() if each["name"] == COOKIE] == []
    page.goto("/holds?state=overdue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page).to_have_url(f"{house.url}/holds?state=overdue")
    (cookie,) = [each for each in browser_of_kari.cookies() if each["name"] == COOKIE]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, True, "Lax", -1)


def test_a_challenge_is_good_for_five_minutes_and_the_next_one_is_there_at_once(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    arrived(page, house)
    page.get_by_role("button", name="Logg ut").click()
    house.clock.move(timedelta(minutes=6))
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page.get_by_text("Det gikk for lang tid")).to_be_visible()
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page).to_have_url(f"{house.url}/")


def test_whoever_leaves_is_out_at_the_next_page(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    arrived(page, house)
    # In, but with nothing that one may do: no undertaking was signed, and nothing granted.
    page.goto("/holds?purpose=dispute")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du kan ikke gjøre dette")
    invoke(house.stage.service, RecordExit.method, **RecordExit(code="kari", reason="left").to_json())
    page.goto("/holds")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page.get_by_text(re.compile("trukket tilbake|har sluttet"))).to_be_visible()


def test_recovery_codes_are_shown_once_and_one_brings_back_who_has_lost_all_keys(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    pocket = arrived(page, house)
    page.get_by_role("button", name="Lag ti nye").click()
    codes = page.locator("ol code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="Jeg har skrevet dem ned").click()
    expect(page.get_by_text("10 koder er igjen")).to_be_visible()
    page.get_by_role("button", name="Logg ut").click()
    pocket.take_another()
    page.get_by_role("link", name="Jeg har mistet nøklene mine").click()
    page.get_by_label("Medarbeiderkoden din").fill("kari")
    page.get_by_label("En av kodene").fill(codes[3])
    page.get_by_role("button", name="Gå videre").click()
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/log-in?made=1")
    page.get_by_role("link", name="Jeg har mistet nøklene mine").click()
    page.get_by_label("Medarbeiderkoden din").fill("kari")
    page.get_by_label("En av kodene").fill(codes[3])
    page.get_by_role("button", name="Gå videre").click()
    expect(page.get_by_text("Koden er feil, brukt eller utløpt.")).to_be_visible()


def test_an_authenticator_that_is_not_unlocked_proves_nothing(browser_of_kari, house) -> None:
    page = browser_of_kari.new_page()
    pocket = Pocket(page)
    pocket.take_another()
    page.goto(house.invited("kari"))
    page.get_by_role("button", name="Lag nøkkelen").click()
    expect(page).to_have_url(f"{house.url}/log-in?made=1")
    pocket.lock()
    page.get_by_role("button", name="Logg inn med adgangsnøkkel").click()
    expect(page.get_by_text("Det kom ikke noe svar fra nøkkelen.")).to_be_visible()
    assert page.get_by_role("button", name="Logg inn med adgangsnøkkel").is_enabled()


def test_without_scripts_the_page_says_that_passkeys_need_them(chromium, house) -> None:
    context = chromium.new_context(base_url=house.url, locale="nb-NO", java_script_enabled=False)
    page = context.new_page()
    page.goto("/log-in")
    expect(page.get_by_text("Adgangsnøkler krever skript.")).to_be_visible()
    expect(page.get_by_role("button", name="Logg inn med adgangsnøkkel")).to_be_disabled()
    context.close()
