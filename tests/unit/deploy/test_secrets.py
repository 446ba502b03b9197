import base64
import os
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.provision import secrets
from shared.signing import SigningKey

pytestmark = pytest.mark.unit


def everything(root):
    return {file.relative_to(root): file.read_text() for file in root.rglob("*") if file.is_file()}


def test_a_second_run_makes_nothing_and_changes_nothing(tmp_path):
    assert len(secrets.provision(tmp_path)) > 40
    before = everything(tmp_path)
    assert secrets.provision(tmp_path) == []
    assert everything(tmp_path) == before


def test_a_value_put_there_by_hand_stays_and_reaches_those_who_share_it(tmp_path):
    (tmp_path / "notification").mkdir()
    (tmp_path / "notification/mailgun_api_key").write_text("a-real-key\n")
    secrets.provision(tmp_path)
    assert secrets.read(tmp_path, "notification", "mailgun_api_key") == "a-real-key"
    assert secrets.read(tmp_path, "sandbox", "mailgun_api_key") == "a-real-key"


@pytest.mark.parametrize("secret", [s for s in secrets.SECRETS if len(s.folders) > 1], ids=lambda s: s.name)
def test_a_shared_value_is_the_same_in_each_folder(tmp_path, secret):
    secrets.provision(tmp_path)
    assert len({secrets.read(tmp_path, folder, secret.name) for folder in secret.folders}) == 1


def test_no_two_secrets_have_the_same_value(tmp_path):
    secrets.provision(tmp_path)
    values = [secrets.read(tmp_path, secret.folders[0], secret.name) for secret in secrets.SECRETS]
    assert len(set(values)) == len(values)


def test_a_process_gets_only_what_it_uses(tmp_path):
    secrets.provision(tmp_path)
    held = {folder.name: {file.name for file in folder.iterdir()} for folder in tmp_path.iterdir()}
    assert held["relay"] == {"db_password", "broker_password", "ledger_public_key"}
    assert held["desk"] == {"broker_password", "db_password", "keyring_password", "ledger_public_key"}
    assert held["vilkar"] == {"db_password", "keyring_password", "ledger_public_key"}, "at the broker it is nobody"
    assert held["gateway"] == {"broker_password"}
    assert {name for name, files in held.items() if "kek" in files} == {"account", "audit"}
    assert held["keyring_keeper"] == {"keyring_password"}
    assert {name for name, files in held.items() if "audit_signing_key" in files} == {"audit"}
    assert {name for name, files in held.items() if "certificate_signing_key" in files} == {"retention"}
    assert {name for name, files in held.items() if "ledger_signing_key" in files} == {"retention"}
    assert {name for name, files in held.items() if any("owner" in file for file in files)} == {"migrate"}
    assert {name for name, files in held.items() if "superuser_password" in files} == {"postgres", "keyring"}


def test_what_a_process_has_no_use_for_any_more_is_taken_from_it(tmp_path):
    secrets.provision(tmp_path)
    (tmp_path / "retention/kek").write_text(secrets.read(tmp_path, "account", "kek"))
    assert secrets.provision(tmp_path) == []
    assert not (tmp_path / "retention/kek").exists()


def test_nobody_but_the_owner_may_read_a_secret(tmp_path):
    secrets.provision(tmp_path)
    for folder in tmp_path.iterdir():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o400}


def test_keys_are_32_bytes_and_fit_what_they_are_for(tmp_path):
    secrets.provision(tmp_path)
    for folder, name in [("account", "kek"), ("account", "blind_index_key"), ("notification", "unsubscribe_key")]:
        assert len(base64.b64decode(secrets.read(tmp_path, folder, name), validate=True)) == 32
    for folder, name in [("audit", "audit_signing_key"), ("retention", "certificate_signing_key")]:
        raw = base64.b64decode(secrets.read(tmp_path, folder, name), validate=True)
        assert Ed25519PrivateKey.from_private_bytes(raw).private_bytes_raw() == raw


def test_the_ledger_is_checked_with_the_public_half_of_the_key_that_signs_it(tmp_path):
    secrets.provision(tmp_path)
    private = SigningKey.parse(secrets.read(tmp_path, "retention", "ledger_signing_key"))
    assert secrets.read(tmp_path, "account", "ledger_public_key") == private.public.text()


def test_a_new_ledger_key_is_not_used_before_everybody_knows_its_public_half(tmp_path):
    secrets.provision(tmp_path)
    path = tmp_path / "retention/ledger_signing_key"
    path.unlink()
    with pytest.raises(secrets.SecretsError, match="lacks the public half of ledger_signing_key"):
        secrets.provision(tmp_path)


def test_shared_values_that_differ_are_refused_and_left_as_they_are(tmp_path):
    secrets.provision(tmp_path)
    path = tmp_path / "sandbox/mailgun_api_key"
    path.chmod(0o600)
    path.write_text("another")
    with pytest.raises(secrets.SecretsError, match="mailgun_api_key differs"):
        secrets.provision(tmp_path)
    assert path.read_text() == "another"


def test_an_empty_secret_is_refused(tmp_path):
    (tmp_path / "audit").mkdir(parents=True)
    (tmp_path / "audit/kek").touch()
    with pytest.raises(secrets.SecretsError, match="kek is empty"):
        secrets.provision(tmp_path)


def test_a_wrong_owner_is_refused_in_words(tmp_path, capsys):
    with pytest.raises(SystemExit):
        secrets.main([str(tmp_path), "--owner", "nobody=1:2"])
    assert "[FOLDER=]UID:GID" in capsys.readouterr().err


def test_of_two_owners_of_a_folder_the_later_one_counts(tmp_path):
    ids = os.getuid(), os.getgid()
    assert (
        secrets.main(
            [str(tmp_path), "--owner=1:2", *(f"--owner={each}={ids[0]}:{ids[1]}" for each in secrets.FOLDERS)]
        )
        == 0
    )
    assert {(folder.stat().st_uid, folder.stat().st_gid) for folder in tmp_path.iterdir()} == {ids}
