"""`vilkar demo`: fifty companies from sign-up to erasure certificate, with the clock moved three months.

Everything goes the way a customer's request goes, through the gateway; only the clock and the look behind the
scenes are the desk's. In the end everything of ours is searched for every name, address and telephone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar
from uuid import UUID

import typer

from deploy.customers import life
from deploy.customers.clients import POLL_SECONDS, Gateway, Unexpected, Vendors, wait_for
from deploy.demo.companies import PASSWORD, Company, companies
from deploy.demo.timeline_recorder import TimelineRecorder
from deploy.demo_approvals import TwoPersons, two_invented
from deploy.residue_search import plain_search
from deploy.residue_search.multi_pattern import MultiPattern
from deploy.residue_search.plain_search import Searched
from deploy.residue_search.scan_locations import SANDBOX_FILES
from deploy.residue_search.vendor_residue import held
from services.account.companies.calls import SearchAccounts
from services.account.reactivation.calls import ReactivateAccount
from services.account.suspicion.calls import LetInstruct
from services.billing_sync.customers.calls import Status
from services.desk.certificate_check import check_chain
from services.desk.cli.audit import verified
from services.desk.cli.output import FAULT, NOTHING, Json, as_json, busy, err, out, spoken, table
from services.desk.client import Desk
from services.notification.history.calls import Letters
from services.retention.certificates.calls import Certificates
from services.retention.execution.calls import Release
from services.retention.monitoring.calls import Erasures, ErasureShown, Timeline
from shared import backup_record, config
from shared.bus.every_service_calls import Ping, Probes
from shared.bus.queue_browser import SEARCH_USER, search_url, waiting
from shared.bus.topology import of_this_system
from shared.calendar import start_of_day_oslo
from shared.email_addresses import compared_email
from shared.errors import Refused
from shared.evidence import watching
from shared.keyset import PAGE_MOST
from shared.staff import Purpose
from shared.system import SERVICES
from shared.terms.proof import Seen, Watched
from shared.terms.status import ClauseStatus, status

T = TypeVar("T")

WORKERS: Final = 4
STEP_SECONDS: Final = 180.0
LOGGED_OUT_SECONDS: Final = 60.0
"""How long a session may live on before the demo fails: a bound for slow machines. What it measured it tells."""

CAUGHT_UP_SECONDS: Final = 60.0
"""How long is waited until what three months have made due is done; what is not done then is told."""
ON_ONE_MACHINE: Final = frozenset({"backups_not_elsewhere"})
"""What no system on one machine can keep."""
BACKED_UP: Final = frozenset({"backups_not_daily", "backups_not_proven"})
"""What is waited for where somebody takes backups."""

SMALLEST: Final = 10
STAYING: Final = 5
"""The last ones of the fifty stay customers; the one before them leaves and comes back."""

MISTYPING: Final = 5
"""So many mistype their password; if all fifty did, from one address, it would be taken for an attack."""


@dataclass(kw_only=True)
class Customer(life.Customer):
    """One company while the demo runs."""

    company: Company
    due_on: date | None = None
    certificate_id: str = ""

    @classmethod
    def of(cls, company: Company, gateway: Gateway) -> Self:
        """A company that has not come yet; its creator types the address as people do."""
        return cls(ask=gateway.ask, email=company.creator["email"].upper(), password=PASSWORD, company=company)


@dataclass
class Play:
    """What the demo works with. `at` is the desk of whoever does what takes one person."""

    people: TwoPersons
    at: Desk
    gateway: Gateway
    vendors: Vendors
    customers: list[Customer]
    report: dict[str, Any]
    quiet: bool
    timeline: TimelineRecorder | None = None
    """Of the first company that leaves."""

    doing: str = ""
    """What it is at, for whoever watches."""

    otherwise_before: set[str] = field(default_factory=set)
    """What was otherwise than promised before the demo began, by the names of probes."""

    @property
    def looking(self) -> Desk:
        """The same, where they look at a customer."""
        return self.at.acting_for(Purpose.CUSTOMER_SUPPORT)

    @property
    def leaving(self) -> list[Customer]:
        """Those that are erased in the end."""
        return self.customers[: -STAYING - 1]

    @property
    def returning(self) -> Customer:
        """The one that leaves and comes back."""
        return self.customers[-STAYING - 1]

    @property
    def staying(self) -> list[Customer]:
        """Those that stay."""
        return self.customers[-STAYING:]

    def say(self, text: str) -> None:
        """A line for whoever watches."""
        if not self.quiet:
            err.print(text)

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """One part of the play, with what it is at and the time it took."""
        begun = time.monotonic()
        self.say(f"[bold]{title}[/bold]")
        self.doing = "at work"
        with busy(lambda: self.doing, quiet=self.quiet):
            yield
        took = time.monotonic() - begun
        self.report.setdefault("seconds", {})[title] = round(took, 1)
        self.say(f"  [dim]{took:.1f} s[/dim]")

    def each(self, work: Any, customers: list[Customer]) -> None:
        """Do `work` for each customer, a few at a time; the first failure ends the play.

        Every step of `work` has a limit of its own, so there is none here for all of them together.
        """
        with ThreadPoolExecutor(WORKERS) as pool:
            for number, done in enumerate([pool.submit(work, customer) for customer in customers]):
                self.doing = f"{number} of {len(customers)} companies"
                done.result()

    def wait_for(self, what: str, look: Callable[[], T | None], *, seconds: float = STEP_SECONDS) -> T:
        """The same as `clients.wait_for`, told meanwhile."""
        self.doing = f"waiting for {what}"
        return wait_for(what, look, seconds=seconds)


@spoken
def demo(
    companies_limit: Annotated[
        int, typer.Option("--companies", min=SMALLEST, max=50, help="How many companies.")
    ] = 50,
    logs: Annotated[
        list[Path] | None,
        typer.Option(exists=True, file_okay=False, help="Folders with log files to be searched too."),
    ] = None,
    search_stdin: Annotated[
        bool, typer.Option("--search-stdin", help="Only search standard input (logs) for the demo's names.")
    ] = False,
    json: Json = False,
) -> None:
    """Take companies through three months in some minutes, and search for what is left of them."""
    if search_stdin:
        raise typer.Exit(_search_stdin(companies_limit))
    begun = time.monotonic()
    settings = config.load()
    if not settings.movable_clock:
        raise Refused("the demo moves the clock, and production does not allow that")
    with two_invented(settings) as people:
        at = people.asking
        sandbox = at.settings.mailgun_url.removesuffix("/mailgun")
        gateway = Gateway(at.settings.raw.get("VILKAR_GATEWAY_URL") or at.settings.gateway_public_url)
        run = f"r{int(at.clock.now().timestamp()) % 36**5:x}"
        chosen = [Customer.of(each.in_run(run), gateway) for each in companies()[-companies_limit:]]
        play = Play(people, at, gateway, Vendors(sandbox), chosen, {}, quiet=json)
        _run(play, logs or [])
    play.report["seconds"]["in all"] = round(time.monotonic() - begun, 1)
    if json:
        as_json(play.report)
    else:
        _print(play)
    if play.report["search"]["found"]:
        raise typer.Exit(FAULT)


def _run(play: Play, logs: list[Path]) -> None:
    with play.act("Everybody is there"):
        play.wait_for("an answer of every service", partial(_all_answer, play.at), seconds=60)
        play.otherwise_before = set(_otherwise(_promises(play)))
    with play.act(f"{len(play.customers)} companies sign up, and every one of them twice"):
        play.each(_sign_up, play.customers)
    with play.act("They confirm their address from the letter, and their people choose a password"):
        _confirm_all(play)
        _invited_all(play)
    with play.act("They log in, mistype, change things, forget a password"):
        play.each(partial(_use, play), play.customers)
        _forget_password(play)
    with play.act("Tripletex has them all"):
        play.report["tripletex"] = play.wait_for("the copy at Tripletex", partial(_copied, play))
    with play.act(
        f"{len(play.leaving) + 1} companies leave; their sessions are refused at once, letters tell the dates"
    ):
        play.each(Customer.leave, [*play.leaving, play.returning])
        play.report["refused_within_seconds"] = _all_refused(play)
        _wait_scheduled(play)
        _wait_letters(play, "account_deactivated")
    with play.act("One comes back"):
        _come_back(play)
    for number, days in enumerate((30, 7), start=1):
        with play.act(f"The clock is moved to {days} days before the day: reminders"):
            _move_to(play, _due(play) - timedelta(days=days))
            _wait_letters(play, "account_reminder", each=number)
    with play.act("The day has come; where that is too many at once, the brake halts and a person looks"):
        _diary(play).write()
        _move_to(play, _due(play))
        play.report["released_by_a_person"] = _release(play)
    with play.act("Everything is erased, everywhere"):
        play.wait_for("the erasure of all", partial(_all_erased, play))
    with play.act("Certificates and the audit trail are verified"):
        _verify(play)
    with play.act("Everything of ours is searched for every name, address and telephone"):
        _search(play, logs)
    with play.act("Every promise that can be watched is looked at"):
        _look_at_promises(play)
    _count(play)


# ── the acts ──────────────────────────────────────────────────────────────────────────────────────────────


def _all_answer(at: Desk) -> bool:
    return all(at.ask(Ping(), of=service) for service in SERVICES)


def _sign_up(customer: Customer) -> None:
    for _ in range(2):
        customer.sign_up(customer.company.form())


def _confirm_all(play: Play) -> None:
    wanted = {compared_email(customer.email) for customer in play.customers}
    tokens = play.wait_for("a letter to every creator", partial(_tokens, play, "confirm", wanted))
    play.each(lambda customer: customer.confirm(tokens[compared_email(customer.email)]), play.customers)


def _invited_all(play: Play) -> None:
    people = [person for customer in play.customers for person in customer.company.users]
    wanted = {compared_email(person["email"]) for person in people}
    tokens = play.wait_for("a letter to everybody invited", partial(_tokens, play, "password", wanted))
    play.doing = f"{len(wanted)} people choose a password"
    with ThreadPoolExecutor(WORKERS) as pool:
        links = [tokens[address] for address in sorted(wanted)]
        list(pool.map(lambda token: life.choose_password(play.gateway.ask, token, PASSWORD), links))


def _tokens(play: Play, kind: str, wanted: set[str]) -> dict[str, str] | None:
    tokens = play.vendors.tokens(kind)
    return tokens if wanted <= tokens.keys() else None


def _use(play: Play, customer: Customer) -> None:
    if customer in play.customers[:MISTYPING]:
        wrong = {"email": customer.email, "password": "something else entirely"}
        play.gateway.ask("POST", "/v1/sessions", json=wrong, expect=401)
    customer.log_in()
    account = customer.account()
    change = {"version": account["version"], "phone": customer.company.company["phone"], "language": "nb"}
    if account["register_outcome"] == "bankrupt":
        play.gateway.ask("PATCH", "/v1/account", token=customer.token, json=change, expect=409)
        change["version"] = _let_instruct(play, account)
    play.gateway.ask("PATCH", "/v1/account", token=customer.token, json=change, expect=200)
    play.gateway.ask("PATCH", "/v1/account", token=customer.token, json=change, expect=409)
    shown = play.gateway.ask("GET", "/v1/users", token=customer.token, expect=200)["users"]
    if len(shown) != len(customer.company.people):
        raise Unexpected(f"{len(shown)} users are shown instead of {len(customer.company.people)}")


def _let_instruct(play: Play, account: dict[str, Any]) -> int:
    """A bankrupt company's owners decide nothing before a person has looked; the version after it."""
    play.say(f"  {account['name']} is bankrupt: its owner is refused until a person has looked")
    permission = LetInstruct(
        account_id=UUID(account["account_id"]),
        actor=play.at.who,
        version=account["version"],
        reason="trustee_is_owner",
    )
    return play.at.ask(permission).version


