"""Our signature as a push service checks it."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from plugin.base.errors import Unreadable
from plugin.delivery.vapid import authorization
from tests.delivery.services import VANTA, make_vapid_key

ORIGIN, SUBJECT = "https://fcm.googleapis.com", "mailto:push@vanta.test"
AT = datetime(2026, 11, 18, 12, 34, 56, tzinfo=UTC)


def test_a_push_service_can_verify_who_pushes() -> None:
    token, key = parts(authorization(VANTA, ORIGIN, SUBJECT, AT))

    assert key == VANTA.public
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=ORIGIN, options={"verify_exp": False})
    assert claims["sub"] == SUBJECT
    assert timedelta(hours=11) < datetime.fromtimestamp(claims["exp"], UTC) - AT < timedelta(hours=24)
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "ES256"}


def test_the_reference_verifies_it_too() -> None:
    assert Vapid02.verify(authorization(VANTA, ORIGIN, SUBJECT, AT))


def test_one_signature_serves_an_hour_and_an_origin() -> None:
    """ECDSA draws a random number, so equal headers mean that it was signed once."""
    first = authorization(VANTA, ORIGIN, SUBJECT, AT)

    assert authorization(dataclasses.replace(VANTA), ORIGIN, SUBJECT, AT.replace(minute=59)) == first
    others = {
        authorization(VANTA, ORIGIN, SUBJECT, AT + timedelta(hours=1)),
        authorization(VANTA, "https://web.push.apple.com", SUBJECT, AT),
        authorization(make_vapid_key(), ORIGIN, SUBJECT, AT),
        authorization(VANTA, ORIGIN, "https://vanta.test", AT),
    }
    assert len(others | {first}) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"private": bytes(32)}, id="zero"),
        pytest.param({"private": b"\xff" * 32}, id="beyond the curve's order"),
        pytest.param({"public": make_vapid_key().public}, id="another pair's"),
        pytest.param({"public": b""}, id="empty"),
    ],
)
def test_keys_that_do_not_belong_together_sign_nothing(wrong: dict[str, bytes]) -> None:
    with pytest.raises(Unreadable, match="VAPID"):
        authorization(dataclasses.replace(VANTA, **wrong), ORIGIN, SUBJECT, AT)


def test_the_private_key_does_not_show_in_logs() -> None:
    assert repr(VANTA.private) not in repr(VANTA)


def parts(header: str) -> tuple[str, bytes]:
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    values = dict(part.split("=", 1) for part in rest.split(","))
    key = values["k"]
    return values["t"], base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
