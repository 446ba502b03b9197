import contextlib
import json
import socket

import pytest

from deploy.native import bootstrap, packages, plan, ports, supervisor
from deploy.native.infrastructure import Infrastructure

pytestmark = pytest.mark.unit


def test_a_scaled_process_runs_under_numbered_names():
    names = [name for name, _ in plan.instances(["account", "notification"], {"notification": 3})]
    assert names == ["account", "notification", "notification-2", "notification-3"]


def test_a_process_scaled_to_nothing_does_not_run():
    assert [name for name, _ in plan.instances(["account", "audit"], {"audit": 0})] == ["account"]


@pytest.mark.parametrize(("selected", "scale"), [(["billing"], {}), (["account"], {"acount": 2})])
def test_an_unknown_process_is_refused_with_the_known_ones(selected, scale):
    with pytest.raises(plan.PlanError, match="there are sandbox, account"):
        plan.instances(selected, scale)


@pytest.mark.parametrize(("name", "count"), [("gateway", 2), ("notification", 65)])
def test_a_scale_beyond_what_a_process_can_do_is_refused(name, count):
    with pytest.raises(plan.PlanError, match="times at most"):
        plan.instances([name], {name: count})


def test_a_plan_read_back_is_the_plan_written(tmp_path):
    specs = [plan.ProcessSpec("account", ("python", "-m", "services.account"), "http://x/readyz", {"A": "b"}, 3)]
    plan.save(specs, tmp_path / "plan.json")
    assert plan.load(tmp_path / "plan.json") == specs
    assert plan.load(tmp_path / "none.json") == []


def test_the_delay_before_a_restart_doubles_up_to_half_a_minute():
    assert [supervisor.delay_before_restart(n) for n in range(9)] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30]
    assert supervisor.delay_before_restart(10**9) == 30


def test_ports_are_kept_from_run_to_run_and_none_is_given_twice():
    first = plan.allot_ports(["account", "sandbox"], {}, live=set(), settings={})
    assert len(set(first.values())) == len(first) == 5
    assert first.keys() == {"account", "sandbox", "public", "desk_pages", "gateway_inner"}
    then = plan.allot_ports(["account", "sandbox", "audit"], first, live=set(), settings={})
    assert then.items() >= first.items()


def test_a_port_that_somebody_else_took_is_given_up_unless_our_own_process_listens_there():
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        taken = {"account": server.getsockname()[1], "gateway": 20001}
        assert plan.allot_ports(["account"], taken, live=set(), settings={})["account"] != taken["account"]
        assert plan.allot_ports(["account"], taken, live={"account"}, settings={})["account"] == taken["account"]


def test_who_takes_a_port_where_nobody_of_ours_is_to_listen_changes_nothing():
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        theirs = server.getsockname()[1]
        told = plan.allot_ports(["sandbox"], {"public": theirs}, live={"sandbox"}, settings={})
        assert told["public"] == theirs
        run = plan.allot_ports(["sandbox", "proxy"], told, live={"sandbox"}, settings={})
        assert run["public"] != theirs, "who is to listen there now needs another"
    assert ports.choose(["a"], preferred={"a": theirs}, taken=[theirs])["a"] != theirs


def _described(root):
    """Servers that were set up once and do not run."""
    ports_of_servers = dict.fromkeys(("db", "keyring", "amqp", "management", "mapper", "distribution"), 20003)
    record = {"ports": ports_of_servers, "node": "test", "for_tests": True, "owner": None}
    (root / "infrastructure.json").write_text(json.dumps(record))
    for folder in ("postgres", "keyring", "rabbitmq"):
        (root / "secrets" / folder).mkdir(parents=True)
        for name in ("superuser_password", "admin_password"):
            (root / "secrets" / folder / name).write_text("invented")
    return Infrastructure(root)