def _forget_password(play: Play) -> None:
    first = play.customers[0]
    address = compared_email(first.email)
    before = play.vendors.tokens("password").get(address)
    play.gateway.ask("POST", "/v1/password-reset-requests", json={"email": first.email}, expect=202)
    play.gateway.ask("POST", "/v1/password-reset-requests", json={"email": "nobody@nowhere.example"}, expect=202)

    def arrived() -> str | None:
        token = play.vendors.tokens("password").get(address)
        return token if token != before else None

    token = play.wait_for("the letter for a new password", arrived)
    first.password += "-2"
    life.choose_password(play.gateway.ask, token, first.password)
    first.log_in()


def _copied(play: Play) -> dict[str, int] | None:
    states = (play.looking.ask(Status(account_id=UUID(customer.account_id))).state for customer in play.customers)
    return {"linked": len(play.customers)} if all(state == "linked" for state in states) else None


def _all_refused(play: Play) -> float:
    """Wait until every session is refused; the longest wait for one of them, in seconds."""
    waits: list[float] = []

    def refused(customer: Customer) -> None:
        begun = time.monotonic()
        play.wait_for(
            "the end of a session whose account has left",
            lambda: play.gateway.status("GET", "/v1/account", token=customer.token) == HTTPStatus.UNAUTHORIZED,
            seconds=LOGGED_OUT_SECONDS,
        )
        waits.append(time.monotonic() - begun)

    play.each(refused, play.leaving)
    return round(max(waits), 2)


