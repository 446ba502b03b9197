"""What a customer accepted can be read again: the text, its language, and the sentences that were confirmed."""

from __future__ import annotations

import hashlib
import json

import pytest

from services.account.agreements.feature import Agreements
from shared.errors import Conflict, Invalid, NotFound
from shared.terms import texts
from tests.forms import agreement
from tests.in_process import feature

pytestmark = [pytest.mark.integration, pytest.mark.clause("ACCEPT-1")]


def agreed(world, member):
    return world.call("get_account", account_id=member.account_id, actor=member.actor)["agreement"]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_acceptance_names_the_text_in_its_language_and_each_sentence(world, language):
    owner = world.sign_up(world.fresh_email(), language=language)
    accepted = agreed(world, owner)
    text = world.call("terms_text", version=accepted["version"], language=accepted["language"])
    assert accepted["language"] == language
    assert accepted["text_sha256"] == text["sha256"] == hashlib.sha256(text["text"].encode()).hexdigest()
    sentences = {(each["id"], each["language"]): each for each in world.call("terms_versions")["sentences"]}
    assert {each["id"] for each in accepted["sentences"]} == texts.SENTENCES.keys()
    for each in accepted["sentences"]:
        shown = sentences[each["id"], language]
        assert each["sha256"] == shown["sha256"] == hashlib.sha256(shown["text"].encode()).hexdigest()


def test_a_text_accepted_before_stays_readable_when_a_new_version_is_in_force(world, tmp_path):
    owner = world.sign_up()
    before = agreed(world, owner)
    for name, day in (("v1", "2020-04-26"), ("v2", "2020-04-27")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "version.json").write_text(json.dumps({"valid_from": day, "is_demo": False}))
        for language in texts.LANGUAGES:
            same = texts.DEMO / "v1" / f"{language}.txt"
            (folder / f"{language}.txt").write_bytes(same.read_bytes() if name == "v1" else b"another text")
    feature(world.service, Agreements).terms = texts.load(tmp_path, allow_demo=False)
    with pytest.raises(Conflict) as refused:
        world.sign_up()
    assert refused.value.details == {"version": "v2"}
    old = world.call("terms_text", version=before["version"], language=before["language"])
    assert old["sha256"] == before["text_sha256"]
    in_force = [each["version"] for each in world.call("terms_versions")["versions"] if each["in_force"]]
    assert in_force == ["v2"]
    with pytest.raises(NotFound):
        world.call("terms_text", version="v3", language="nb")


def test_another_text_than_the_one_in_force_is_not_accepted(world):
    email = world.fresh_email()
    for digest, error in (("ab" * 32, Conflict), ("not a digest", Invalid)):
        wrong = agreement(text_sha256=digest, domain="nogd.example", element="sign_up.accept")
        with pytest.raises(error):
            world.call("sign_up", **world.application(email) | {"agreement": wrong})
    right = world.call("terms_text", version="v1", language="nb")["sha256"]
    told = agreement(text_sha256=right, domain="nogd.example", element="sign_up.accept")
    assert world.call("sign_up", **world.application(email) | {"agreement": told}) == {"status": "accepted"}