def test_a_port_that_is_asked_for_is_the_one_where_everybody_is_told_to_go(tmp_path):
    asked = {"VILKAR_GATEWAY_PORT": str(ports.choose(["a"])["a"]), "PATH": "/bin"}
    given = plan.allot_ports(["proxy", "gateway"], {"public": 20001}, live={"proxy"}, settings=asked)
    assert str(given["public"]) == asked["VILKAR_GATEWAY_PORT"]
    env = plan.environment(_described(tmp_path), tmp_path, "gateway", given, given=asked)
    assert env["VILKAR_GATEWAY_PORT"] == asked["VILKAR_GATEWAY_PORT"]
    assert env["VILKAR_GATEWAY_PUBLIC_URL"].endswith(":" + asked["VILKAR_GATEWAY_PORT"])
    assert asked["VILKAR_GATEWAY_PORT"] in env["VILKAR_SANDBOX_WEBHOOK_URL"]
    specs = plan.make(plan.instances(["gateway", "proxy"], {}), given, [], lambda _: dict(env))
    assert [spec.env["VILKAR_GATEWAY_PORT"] for spec in specs] == [asked["VILKAR_GATEWAY_PORT"]] * 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"VILKAR_GATEWAY_PORT": "eight"}, "must be a TCP port"),
        ({"VILKAR_SANDBOX_PORT": "65536"}, "must be a TCP port"),
        ({"VILKAR_SANDBOX_PORT": "0"}, "must be a TCP port"),
        ({"VILKAR_SANDBOX_PORT": "20002", "VILKAR_GATEWAY_PORT": "20002"}, "name the same port"),
    ],
)
def test_a_port_that_cannot_be_had_is_refused_with_the_setting(settings, said):
    with pytest.raises(plan.PlanError, match=said):
        plan.allot_ports(["account"], {}, live=set(), settings=settings)


def test_a_port_that_is_asked_for_and_taken_is_refused_and_not_exchanged_for_another():
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        with pytest.raises(plan.PlanError, match="listens on that port already"):
            plan.allot_ports([], {}, live=set(), settings={"VILKAR_GATEWAY_PORT": str(server.getsockname()[1])})


def test_the_port_that_customers_knew_before_there_was_a_proxy_stays_theirs():
    before = {"gateway": 20_017, "sandbox": 20_018, "account": 20_019}
    after = plan.allot_ports(["account", "gateway", "proxy"], before, live={"gateway", "account"}, settings={})
    assert after["public"] == 20_017
    assert after["gateway"] != 20_017
    assert len(set(after.values())) == len(after)


def test_a_preferred_port_wanted_twice_is_given_once():
    chosen = ports.choose(["a", "b"], preferred={"a": 20123, "b": 20123})
    assert chosen["a"] != chosen["b"]


def test_services_are_kept_from_starting_while_packages_are_installed(tmp_path):
    policy = tmp_path / "policy-rc.d"
    with packages.forbid_starting(policy):
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111
    assert not policy.exists()


def test_the_machines_own_policy_is_back_afterwards_even_after_a_failure(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    with contextlib.suppress(RuntimeError), packages.forbid_starting(policy):
        assert policy.read_text() == packages.POLICY
        raise RuntimeError
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert [file.name for file in tmp_path.iterdir()] == ["policy-rc.d"]


def test_the_machines_own_policy_survives_a_run_that_was_killed(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.with_name("policy-rc.d.vilkar-saved").write_text("theirs")
    policy.write_text(packages.POLICY)
    with packages.forbid_starting(policy):
        assert "exit 101" in policy.read_text()
    assert policy.read_text() == "theirs"


def test_our_own_policy_left_by_a_run_that_was_killed_is_not_taken_for_the_machines(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text(packages.POLICY)
    with packages.forbid_starting(policy):
        pass
    assert not policy.exists()


def test_an_environment_made_from_another_lock_or_python_is_not_taken_for_complete(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("one==1")
    stamp = bootstrap.stamp_of(lock, (3, 11))
    assert bootstrap.stamp_of(lock, (3, 12)) != stamp
    lock.write_text("one==2")
    assert bootstrap.stamp_of(lock, (3, 11)) != stamp