def _wait_scheduled(play: Play) -> None:
    def scheduled(customer: Customer) -> bool:
        erasures = _erasures(play, customer)
        for erasure in erasures:
            customer.due_on = erasure.due_on
        return bool(erasures)

    for customer in [*play.leaving, play.returning]:
        play.wait_for("the date of erasure", partial(scheduled, customer))


def _come_back(play: Play) -> None:
    customer = play.returning
    account_id, who = UUID(customer.account_id), play.at.who
    (account,) = play.at.ask(SearchAccounts(account_id=account_id, actor=who)).accounts
    play.at.ask(ReactivateAccount(account_id=account_id, actor=who, version=account.version))
    play.wait_for("the erasure being called off", partial(_state_is, play, customer, "cancelled"))


def _state_is(play: Play, customer: Customer, state: str) -> bool:
    erasures = _erasures(play, customer)
    return bool(erasures) and erasures[-1].state == state


def _erasures(play: Play, customer: Customer) -> tuple[ErasureShown, ...]:
    return play.looking.ask(Timeline(account_id=UUID(customer.account_id))).erasures


def _due(play: Play) -> date:
    return max(customer.due_on for customer in play.leaving if customer.due_on)


def _move_to(play: Play, day: date) -> None:
    ahead = start_of_day_oslo(day) + timedelta(minutes=1) - play.at.clock.now()
    if ahead > timedelta():
        play.at.clock.move(ahead)
    play.say(f"  it is now {play.at.clock.now():%Y-%m-%d %H:%M} UTC")


