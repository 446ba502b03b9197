"""docker-compose.yml as it is: one command, and who may do, see and reach what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.customers.clients import Gateway, Vendors, wait_for
from deploy.customers.life import Customer
from deploy.demo.companies import PASSWORD, companies
from deploy.provision import secrets
from shared.email_addresses import compared_email
from shared.system import SERVICES
from tests.e2e.compose.compose_project import (
    FOLDERS,
    JOBS,
    SERVERS,
    UP_SECONDS,
    ComposeProject,
    docker,
    service_of,
)

pytestmark = pytest.mark.compose

LETTER_SECONDS = 180.0
TRY_TO_REACH = """
import concurrent.futures, socket
def reach(target):
    try:
        socket.create_connection(target, 3).close()
    except OSError:
        return ""
    return target[0]
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(*pool.map(reach, {targets}))
"""
READ_ALL_SECRETS = """
import json, pathlib
files = [f for f in pathlib.Path("/secrets").glob("*/*") if f.is_file()]
print(json.dumps({f"{f.parent.name}/{f.name}": f.read_text() for f in files}))
"""


def state_of(container: str) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(docker("inspect", container))[0]["State"]
    return state


def test_one_command_starts_everything_and_every_process_says_that_it_is_ready(project: ComposeProject):
    running = project.running()
    assert {service_of(each) for each in running} == SERVERS | FOLDERS.keys()
    assert {service_of(each): each["State"]["Health"]["Status"] for each in running} == dict.fromkeys(
        SERVERS | FOLDERS.keys(), "healthy"
    )
    assert len(project.containers("notification")) == 3
    jobs = {service_of(each): each["State"] for each in project.containers(*JOBS)}
    assert {name: (state["Status"], state["ExitCode"]) for name, state in jobs.items()} == dict.fromkeys(
        JOBS, ("exited", 0)
    )


def test_a_company_signs_up_confirms_from_its_letter_and_logs_in_and_no_log_names_it(project: ComposeProject):
    company = companies()[0].in_run("compose")
    gateway, vendors = Gateway(project.gateway_url), Vendors(project.sandbox_url)
    address = compared_email(company.creator["email"])
    customer = Customer(ask=gateway.ask, email=address, password=PASSWORD)
    customer.sign_up(company.form())
    customer.confirm(wait_for("the letter", lambda: vendors.tokens("confirm").get(address), seconds=LETTER_SECONDS))
    customer.log_in()
    assert customer.account()["name"] == company.company["name"]
    link = next(each for each in vendors.letters() if address in map(compared_email, each["recipients"]))
    assert f"{project.gateway_url}/confirm/" in link["text"]
    logs = project.compose("logs", "--no-color").casefold()
    assert "serving" in logs
    assert [needle for needle in company.patterns() if needle.casefold() in logs] == []


def test_the_desk_asks_every_service(project: ComposeProject):
    answered = json.loads(project.compose("run", "--rm", "-T", "vilkar", "ping", "--json"))
    assert {each["service"]: each["state"] for each in answered} == dict.fromkeys(SERVICES, "answers")


def test_no_secret_is_in_a_container_s_description_or_in_the_image(project: ComposeProject):
    values = json.loads(
        project.compose("run", "--rm", "-T", "--no-deps", "secrets", "python", "-c", READ_ALL_SECRETS)
    )
    assert len(values) == sum(len(secret.folders) for secret in secrets.SECRETS)
    described = json.dumps(project.containers()) + docker("image", "history", "--no-trunc", "vilkar-under-test")
    assert [name for name, value in values.items() if value in described] == []


@pytest.mark.parametrize("service", FOLDERS)
def test_a_process_sees_its_own_secrets_and_no_others(project: ComposeProject, service: str):
    folder = FOLDERS[service]
    for container in project.containers(service):
        volumes = {mount["Name"] for mount in container["Mounts"] if "secrets" in mount.get("Name", "")}
        assert volumes == {f"{project.name}_secrets-{service}"}
    seen = project.python(service, "import os; print(*sorted(os.listdir('/run/vilkar/secrets')))").split()
    assert seen == sorted(secret.name for secret in secrets.SECRETS if folder in secret.folders)
    refused = project.inside(service, "sh", "-c", "echo x > /run/vilkar/secrets/kek")
    assert "Read-only file system" in refused.stderr


def test_nothing_that_runs_is_root_or_may_write_its_own_program(project: ComposeProject):
    for container in project.running():
        service, host = service_of(container), container["HostConfig"]
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert not host["Privileged"], service
        status = project.inside(service, "cat", "/proc/1/status").stdout
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert "0" not in fields["Uid"].split(), service
        assert int(fields["CapEff"], 16) == 0, service
        assert "Read-only file system" in project.inside(service, "sh", "-c", "echo x > /etc/new").stderr, service


@pytest.mark.parametrize(
    ("service", "reached"),
    [
        ("account", {"db", "keyring", "broker", "sandbox"}),
        ("retention", {"db", "keyring", "broker"}),
        ("notification", {"db", "broker", "sandbox"}),
        ("billing-sync", {"db", "broker", "sandbox"}),
        ("audit", {"db", "keyring", "broker"}),
        ("relay", {"db", "broker"}),
        ("gateway", {"broker"}),
        ("sandbox", set()),
        ("backup", {"db", "keyring"}),
    ],
)
def test_a_process_reaches_the_servers_it_needs_and_no_others(
    project: ComposeProject, service: str, reached: set[str]
):
    targets = [("db", 5432), ("keyring", 5432), ("broker", 5672), ("sandbox", 8025)]
    code = TRY_TO_REACH.format(targets=[target for target in targets if target[0] != service])
    assert set(project.python(service, code).split()) == reached


def test_only_proxy_desk_and_sandbox_are_reached_from_this_machine_and_only_from_it(project: ComposeProject):
    published = {
        (service_of(container), binding["HostIp"], binding["HostPort"])
        for container in project.running()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or []
    }
    assert published == {
        ("proxy", "127.0.0.1", str(project.ports["gateway"])),
        ("desk", "127.0.0.1", str(project.ports["desk"])),
        ("sandbox", "127.0.0.1", str(project.ports["sandbox"])),
    }
    assert requests.get(f"{project.gateway_url}/readyz", timeout=10).status_code == 200
    assert requests.get(f"{project.sandbox_url}/mail", timeout=10).status_code == 200
    at_desk = requests.get(project.desk_url, headers={"Host": project.desk_host}, timeout=10)
    assert at_desk.url.endswith("/log-in?next=%2F")
    assert requests.get(project.desk_url, timeout=10).status_code == 400, "no other host name is answered"


@pytest.mark.clause("BACKUP-2")
def test_a_backup_brings_back_what_was_there_and_starts_every_replica_again(project: ComposeProject):
    def sql(statement: str) -> str:
        psql = 'PGPASSWORD=$(cat /run/secrets/superuser_password) psql -h 127.0.0.1 -U postgres -tAqc "$1" audit'
        said = project.inside("db", "sh", "-c", psql, "sh", statement)
        return said.stdout.strip() or said.stderr.strip()

    assert "inbox" in sql("CREATE TABLE kept_by_backup AS SELECT 1 AS one; SELECT to_regclass('inbox')")
    taken = project.make("backup-compose")
    assert taken.returncode == 0, taken.stderr
    assert "keyring" in taken.stdout
    proven = project.make("prove-backup-compose")
    assert proven.returncode == 0, proven.stderr
    assert "keyring  as of" in proven.stdout
    assert sql("DROP TABLE kept_by_backup") == ""
    restored = project.make("restore-compose", "FROM=latest", "SET=all")
    assert restored.returncode == 0, restored.stderr
    assert sql("SELECT one FROM kept_by_backup") == "1"
    sql("DROP TABLE kept_by_backup")
    project.compose("up", "--detach", "--wait", limit_s=UP_SECONDS)
    assert len([each for each in project.containers("notification") if each["State"]["Running"]]) == 3


def test_whoever_searches_for_plain_values_reads_every_volume_and_finds_what_was_planted(
    project: ComposeProject, tmp_path: Path
):
    planted = "CREATE TABLE planted AS SELECT 'Plantine Ås' AS name; DROP TABLE planted; CHECKPOINT"
    psql = 'PGPASSWORD=$(cat /run/secrets/superuser_password) psql -h 127.0.0.1 -U postgres -qc "$1" audit'
    for statement in planted.split("; "):
        said = project.inside("db", "sh", "-c", psql, "sh", statement)
        assert said.returncode == 0, said.stderr
    values = tmp_path / "values"
    values.write_text("Ingen Heter Slik\nPlantine Ås\n")
    ended = project.with_search_user(
        "-T", "--volume", f"{values}:/run/values:ro", "rediscover", "--from", "/run/values", "--json",
        limit_s=UP_SECONDS,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    told = json.loads(ended.stdout)
    found = {(each["place"], each["value"]) for each in told["found"]}
    assert ("WAL of db", 2) in found
    assert {value for _, value in found} == {2}
    assert told["complete"], [each for each in told["searched"] if each["not_searched"]]
    empty = {each["place"] for each in told["searched"] if not each["bytes"]}
    assert not empty & {"files of db", "files of keyring", "WAL of keyring", "files of the broker"}


def test_a_stopped_process_finishes_in_order_and_starts_again(project: ComposeProject):
    one = project.containers("notification")[0]["Id"]
    docker("stop", "--time", "35", one)
    assert state_of(one)["ExitCode"] == 0
    docker("start", one)
    wait_for("the process being ready again", lambda: state_of(one)["Health"]["Status"] == "healthy", seconds=120)


def test_a_second_up_makes_no_key_anew(project: ComposeProject):
    told = project.compose("run", "--rm", "-T", "--no-deps", "secrets")
    assert told.strip() == f"secrets: 0 made, {sum(len(s.folders) for s in secrets.SECRETS)} already there"


def test_down_takes_everything_away_and_the_data_only_when_told_to(engine: None):
    project = ComposeProject()
    try:
        project.compose("create", "--build", limit_s=300)
        made = project.leftovers()
        project.compose("down")
        kept = project.leftovers()
    finally:
        project.down()
    assert {f"{project.name}_db-data", f"{project.name}_secrets-account"} <= set(kept) < set(made)
    assert not [each for each in kept if not each.startswith(f"{project.name}_")]
    assert project.leftovers() == []
