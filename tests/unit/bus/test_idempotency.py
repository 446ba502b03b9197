"""What is kept of a request tells nothing to whoever reads the table."""

from __future__ import annotations

import pytest

from shared.bus.idempotency import Asked, KeptReplies, digest_secret

pytestmark = pytest.mark.unit

OURS, OTHERS = (digest_secret(f"amqp://account:{password}@broker/vilkar") for password in ("secret", "other"))
PHONE = {"phone": "90012345"}


def digest(*, secret=OURS, method="update_user", scope="gateway user:1 ", key="k", request=PHONE):
    return KeptReplies(method, secret=secret).digest(Asked(scope=scope, key=key, request=request))


def test_replicas_digest_alike_whatever_the_order_of_the_fields():
    assert digest(request={"a": 1, "b": 2}) == digest(request={"b": 2, "a": 1})
    again = digest_secret("amqp://account:secret@another-host:5673/vilkar")
    assert digest(secret=again) == digest()


def test_nobody_without_the_services_password_can_try_telephones():
    assert digest(secret=OTHERS) != digest()


@pytest.mark.parametrize("change", [{"method": "add_user"}, {"scope": "gateway user:2 "}, {"key": "l"}])
def test_equal_requests_do_not_show_as_equal(change):
    assert digest(**change) != digest()


def test_a_request_of_who_reaches_some_accounts_is_another_one_than_of_who_reaches_others():
    reaching = [
        KeptReplies("update_user", secret=OURS).digest(
            Asked(scope="gateway user:1 ", key="k", request=PHONE, reach=reach)
        )
        for reach in ("", "AAAA", "AAAABBBB")
    ]
    assert len(set(reaching)) == 3
    assert reaching[0] == digest()


def test_the_password_is_not_the_secret():
    assert b"secret" not in OURS