def _wait_letters(play: Play, letter: str, *, each: int = 1) -> None:
    """Until so many of these letters have left for each company; nobody is asked again who has got them."""
    lacking = list(play.leaving)

    def written() -> bool:
        while lacking and _sent(play, lacking[-1], letter) >= each:
            lacking.pop()
        return not lacking

    play.wait_for(f"{each} letters {letter} to each company", written)


def _sent(play: Play, customer: Customer, letter: str) -> int:
    letters = play.at.ask(Letters(account_id=UUID(customer.account_id))).letters
    return sum(one.letter == letter and one.state in {"sent", "deferred", "delivered"} for one in letters)


def _release(play: Play) -> int:
    """Release what the brake has halted; 0 where the run was small enough to go on by itself."""

    def begun() -> list[str]:
        return [
            erasure.state
            for customer in play.leaving
            for erasure in _erasures(play, customer)
            if erasure.state not in {"scheduled", "cancelled"}
        ]

    states = play.wait_for("the run of the day", begun)
    if "halted" not in states:
        return 0
    halted = play.at.ask(Erasures(state="halted", limit=PAGE_MOST)).erasures
    ids = tuple(erasure.erasure_id for erasure in halted)
    play.say(f"  {len(ids)} at once are more than the brake allows: a person looks, and releases them")
    released = play.people.carry_out(Release(erasure_ids=ids))
    return int(released.to_json()["released"])


