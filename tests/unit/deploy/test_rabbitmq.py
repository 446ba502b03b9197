import base64
import hashlib
import json

import pytest

from deploy.provision import rabbitmq, secrets
from shared.system import BUS_PROCESSES, SERVICES

pytestmark = pytest.mark.unit

LISTENERS = rabbitmq.Listeners("127.0.0.1", 5672, "127.0.0.1", 15672)


@pytest.fixture
def root(tmp_path):
    secrets.provision(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_the_definitions_hold_no_password(root):
    text = json.dumps(rabbitmq.definitions(root, services=False))
    for folder in (*BUS_PROCESSES, "rabbitmq"):
        for file in (root / folder).iterdir():
            assert file.read_text() not in text


def test_a_password_hash_is_what_the_broker_computes():
    raw = base64.b64decode(rabbitmq.password_hash("secret", b"salt"))
    assert raw == b"salt" + hashlib.sha256(b"saltsecret").digest()


def test_each_process_has_its_own_user_named_as_on_the_wire(root):
    users = {user["name"]: user for user in rabbitmq.definitions(root, services=False)["users"]}
    assert set(users) == {*SERVICES, "gateway", "relay", "desk", "admin"}
    assert [name for name, user in users.items() if user["tags"]] == ["admin"]
    assert len({user["password_hash"] for user in users.values()}) == len(users)


def test_nobody_but_the_administrator_may_open_connections_and_channels_without_end(root):
    full = rabbitmq.definitions(root)
    limits = {user["name"]: user["limits"] for user in full["users"]}
    assert limits.pop("admin") == {}
    read = {name: 2 + sum(f"--{name}" in queue["name"] for queue in full["queues"]) for name in SERVICES}
    for name, each in limits.items():
        processes = 4 if name == "desk" else 32
        connections = {"gateway": 1, "desk": 2, "account": 4, "relay": len(SERVICES)}
        assert each["max-connections"] == processes * connections.get(name, 3)
        # What is read has a channel each, and beside it a connection needs some: to publish, to look, to ask.
        assert each["max-channels"] >= processes * read.get(name, 0) + 4 * each["max-connections"]
    (parameter,) = full["parameters"]
    assert (parameter["vhost"], parameter["component"]) == ("vilkar", "vhost-limits")
    assert parameter["value"]["max-queues"] > 10 * len(full["queues"])


def test_what_the_services_declare_is_there_before_they_are(root):
    full = rabbitmq.definitions(root)
    queues = {queue["name"] for queue in full["queues"]}
    assert {"rpc-billing-sync", "evt-account-account.updated--billing-sync", "retry.audit.5s"} <= queues
    assert {entry["vhost"] for kind in ("queues", "exchanges", "bindings", "policies") for entry in full[kind]} == {
        "vilkar"
    }


def test_the_files_replace_those_of_an_earlier_start(root, tmp_path):
    target = tmp_path / "conf"
    rabbitmq.write(root, target, LISTENERS, services=False)
    first = (target / "definitions.json").read_text()
    rabbitmq.write(root, target, LISTENERS, services=False)
    assert (target / "definitions.json").read_text() != first  # new salts
    assert sorted(file.name for file in target.iterdir()) == [
        "definitions.json",
        "enabled_plugins",
        "rabbitmq.conf",
    ]


def test_the_configuration_listens_where_it_is_told_and_nowhere_else(root, tmp_path):
    text = rabbitmq.configuration(LISTENERS, tmp_path / "definitions.json")
    assert [line for line in text.splitlines() if line.startswith("listeners")] == [
        "listeners.tcp.1 = 127.0.0.1:5672"
    ]
    assert "management.tcp.ip = 127.0.0.1" in text


def test_a_broker_in_a_container_denies_what_is_deprecated_and_tells_its_figures(root, tmp_path):
    target = tmp_path / "conf"
    assert rabbitmq.main([str(root), str(target)]) == 0
    lines = (target / "rabbitmq.conf").read_text().splitlines()
    denied = {line for line in lines if line.startswith("deprecated_features.")}
    assert denied == {f"deprecated_features.permit.{name} = false" for name in rabbitmq.DEPRECATED}
    assert {"transient_nonexcl_queues", "global_qos"} < set(rabbitmq.DEPRECATED)
    assert {"prometheus.tcp.ip = 0.0.0.0", "prometheus.tcp.port = 15692"} <= set(lines)
    assert (target / "enabled_plugins").read_text() == "[rabbitmq_management,rabbitmq_prometheus].\n"


def test_nothing_that_the_services_declare_is_deprecated(root):
    for queue in rabbitmq.definitions(root)["queues"]:
        assert queue["durable"], queue["name"]
        assert not {"x-queue-mode", "x-queue-version", "x-queue-master-locator"} & queue["arguments"].keys()
