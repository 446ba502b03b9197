"""Companies and their people as the tests play them: everything they do goes through the gateway."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import requests

from deploy.customers.life import Customer, choose_password
from shared.calendar import start_of_day_oslo
from shared.clock import RECHECK_SECONDS, Clock
from tests.forms import agreement
from tests.plugins.system import WholeSystem
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "Ni grønne elger under en paraply"
DONE = frozenset({"sent", "deferred", "delivered"})
LINK = re.compile(r"https?://\S+/(?:confirm|password)/([A-Za-z0-9_%.~-]+)")
LETTER_SECONDS = 60.0

_addresses = itertools.count(secrets.randbelow(1 << 15))


def a_network_address() -> str:
    """An address that no other customer of this run has (198.18.0.0/15 is for tests)."""
    number = next(_addresses) % (1 << 17)
    return f"198.{18 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}"


def a_phone() -> str:
    """A valid Norwegian mobile number."""
    return f"+479{secrets.randbelow(10_000_000):07d}"


def an_org_number() -> str:
    """A number with a valid check digit that nobody has (the register knows none that begins with 83)."""
    while True:
        digits = [8, 3, *(secrets.randbelow(10) for _ in range(6))]
        check = -sum(w * d for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), digits, strict=True)) % 11
        if check < 10:
            return "".join(map(str, [*digits, check]))


@dataclass
class Visitor:
    """Somebody with a browser, at a network address of their own."""

    system: WholeSystem
    address: str = field(default_factory=a_network_address)
    token: str = ""

    def ask(self, method: str, path: str, *, token: str | None = None, **options: Any) -> requests.Response:
        """One request, whatever the answer."""
        headers = {"X-Forwarded-For": self.address, **options.pop("headers", {})}
        chosen = self.token if token is None else token
        if chosen:
            headers["Authorization"] = f"Bearer {chosen}"
        timeout = options.pop("timeout", 40)
        return requests.request(method, self.system.gateway + path, headers=headers, timeout=timeout, **options)

    def must(self, method: str, path: str, status: int, **options: Any) -> Any:
        """One request that must be answered with `status`; the body."""
        answer = self.ask(method, path, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def patiently(self, method: str, path: str, status: int, *, seconds: float = 120.0, **options: Any) -> Any:
        """One request, made again while the system is partly away, that must be answered with `status`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.ask(method, path, **options)
            except requests.RequestException as error:
                said, wait = repr(error), 0.5
            else:
                if answer.status_code == status:
                    return answer.json() if answer.content else None
                said = f"{answer.status_code} {answer.text}"
                # 502: the gateway was killed while it had the request; who knows whether it was carried out?
                assert answer.status_code in {429, 500, 502, 503}, said
                wait = min(float(answer.headers.get("Retry-After", "1")), 2.0)
            assert time.monotonic() < deadline, f"{method} {path}: {said}"
            time.sleep(wait)

    def asked(self, method: str, path: str, *, expect: int, token: str | None = None, json: Any = None) -> Any:
        """The same, as `deploy.customers` asks it."""
        return self.patiently(method, path, expect, token=token or "", json=json)


@dataclass
class Person:
    """One user, with what the tests must never find again."""

    name: str
    email: str
    phone: str
    user_id: str = ""

    @property
    def form(self) -> dict[str, str]:
        """As entered when signing up."""
        return {"name": self.name, "email": self.email, "phone": self.phone}

    @property
    def traces(self) -> set[str]:
        """What the person could be found by."""
        return {self.name, self.email, self.phone, self.phone.removeprefix("+47")}


def somebody(domain: str, name: str = "Torbjørg Fossmo") -> Person:
    """A person whose name occurs nowhere else."""
    mark = uuid4().hex[:8]
    return Person(f"{name} {mark}", f"reader.{mark}@{domain}", a_phone())