def _diary(play: Play) -> TimelineRecorder:
    if play.timeline is None:
        play.timeline = TimelineRecorder(play.looking, UUID(play.leaving[0].account_id))
    return play.timeline


def _all_erased(play: Play) -> bool:
    """Whether all are; nobody is asked for again who was erased already."""
    _diary(play).write()
    for customer in play.leaving:
        if customer.certificate_id:
            continue
        erasure = _erasures(play, customer)[-1]
        if erasure.state == "halted":
            raise Unexpected("an erasure is halted")
        if erasure.state != "certified":
            return False
        customer.certificate_id = str(erasure.certificate_id)
    return True


def _verify(play: Play) -> None:
    count, keys = check_chain(partial(_stretch, play.at))
    for customer in play.leaving:
        play.gateway.ask("GET", f"/v1/certificates/{customer.certificate_id}", expect=200)
    play.doing = "verifying the audit trail"
    report = verified(play.at, quiet=True)
    if report.state != "whole":
        raise Unexpected(f"the audit trail is {report.state}")
    play.report["certificates"] = {"in_chain": count, "of_this_demo": len(play.leaving), "keys": sorted(keys)}
    play.report["audit"] = {"state": report.state, "rows": report.tree_size}
    play.gateway.ask("GET", "/v1/account", token=play.staying[0].token, expect=401)
    play.staying[0].log_in()
    gone = {"email": play.leaving[-1].email, "password": PASSWORD}
    play.gateway.ask("POST", "/v1/sessions", json=gone, expect=401)


def _stretch(at: Desk, after: int) -> dict[str, Any]:
    return at.ask(Certificates(after=after, limit=500)).to_json()


# ── what is left ──────────────────────────────────────────────────────────────────────────────────────────


def _search(play: Play, logs: list[Path]) -> None:
    patterns = _needles([each.company for each in play.leaving], [each.company for each in play.customers])
    searched = Searched()
    play.doing = "searching tables"
    plain_search.search_databases(play.at.settings, patterns, searched)
    play.doing = "searching queues"
    queues = [queue.name for queue in of_this_system().queues]
    searched.queues = len(queues)
    url = search_url(play.at.settings)
    if url is None:
        raise Refused(f"queues cannot be searched from here: make demo makes the user for it ({SEARCH_USER})")
    plain_search.search_messages(waiting(url, queues), patterns, searched)
    play.doing = "searching files and logs"
    plain_search.search_files([*play.at.settings.folders, *logs], patterns, searched, skip=SANDBOX_FILES)
    play.report["search"] = {
        "patterns": len(patterns.values),
        "tables": searched.tables,
        "rows": searched.rows,
        "queues": searched.queues,
        "messages": searched.messages,
        "files": searched.files,
        "found": [{"place": hit.place, "needle": hit.needle} for hit in sorted(set(searched.hits))],
    }
    traces = [(each.company.creator["email"], each.company.company["name"]) for each in play.leaving]
    play.report["vendors"] = held(play.vendors, (trace for pair in traces for trace in pair))


def _needles(erased: Sequence[Company], everybody: Sequence[Company]) -> MultiPattern:
    stays = {value for company in everybody if company not in erased for value in company.patterns()}
    return MultiPattern(value for company in erased for value in company.patterns() if value not in stays)


