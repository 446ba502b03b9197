"""What whoever operates the containers relies on: upgrades, figures, a broker that denies what is deprecated."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from deploy.customers.clients import Gateway, Vendors, wait_for
from deploy.customers.life import Customer
from deploy.demo.companies import PASSWORD, companies
from deploy.provision import rabbitmq
from shared.email_addresses import compared_email
from tests.at_the_desk import AtTheDesk
from tests.e2e.compose.compose_project import (
    IMAGE,
    JOBS,
    REPOSITORY,
    SERVERS,
    UP_SECONDS,
    ComposeProject,
    docker,
    service_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.compose

LETTER_SECONDS = 180.0
PER_SECOND = 20
PATIENCE_SECONDS = 40.0

ASK_EVERY_TARGET = """
import json, socket, sys, urllib.request
told = {}
for name, port in json.loads(sys.argv[1]):
    addresses = sorted({found[4][0] for found in socket.getaddrinfo(name, port, socket.AF_INET)})
    texts = [urllib.request.urlopen(f"http://{address}:{port}/metrics", timeout=5).read() for address in addresses]
    told[name] = [sum(not line.startswith(b"#") for line in text.splitlines()) for text in texts]
print(json.dumps(told))
"""

PLAIN_CLIENTS = """
import json, pathlib, subprocess, sys, time, uuid
import amqp

password = pathlib.Path("/secrets/rabbitmq/admin_password").read_text().strip()
plain = f"amqp://admin:{password}@127.0.0.1:5672/vilkar"

def said(act):
    with amqp.Connection("127.0.0.1:5672", "admin", password, virtual_host="vilkar") as connection:
        try:
            act(connection.channel())
        except amqp.exceptions.AMQPError as error:
            return str(error)
    return "permitted"

def listened():
    with amqp.Connection("127.0.0.1:5672", "admin", password, virtual_host="vilkar") as connection:
        try:
            queue = "evt-account-account.registered--newcustomers.welcome"
            return connection.channel().queue_declare(queue, passive=True).consumer_count
        except amqp.exceptions.NotFound:
            return 0

def wait(look):
    until = time.monotonic() + 90
    while not look() and time.monotonic() < until:
        time.sleep(0.2)
    return look()

heard = pathlib.Path("/tmp/heard")
with heard.open("w") as file:
    listener = subprocess.Popen([sys.executable, "-m", "examples.plain_listener", plain], stdout=file)
try:
    assert wait(listened), "the plain listener did not listen"
    email = f"kari.{uuid.uuid4().hex[:8]}@example.no"
    signed_up = [sys.executable, "-m", "examples.plain_client", plain, "sign-up", "--email", email]
    answer = subprocess.run(signed_up, capture_output=True, text=True, timeout=60, check=True).stdout
    wait(heard.read_text)
finally:
    listener.terminate()
transient = {"durable": False, "exclusive": False, "auto_delete": False}
print(json.dumps({
    "transient": said(lambda channel: channel.queue_declare("t", **transient)),
    "answer": json.loads(answer),
    "heard": heard.read_text(),
}))
"""


TWO_OPEN_A_DATABASE = """
import json
from deploy.demo_approvals import two_invented
from services.staff.database_access.calls import OpenDatabaseAccess

with two_invented() as two:
    opened = two.carry_out(OpenDatabaseAccess(database="account", hours=1, reason="fault"))
