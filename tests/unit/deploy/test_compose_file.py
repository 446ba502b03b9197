"""docker-compose.yml read as a document: what holds of it holds on every engine."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.native import plan
from deploy.native.plan import PROGRAMS
from deploy.provision import secrets
from shared import system
from shared.production import IDENTITY
from shared.system import BUS_PROCESSES, KEYRING_ROLES, wire_name

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[3]
FILE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (REPOSITORY / "deploy/Dockerfile").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
IMAGE = "${VILKAR_IMAGE:-vilkar}"
BACKUP_IMAGE = "${VILKAR_BACKUP_IMAGE:-vilkar-backup}"
OURS = {name: service for name, service in SERVICES.items() if service["image"] in {IMAGE, BACKUP_IMAGE}}
PROCESSES = {program.name.replace("_", "-"): program for program in PROGRAMS if program.name != "proxy"}
MANY = {name for name, program in PROCESSES.items() if program.scalable} | {"gateway"}
"""Of these several may run side by side in containers."""


def volumes_of(service: dict[str, Any]) -> dict[str, str]:
    return dict(volume.split(":", 1) for volume in service["volumes"] if not volume.startswith("/"))


def test_every_program_of_the_native_plan_is_a_service_that_runs_the_same_module():
    assert {name: SERVICES[name]["command"] for name in PROCESSES} == {
        name: ["python", "-m", program.module] for name, program in PROCESSES.items()
    }


@pytest.mark.parametrize(("name", "whose"), [*((name, name) for name in PROCESSES), ("vilkar", "vilkar")])
def test_a_process_gets_its_own_secrets_and_its_own_name_at_the_broker(name: str, whose: str):
    mounted = {source: target for source, target in volumes_of(SERVICES[name]).items() if "secrets" in source}
    assert mounted == {f"secrets-{whose}": "/run/vilkar/secrets:ro"}
    folder = whose.replace("-", "_")
    if folder in BUS_PROCESSES:
        assert SERVICES[name]["environment"]["VILKAR_BROKER_USER"] == wire_name(folder)


def test_every_folder_of_secrets_has_a_volume_and_an_owner():
    expected = {f"secrets-{folder.replace('_', '-')}": f"/secrets/{folder}" for folder in secrets.FOLDERS}
    assert volumes_of(SERVICES["secrets"]) == expected
    assert expected.keys() <= FILE["volumes"].keys()
    words = [word.removeprefix("--owner=") for word in SERVICES["secrets"]["command"] if "--owner=" in word]
    owned = {folder: owner for word in words for folder, owner in secrets.parse_owner(word).items()}
    assert owned.keys() == set(secrets.FOLDERS)
    assert {owner.gid for owner in owned.values()} == {10002}
    assert {folder for folder, owner in owned.items() if owner.uid == 999} == {"postgres", "keyring"}


def test_whoever_sets_up_the_servers_may_read_and_not_change_secrets():
    for name in ("broker-settings", "provision", "migrate"):
        mounted = {source: target for source, target in volumes_of(SERVICES[name]).items() if "secrets-" in source}
        assert mounted
        assert all(target.endswith(":ro") for target in mounted.values()), name
        assert SERVICES[name].get("user") != "0:0"


def test_every_container_is_told_who_the_vendor_is_since_each_refuses_to_start_in_production_without_it():
    told = {name: service["environment"] for name, service in OURS.items() if "environment" in service}
    reading = {name for name, environment in told.items() if "VILKAR_ENVIRONMENT" in environment}
    assert reading >= set(PROCESSES) - {"sandbox"}
    assert {name for name in reading if not told[name].keys() >= set(IDENTITY)} == set()


def test_no_setting_looks_like_a_secret():
    names = {variable for service in SERVICES.values() for variable in service.get("environment", {})}
    looking = {name for name in names if re.search("PASSWORD|SECRET|TOKEN|KEY", name)}
    assert looking == {"POSTGRES_PASSWORD_FILE"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_be_scaled_has_no_rights_to_spare_and_ends_in_its_own_time(name: str):
    service = SERVICES[name]
    assert "container_name" not in service
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "privileged" not in service
    assert service["logging"]["options"]
    if service["restart"] == "unless-stopped":
        assert service["stop_grace_period"] == "35s"
        assert service["healthcheck"]["test"][0] == "CMD"


def test_only_what_people_look_at_has_ports_on_the_host_and_these_on_the_loopback_address():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"proxy", "desk", "sandbox", "adminer", "prometheus"}
    for name, ports in published.items():
        setting = "GATEWAY" if name == "proxy" else name.upper()
        assert len(ports) == 1
        assert ports[0].startswith(f"${{VILKAR_{setting}_BIND:-127.0.0.1}}:${{VILKAR_{setting}_PORT:-")


def test_every_image_can_be_chosen_and_has_a_default():
    images = {service["image"] for service in SERVICES.values()}
    assert images == {
        IMAGE,
        BACKUP_IMAGE,
        "${VILKAR_POSTGRES_IMAGE:-postgres:17}",
        "${VILKAR_RABBITMQ_IMAGE:-rabbitmq:4-management}",
        "${VILKAR_HAPROXY_IMAGE:-haproxy:3.0}",
        "${VILKAR_ADMINER_IMAGE:-adminer:5}",
        "${VILKAR_PROMETHEUS_IMAGE:-prom/prometheus:v3.5.0}",
    }
    assert [name for name, service in SERVICES.items() if "build" in service] == ["secrets", "backup"]
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} == {"main", "backup"}


def test_databases_and_keys_lie_in_networks_without_a_way_out_that_gateway_and_sandbox_are_not_in():
    assert {name for name, network in FILE["networks"].items() if network.get("internal")} == {
        "data", "keys", "bus", "door", "metrics",
    }  # fmt: skip
    assert SERVICES["db"]["networks"] == ["data"]
    assert SERVICES["keyring"]["networks"] == ["keys"]
    for name in ("gateway", "sandbox"):
        assert not {"data", "keys"} & set(SERVICES[name]["networks"])
    reach_keyring = {name for name in PROCESSES if "keys" in SERVICES[name]["networks"]}
    assert reach_keyring == {wire_name(name) for name in KEYRING_ROLES} | {"backup", "desk"}


def test_customers_reach_the_gateway_through_the_proxy_alone():
    assert SERVICES["gateway"]["networks"] == ["bus", "door"]
    assert SERVICES["proxy"]["networks"] == ["door", "front", "metrics"]
    assert {name for name, service in SERVICES.items() if "door" in service.get("networks", [])} == {
        "gateway", "proxy",
    }  # fmt: skip
    inner, door = SERVICES["gateway"]["environment"], SERVICES["proxy"]["environment"]
    assert inner["VILKAR_FRONT_PROXY"] == "proxy"
    for setting in ("VILKAR_GATEWAY_INNER_PORT", "VILKAR_TRUSTED_PROXY"):
        assert inner[setting] == door[setting], setting
    assert door["VILKAR_PROXY_GATEWAY"] == "gateway"
    assert SERVICES["proxy"]["healthcheck"]["test"][0] == "CMD"


def test_the_proxy_is_told_every_setting_that_its_configuration_names_natively_and_in_a_container():
    named = set(re.findall(r"\$\{?(VILKAR_[A-Z_]+)", (REPOSITORY / "deploy/haproxy/haproxy.cfg").read_text()))
    only_root, only_named = (
        {"VILKAR_PROXY_USER", "VILKAR_PROXY_GROUP"},
        {"VILKAR_PROXY_DNS", "VILKAR_PROXY_GATEWAYS"},
    )
    assert SERVICES["proxy"]["environment"].keys() == named - only_root
    ports = plan.allot_ports(["gateway", "proxy"], {}, live=set(), settings={})
    ((spec,),) = [
        plan.make(plan.instances(["proxy"], {}), ports, [], lambda _: {"VILKAR_HEALTH_HOST": "127.0.0.1"})
    ]
    native = spec.env.keys() | {"VILKAR_GATEWAY_PORT", "VILKAR_GATEWAY_INNER_PORT", "VILKAR_TRUSTED_PROXY"}
    assert native == named - only_root - only_named


def test_every_container_of_ours_comes_after_the_one_that_builds_its_image():
    def waits_for_secrets(name: str) -> bool:
        return name == "secrets" or any(waits_for_secrets(other) for other in SERVICES[name].get("depends_on", {}))

    # These are run by hand on a system that is up.
    assert [name for name in OURS if not waits_for_secrets(name)] == [
        "vilkar", "restore", "ledger", "rediscover", "search-user", "outside-service", "keys",
    ]  # fmt: skip


def test_only_who_exchanges_keys_may_write_key_files_and_it_reaches_the_keyring_alone():
    keys = SERVICES["keys"]
    assert keys["profiles"] == ["keys"]
    assert keys["networks"] == ["keys"]
    written = {
        name
        for name, service in SERVICES.items()
        for volume in service.get("volumes", ())
        if volume.startswith("secrets-account:") and not volume.endswith(":ro")
    }
    assert written == {"secrets", "keys"}
    assert {source for source in volumes_of(keys) if source.startswith("secrets-")} == {
        "secrets-keyring-keeper", "secrets-account", "secrets-audit",
    }  # fmt: skip
    assert volumes_of(keys)["backup-state"].endswith(":ro"), "a renewal asks when the keyring was backed up last"


def test_only_who_restores_sees_the_servers_passwords_and_who_takes_backups_has_no_door_to_the_bus():
    seen = {
        name for name, service in SERVICES.items()
        if {"secrets-postgres", "secrets-keyring"} & {volume.split(":")[0] for volume in service.get("volumes", ())}
    }  # fmt: skip
    assert seen == {"secrets", "provision", "db", "keyring", "restore"}
    assert SERVICES["restore"]["profiles"] == ["restore"]
    for name in ("backup", "restore"):
        assert {*SERVICES[name]["networks"]} - {"metrics"} == {"data", "keys", "offsite"}
    # A backup's key is not beside the keys that open what is in it.
    assert not any("secrets-account" in volume for volume in SERVICES["restore"]["volumes"])


def test_only_retention_and_who_accepts_a_loss_may_write_the_ledger():
    def has(name: str, volume: str) -> str | None:
        return volumes_of(SERVICES[name]).get(volume) if "volumes" in SERVICES[name] else None

    # `restore` writes one where there is none: on a new machine.
    for volume, known in (
        ("ledger", {"retention", "ledger-begin", "ledger", "restore"}),
        ("ledger-copies", {"retention", "ledger"}),
    ):
        writers = {name for name in SERVICES if (target := has(name, volume)) and not target.endswith(":ro")}
        assert writers == known, volume
    assert SERVICES["ledger"]["profiles"] == ["ledger"]
    assert SERVICES["ledger"]["networks"] == SERVICES["migrate"]["networks"]
    assert {name for name in SERVICES if has(name, "secrets-migrate")} == {
        "secrets", "provision", "migrate", "ledger",
    }  # fmt: skip


def test_whoever_stands_behind_a_gate_looks_for_the_ledger_when_it_has_been_begun():
    begin = SERVICES["ledger-begin"]
    assert begin["command"] == ["python", "-m", "deploy.provision.ledger", "begin"]
    assert volumes_of(begin)["secrets-retention"] == "/run/vilkar/secrets:ro"
    assert begin["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    readers = {name for name in PROCESSES if "ledger" in volumes_of(SERVICES[name]) and name != "backup"}
    assert readers == {*system.SERVICES, "relay", "desk"}
    for name in readers:
        waits = SERVICES[name]["depends_on"]["ledger-begin"]
        assert waits == {"condition": "service_completed_successfully"}, name


@pytest.mark.parametrize(
    ("volume", "writers"),
    [
        ("state", {"vilkar"}),
        ("certificates", {"retention", "restore"}),
        ("checkpoints", {"audit", "restore"}),
        ("backup-state", {"backup", "restore", "ledger"}),
        ("backup-work", {"backup"}),
        ("sandbox-data", {"sandbox"}),
    ],
)
def test_a_folder_of_files_is_written_by_whom_it_belongs_to_and_by_nobody_else(volume: str, writers: set[str]):
    mounting = {
        name: target
        for name, service in SERVICES.items()
        if (target := volumes_of({"volumes": service.get("volumes", [])}).get(volume))
    }
    assert {name for name, target in mounting.items() if not target.endswith(":ro")} == writers
    folder = next(iter(mounting.values())).removesuffix(":ro")
    told = {value for value in SERVICES["backup"]["environment"].values() if value == folder}
    if volume in {"certificates", "checkpoints", "backup-state"}:
        assert told, "the programs are told of it by a setting"
        assert folder in (REPOSITORY / "deploy/Dockerfile").read_text(encoding="utf-8"), "its owner is the image's"


def test_whoever_asks_for_the_record_of_backups_has_it():
    asking = {
        name
        for name, service in OURS.items()
        for word, module in pairwise([*service.get("entrypoint", ()), *service.get("command", ())])
        if word == "-m" and module in {"deploy.backup", "deploy.backup.daemon", "deploy.keys"}
    }
    assert asking >= {"backup", "keys"}
    assert {name for name in asking if "backup-state" not in volumes_of(SERVICES[name])} == set()


def test_every_module_that_runs_in_an_image_and_all_that_it_imports_is_copied_into_it():
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    names = [line[1:].removesuffix(".py") for line in lines if line.startswith("!")]
    copied = {name.replace("/", ".") for name in names if "." not in name}
    words = [[*service.get("entrypoint", ()), *service.get("command", ())] for service in OURS.values()]
    started = {following for each in words for word, following in pairwise(each) if word == "-m"}
    started |= set(re.findall(r"exec python -m ([a-z_.]+)", DOCKERFILE))
    imported = {
        module
        for name in names
        for path in [*(REPOSITORY / name).rglob("*.py"), *REPOSITORY.glob(f"{name}.py")]
        for module in re.findall(r"^\s*from (deploy\.\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"deploy.keys", "deploy.backup"} <= started
    assert {each for each in started | imported if not each.startswith(tuple(copied))} == set()


def test_whoever_asks_how_old_the_backups_are_has_the_record_of_them():
    asking = {
        path.relative_to(REPOSITORY).parts[1]
        for room in ("deploy", "services")
        for path in (REPOSITORY / room).rglob("*.py")
        if (said := path.read_text(encoding="utf-8"))
        and "backup_record.read(" in said
        # It is where the setting says, which is the state folder only where nothing is told apart.
        and not re.search(r"backup_record\.read\([^)]*state_dir", said)
    }
    assert asking == {"backup", "keys", "desk", "demo"}
    having = {name for name, service in SERVICES.items() if "backup-state:" in str(service.get("volumes", ""))}
    assert asking - {"demo"} | {"vilkar"} <= having, "the demo is played by the command"


def test_what_a_restore_has_in_clear_is_seen_by_nobody_else_and_goes_with_its_container():
    restoring = SERVICES["restore"]["volumes"]
    (folder,) = (volume for volume in restoring if volume.startswith("/"))
    assert folder == "/var/cache/vilkar-backup"
    assert "backup-work" not in volumes_of(SERVICES["restore"])
    assert all("run --rm" in line for line in MAKEFILE.splitlines() if re.search(r"-T restore\b", line))


def test_who_searches_for_plain_values_sees_every_place_changes_none_and_has_no_way_out():
    service = SERVICES["rediscover"]
    assert service["profiles"] == ["rediscover"]
    assert service["networks"] == ["data", "keys", "bus"]
    assert all(FILE["networks"][name].get("internal") for name in service["networks"])
    assert (service["user"], service["cap_add"]) == ("0:0", ["DAC_READ_SEARCH"])
    mounted = volumes_of(service)
    assert all(target.endswith(":ro") for target in mounted.values())
    # The vendors' own store is reported beside what is ours.
    assert {name for name in FILE["volumes"] if not name.startswith("secrets-")} - mounted.keys() == {
        "broker-settings", "sandbox-data", "metrics-data", "session",
    }  # fmt: skip
    assert {name for name in mounted if name.startswith("secrets-")} == {"secrets-vilkar", "secrets-backup"}


def test_the_folders_searched_are_mounted_and_the_same_that_are_searched_without_containers():
    entries = SERVICES["rediscover"]["environment"]["VILKAR_SEARCH_PLACES"].split(",")
    named = dict(entry.split("=") for entry in entries)
    targets = [target.removesuffix(":ro") for target in volumes_of(SERVICES["rediscover"]).values()]
    assert all(any(Path(folder).is_relative_to(target) for target in targets) for folder in named.values())
    native = dict(entry.split("=") for entry in plan.search_places(Path("/h"), Path("/s")).split(","))
    elsewhere = {"everything else", "everything else of the servers", "logs"}
    assert named.keys() == native.keys() - elsewhere


def test_adminer_is_started_by_hand_knows_no_secret_and_does_not_reach_the_keys():
    adminer = SERVICES["adminer"]
    assert adminer["profiles"] == ["admin"]
    assert "volumes" not in adminer
    assert set(adminer["networks"]) == {"data", "admin"}
    assert adminer["environment"] == {"ADMINER_DEFAULT_SERVER": "db"}
    assert not any("secrets-adminer" in str(service.get("volumes", "")) for service in SERVICES.values())


def test_the_image_gives_freed_memory_back_as_the_native_processes_do():
    lines = [line.strip().rstrip(" \\") for line in DOCKERFILE.splitlines()]
    assert plan.MEMORY
    assert [f"{name}={value}" for name, value in plan.MEMORY.items() if f"{name}={value}" not in lines] == []


def waits_for(name: str) -> set[str]:
    """All containers that one directly or indirectly waits for, or shares something with."""
    service = SERVICES[name]
    shared = (
        {service["network_mode"].removeprefix("service:")} & SERVICES.keys() if "network_mode" in service else set()
    )
    direct = {*service.get("depends_on", {}), *shared}
    return direct.union(*(waits_for(other) for other in direct))


def test_who_may_look_into_queues_is_made_where_the_management_api_is_and_nowhere_else():
    service = SERVICES["search-user"]
    assert (service["profiles"], service["network_mode"]) == (["rediscover"], "service:broker")
    assert service["stdin_open"] is True, "the user lives as long as the input is open"
    assert list(volumes_of(service)) == ["secrets-rabbitmq"]
    mounting = {
        name for name, each in SERVICES.items() if "volumes" in each and "secrets-rabbitmq" in volumes_of(each)
    }
    assert mounting == {"secrets", "broker-settings", "broker-definitions", "search-user", "outside-service"}


@pytest.mark.parametrize("name", ["db", "keyring", "broker"])
def test_a_server_waits_for_no_container_that_an_upgrade_makes_anew(name: str):
    assert waits_for(name) & OURS.keys() == set()
    waits = SERVICES[name]["entrypoint"]
    mounts = [volume.split(":")[1] for volume in SERVICES[name]["volumes"]]
    assert waits[:2] == ["sh", "-c"]
    assert any(Path(waits[3]).is_relative_to(mount) for mount in mounts), "what it waits for is written by a job"


def test_how_many_run_is_a_setting_that_stays_for_every_process_that_may_run_twice():
    counted = {name: service["deploy"]["replicas"] for name, service in SERVICES.items() if "deploy" in service}
    assert counted == {name: f"${{VILKAR_{name.replace('-', '_').upper()}_REPLICAS:-1}}" for name in MANY}


def test_no_container_can_take_the_memory_of_the_machine():
    assert [name for name, service in SERVICES.items() if "mem_limit" not in service] == []


def test_no_health_check_starts_a_python():
    checks = {
        name: service["healthcheck"]["test"] for name, service in SERVICES.items() if "healthcheck" in service
    }
    assert checks.keys() >= PROCESSES.keys()
    assert [name for name, words in checks.items() if "python" in str(words)] == []


def test_whoever_collects_figures_reaches_every_process_in_one_network_and_no_database():
    scrape = yaml.safe_load((REPOSITORY / "deploy/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    named = {
        (name, config["port"]) for job in scrape for config in job["dns_sd_configs"] for name in config["names"]
    }
    # The sandbox stands for vendors, which tell nobody their figures.
    expected = {(name, 8090) for name in {*PROCESSES, "proxy"} - {"sandbox"}} | {("broker", 15692)}
    assert named == expected
    assert set(SERVICES["prometheus"]["networks"]) == {"bus", "metrics", "admin"}
    for name, port in named:
        shared = {"bus", "metrics"} & set(SERVICES[name]["networks"])
        assert len(shared) == 1, f"{name} would be asked by {len(shared)} addresses"
        if port == 8090:
            assert SERVICES[name]["environment"]["VILKAR_HEALTH_HOST"] in {"0.0.0.0", "*"}  # noqa: S104


def test_an_upgrade_reaches_every_process_and_every_job():
    script = (REPOSITORY / "deploy/upgrade_compose.sh").read_text(encoding="utf-8")
    lists = dict(re.findall(r'^([A-Z]+)="([a-z -]+)"$', script, re.MULTILINE))
    assert sorted(f"{lists['BESIDE']} {lists['ALONE']}".split()) == sorted(PROCESSES)
    assert set(lists["BESIDE"].split()) == MANY
    jobs = lists["JOBS"].split()
    assert sorted(jobs) == sorted(
        name for name in OURS if SERVICES[name]["restart"] == "no" and "profiles" not in SERVICES[name]
    )
    for place, job in enumerate(jobs):
        assert waits_for(job) & set(jobs) <= set(jobs[:place]), f"{job} comes after what it waits for"