def _look_at_promises(play: Play) -> None:
    """What a moved clock makes due is done within a minute, last a backup of the new day and its proof."""
    accepted = play.otherwise_before | ON_ONE_MACHINE
    if backup_record.read(play.at.settings.backup_dir).sets:
        accepted -= BACKED_UP
    play.doing = "waiting for what three months have made due"
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while _otherwise(statuses := _promises(play)).keys() - accepted and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    watched = {one for each in statuses for one in each.watched or ()}
    play.report["promises"] = {
        "as_promised": sum(one.seen is Seen.HOLDS for one in watched),
        "otherwise": [
            {"says": one.probe.says.en, "count": one.look.count, "act": one.look.act}
            for one in _otherwise(statuses).values()
            if one.look
        ],
    }


def _promises(play: Play) -> list[ClauseStatus]:
    looks = watching.looks(lambda service: play.at.ask(Probes(), of=service), watching.watched_services())
    return status(looks=looks, now=play.at.clock.now())


def _otherwise(statuses: list[ClauseStatus]) -> dict[str, Watched]:
    """What probes saw otherwise than promised, by their names."""
    watched = (one for each in statuses for one in each.watched or ())
    return {one.probe.name: one for one in watched if one.seen is Seen.CONTRADICTED}


def _count(play: Play) -> None:
    letters = Counter(letter["tags"][0] if letter.get("tags") else "untagged" for letter in play.vendors.letters())
    play.report["letters"] = dict(sorted(letters.items()))
    play.report["vendor_calls"] = dict(
        Counter(call["vendor"] for call in play.vendors.get("/control/calls")["calls"])
    )
    play.report["timeline"] = _diary(play).lines()


def _search_stdin(limit: int) -> int:
    chosen = companies()[-limit:]
    patterns = _needles(chosen[: -STAYING - 1], chosen)
    searched = Searched()
    plain_search.search_stream(
        iter(partial(sys.stdin.buffer.read, plain_search.CHUNK_BYTES), b""), "logs", patterns, searched
    )
    out.print(
        f"{searched.bytes} bytes of logs searched for {len(patterns.values)} values: {len(searched.hits)} found"
    )
    for hit in searched.hits:
        out.print(f"  {hit.needle}", markup=False)
    return FAULT if searched.hits else 0


def _print(play: Play) -> None:
    report = play.report
    table(
        [{**line, "at": _short(line["at"])} for line in report["timeline"]],
        ("at", "who", "what", "more"),
        title=f"One company, from sign-up to certificate: {play.leaving[0].company.company['name']}",
        json_too=False,
    )
    totals: list[dict[str, Any]] = [
        {"what": "companies", "count": len(play.customers)},
        {"what": "erased, each with a certificate", "count": len(play.leaving)},
        {"what": "came back, stayed", "count": f"1, {len(play.staying)}"},
        {"what": "longest wait until a session was refused (seconds)", "count": report["refused_within_seconds"]},
        *({"what": f"letters {name}", "count": count} for name, count in report["letters"].items()),
        *({"what": f"calls to {name}", "count": count} for name, count in report["vendor_calls"].items()),
        {"what": f"audit trail ({report['audit']['state']}), rows", "count": report["audit"]["rows"]},
        {"what": "seconds", "count": report["seconds"]["in all"]},
    ]
    table(totals, ("what", "count"), title="Totals", json_too=False)
    table(
        report["vendors"], ("vendor", "kind", "places", "reason", "until"), title="Still at vendors", json_too=False
    )
    searched = report["search"]
    out.print(
        f"Searched for {searched['patterns']} values in {searched['tables']} tables ({searched['rows']} rows), "
        f"{searched['queues']} queues ({searched['messages']} messages) and {searched['files']} files: "
        f"[bold]{len(searched['found'])} found[/bold]"
    )
    for hit in searched["found"]:
        out.print(f"  {hit['place']}: {hit['needle']}", markup=False)
    promises = report["promises"]
    out.print(
        f"Looked at in the running system: {promises['as_promised']} things are as promised, "
        f"{len(promises['otherwise'])} otherwise (make terms shows all):"
    )
    for each in promises["otherwise"]:
        out.print(f"  {each['says']}: {each['act'] or 'mends itself, or the logs say why not'}", markup=False)


def _short(instant: str) -> str:
    return datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M:%S") if instant else NOTHING