print(json.dumps(opened.to_json()))
"""


@pytest.fixture(scope="module")
def session(project: ComposeProject) -> str:
    """The token of somebody who has signed up, confirmed and logged in."""
    company = companies()[1].in_run(f"o{uuid.uuid4().hex[:6]}")
    gateway, vendors = Gateway(project.gateway_url), Vendors(project.sandbox_url)
    address = compared_email(company.creator["email"])
    customer = Customer(ask=gateway.ask, email=address, password=PASSWORD)
    customer.sign_up(company.form())
    customer.confirm(wait_for("the letter", lambda: vendors.tokens("confirm").get(address), seconds=LETTER_SECONDS))
    customer.log_in()
    return customer.token


@pytest.fixture
def asked(project: ComposeProject, session: str) -> Iterator[Counter[str]]:
    """Twenty requests a second while a test runs, each for the account behind a session; how they ended."""
    ended: Counter[str] = Counter()
    stopping = threading.Event()

    def ask() -> None:
        try:
            answer = requests.get(
                f"{project.gateway_url}/v1/account",
                headers={"Authorization": f"Bearer {session}"},
                timeout=PATIENCE_SECONDS,
            )
            ended[str(answer.status_code)] += 1
        except requests.RequestException as error:
            ended[type(error).__name__] += 1

    def go_on() -> None:
        with ThreadPoolExecutor(200) as pool:
            begun = time.monotonic()
            for number in range(100_000):
                if stopping.wait(max(0.0, begun + number / PER_SECOND - time.monotonic())):
                    break
                pool.submit(ask)

    asking = threading.Thread(target=go_on)
    asking.start()
    yield ended
    stopping.set()
    asking.join()


def begun(project: ComposeProject) -> dict[str, str]:
    """When each server was started."""
    return {service_of(each): each["State"]["StartedAt"] for each in project.containers(*SERVERS)}


def test_every_target_that_prometheus_is_told_of_answers_with_figures(project: ComposeProject):
    jobs = yaml.safe_load((REPOSITORY / "deploy/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    targets = [
        (name, config["port"]) for job in jobs for config in job["dns_sd_configs"] for name in config["names"]
    ]
    code = ("python", "-c", ASK_EVERY_TARGET, json.dumps(targets))
    asking = docker("create", "--network", f"{project.name}_bus", IMAGE, *code).strip()
    try:
        docker("network", "connect", f"{project.name}_metrics", asking)
        told: dict[str, list[int]] = json.loads(docker("start", "--attach", asking))
    finally:
        docker("rm", "--force", asking)
    assert told.keys() == {name for name, _ in targets}
    assert {name: len(figures) for name, figures in told.items() if len(figures) != 1} == {"notification": 3}
    assert all(count > 0 for figures in told.values() for count in figures), told


def test_the_broker_denies_what_is_deprecated_and_plain_nameko_works_on_it(project: ComposeProject):
    ended = project.run(
        "run", "--rm", "-T", "--no-deps", "--volume", f"{REPOSITORY}/examples:/srv/vilkar/examples:ro",
        "broker-definitions", "python", "-W", "ignore", "-c", PLAIN_CLIENTS, limit_s=UP_SECONDS,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    assert "transient_nonexcl_queues" in told["transient"]
    assert told["answer"] == {"status": "accepted"}
    assert "account_id" in told["heard"]
    permitted = project.inside("broker", "rabbitmqctl", "environment").stdout
    assert [name for name in rabbitmq.DEPRECATED if name not in permitted] == []


def look_into(project: ComposeProject, password: str, statement: str) -> subprocess.CompletedProcess[str]:
    """A statement in the database of customers, as whoever has this password for it."""
    told = project.environment | {"PGPASSWORD": password}
    return subprocess.run(
        ["docker", "compose", "--project-name", project.name, "exec", "-T", "-e", "PGPASSWORD", "db",
         "psql", "-h", "127.0.0.1", "-U", "adminer_account", "account", "-Atc", statement],
        check=False, capture_output=True, text=True, timeout=UP_SECONDS, cwd=REPOSITORY, env=told,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def password_made_at_the_desk(project: ComposeProject, access_id: str) -> str:
    """As kari makes it in her browser."""
    page = AtTheDesk(project.desk_url, project.desk_host, "kari").post(f"/databases/{access_id}/password")
    (password,) = re.findall(r"<dt>Pass(?:ord|word)</dt><dd><code>([^<]+)</code>", page.html)
    return str(password)


def test_nobody_looks_into_a_database_without_an_access_that_two_persons_decided(project: ComposeProject):
    count = "SELECT count(*) FROM account_user"
    assert "password authentication failed" in look_into(project, "a-guess", count).stderr
    told = project.compose("run", "--rm", "-T", "--entrypoint", "python", "vilkar", "-c", TWO_OPEN_A_DATABASE)
    access = json.loads(told.splitlines()[-1])
    assert (access["code"], access["approved_by"]) == ("kari", "staff:ola")
    password = password_made_at_the_desk(project, access["access_id"])
    project.settings["PGPASSWORD"] = password
    try:
        entered = project.make("psql-compose", "DB=account")
        elsewhere = project.make("psql-compose", "DB=staff")
    finally:
        del project.settings["PGPASSWORD"]
    assert entered.returncode == 0, entered.stderr
    assert "password authentication failed" in elsewhere.stderr
    counted = look_into(project, password, count)
    assert counted.stdout.strip().isdecimal(), counted.stderr
    assert "permission denied" in look_into(project, password, "SELECT 1 FROM public.account_user").stderr
    project.compose("run", "--rm", "-T", "vilkar", "database", "end", access["access_id"], "--yes")
    assert "password authentication failed" in look_into(project, password, count).stderr


def test_an_upgrade_refuses_no_request_and_starts_no_server_anew(project: ComposeProject, asked: Counter[str]):
    before, images = begun(project), {each["Image"] for each in project.running() if service_of(each) == "account"}
    project.settings["VILKAR_VERSION"] = "the next one"
    begun_at = time.monotonic()
    upgraded = project.make("upgrade-compose", limit_s=2 * UP_SECONDS)
    took = time.monotonic() - begun_at
    assert upgraded.returncode == 0, upgraded.stdout[-4000:] + upgraded.stderr[-4000:]
    time.sleep(2)
    assert asked["200"] > took * PER_SECOND / 2, asked
    assert asked.keys() == {"200"}
    assert begun(project) == before
    running = {service_of(each): each for each in project.running() if each["State"]["Running"]}
    assert running.keys() >= SERVERS | {"account", "gateway", "backup", "sandbox"}
    assert running["account"]["Image"] not in images
    assert len([each for each in project.containers("notification") if each["State"]["Running"]]) == 3


def test_an_up_after_it_changes_nothing(project: ComposeProject):
    before = {each["Id"] for each in project.running()}
    servers = begun(project)
    project.compose("up", "--detach", "--wait", limit_s=UP_SECONDS)
    assert {each["Id"] for each in project.running()} == before
    assert begun(project) == servers
    assert {each["State"]["ExitCode"] for each in project.containers(*JOBS)} == {0}


def test_a_reset_asks_and_without_an_answer_deletes_nothing(project: ComposeProject):
    refused = project.make("reset-compose")
    assert refused.returncode == 2
    assert f"of the system '{project.name}' (demo)" in refused.stdout
    assert f"{project.name}_secrets-account" in refused.stdout
    assert {f"{project.name}_ledger", f"{project.name}_db-data"} <= set(project.leftovers())
    assert len(project.running()) > len(SERVERS)