@dataclass
class Company(Visitor):
    """A customer: a company with its creator and perhaps further users."""

    users: int = 0
    org_number: str | None = None

    def __post_init__(self) -> None:
        mark = uuid4().hex[:8]
        self.domain = f"bjorkholt-{mark}.example"
        self.name = f"Bjørkholt Rør {mark}"
        self.email = f"post@{self.domain}"
        self.phone = a_phone()
        self.street = f"Bjørkholtveien {mark}"
        self.creator = somebody(self.domain)
        self.others = [somebody(self.domain, "Åsmund Sørli") for _ in range(self.users)]
        self.account_id = ""

    @property
    def traces(self) -> set[str]:
        """What the company and its people could be found by."""
        own = {
            self.name,
            self.street,
            self.email,
            self.phone,
            self.phone.removeprefix("+47"),
            "@" + self.domain,
            self.address,
        }
        if self.org_number:
            own.add(self.org_number)
        return own.union(*(person.traces for person in (self.creator, *self.others)))

    @property
    def form(self) -> dict[str, Any]:
        """The body of a sign-up."""
        return {
            "company": {
                "name": self.name,
                "email": self.email,
                "phone": self.phone,
                "org_number": self.org_number,
                "contact_address": {"line_1": self.street, "postal_code": "5003", "city": "Bergen"},
            },
            "creator": self.creator.form,
            "users": [person.form for person in self.others],
            "password": PASSWORD,
            "language": "nb",
            "agreement": agreement(),
        }

    @property
    def life(self) -> Customer:
        """What the creator does, as demo and drill do it."""
        return Customer(ask=self.asked, email=self.creator.email, password=PASSWORD, token=self.token)

    # ── what its people do ────────────────────────────────────────────────────────────────────────────────

    def sign_up(self) -> Any:
        """Sign up, patiently; repeating does no harm."""
        key = {"Idempotency-Key": f"sign-up-{self.domain}"}
        return self.patiently("POST", "/v1/accounts", 202, json=self.form, headers=key)

    def confirm(self) -> None:
        """Follow the link of the creator's letter."""
        life = self.life
        life.confirm(letter_token(self.system, self.creator, "email_confirmation"))
        self.account_id, self.creator.user_id = life.account_id, life.user_id

    def join(self) -> None:
        """Let everybody who was invited choose a password."""
        for person in self.others:
            choose_password(self.asked, letter_token(self.system, person, "invitation"), PASSWORD)
            person.user_id = self.log_in(person)["user_id"]

    def log_in(self, person: Person | None = None) -> Any:
        """Open a session; the answer with its token."""
        email = (person or self.creator).email
        return self.patiently("POST", "/v1/sessions", 201, json={"email": email, "password": PASSWORD}, token="")

    def move_in(self) -> Company:
        """Sign up, confirm, join, log in as the creator."""
        self.sign_up()
        self.confirm()
        self.join()
        self.token = self.log_in()["token"]
        return self

    def leave(self) -> None:
        """Deactivate the account."""
        self.life.leave()

    # ── what is known of it ───────────────────────────────────────────────────────────────────────────────

    def erasures(self, bus: Any) -> list[dict[str, Any]]:
        """What retention tells of it."""
        found: list[dict[str, Any]] = bus.retention.timeline(account_id=self.account_id)["erasures"]
        return found

    def scheduled(self) -> date:
        """Wait for the date of its erasure."""
        with self.system.bus() as bus:
            found = until(lambda: self.erasures(bus), what="the date of erasure")
        return date.fromisoformat(found[-1]["due_on"])

    def until_state(self, state: str, *, seconds: float = 90.0) -> dict[str, Any]:
        """Wait until its newest erasure is in a state."""
        with self.system.bus() as bus:

            def there() -> dict[str, Any] | None:
                found = self.erasures(bus)
                return found[-1] if found and found[-1]["state"] == state else None

            erasure: dict[str, Any] = until(there, what=f"an erasure that is {state}", seconds=seconds)
        return erasure


def letters_to(system: WholeSystem, email: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The letters in somebody's mailbox, oldest first, perhaps of one kind only."""
    found = system.control("/letters", to=email)["letters"]
    return [letter for letter in found if kind in {None, *letter["tags"]}]


def a_letter(system: WholeSystem, email: str, kind: str, *, count: int = 1) -> dict[str, Any]:
    """Wait for the `count`-th letter of a kind and return it."""
    found = until(
        lambda: letters_to(system, email, kind)[count - 1 : count],
        what=f"letter {count} of kind {kind}",
        seconds=LETTER_SECONDS,
    )
    letter: dict[str, Any] = found[0]
    return letter


def letter_token(system: WholeSystem, person: Person, kind: str) -> str:
    """The token in the newest letter of a kind."""
    a_letter(system, person.email, kind)
    link = LINK.search(letters_to(system, person.email, kind)[-1]["text"])
    assert link is not None
    return link.group(1)


def clock(system: WholeSystem) -> Clock:
    """The clock of the system."""
    return Clock(system.settings.state_dir, environment="test")


def move_to(system: WholeSystem, day: date) -> None:
    """Move the clock of the whole system to the first minute of a day in Oslo, if it is not that late already."""
    ahead = start_of_day_oslo(day) + timedelta(minutes=1) - clock(system).now()
    if ahead > timedelta():
        move_on(system, ahead)


def move_on(system: WholeSystem, span: timedelta) -> None:
    """Move the clock of the whole system ahead."""
    clock(system).move(span)
    time.sleep(2 * RECHECK_SECONDS)  # so long a process may go by the time before


def together(work: Callable[[Any], Any], items: list[Any], *, workers: int = 4) -> list[Any]:
    """Do `work` for all items, a few at a time."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))
