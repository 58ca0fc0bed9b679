"""The robots' push service, with pywebpush as the sender: it must take what is right and notice what is not."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher
from starlette.applications import Starlette

from sandbox import instants
from sandbox.push import certificate
from sandbox.push.decrypt import Undecryptable, decrypt, private_key
from sandbox.push.robots import PushService
from tests.sandbox.conftest import TestClient

AUDIENCE = "https://localhost:8243"


class Sender:
    """A sender with a key pair, as an app server has one."""

    def __init__(self):
        self.vapid = Vapid02()
        self.vapid.generate_keys()
        point = self.vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def headers(self, **changes):
        soon = int(instants.now().timestamp()) + 3600
        claims = {"aud": AUDIENCE, "sub": "mailto:a@example.com", "exp": soon} | changes.pop("claims", {})
        signed = self.vapid.sign(claims)
        return {"Authorization": signed["Authorization"], "TTL": "60", "Content-Encoding": "aes128gcm"} | changes


@pytest.fixture
def sender():
    return Sender()


@pytest.fixture
def service(world):
    return PushService(world)


@pytest.fixture
def wire(service):
    with TestClient(Starlette(routes=service.routes), base_url=AUDIENCE) as client:
        yield client


def robot(service, sender, answers=(), online=True):
    return service.subscribe("Robbie", sender.public_key, list(answers), online=online, notes={})


def push(wire, sender, to, text="hello", **headers):
    info = {"endpoint": to["endpoint"], "keys": to["keys"]}
    body = WebPusher(info).encode(text.encode(), content_encoding="aes128gcm")["body"]
    return wire.post(f"/push/{to['token']}", content=body, headers=sender.headers(**headers))


def log(world):
    return [dict(row) for row in world.db.execute("SELECT * FROM pushes ORDER BY id")]


def test_a_message_is_verified_decrypted_and_written_down(world, service, wire, sender):
    answer = push(wire, sender, robot(service, sender), "Bonjour, Élodie", Topic="abc", Urgency="high")

    assert answer.status_code == 201
    assert answer.headers["location"].startswith(AUDIENCE)
    entry = log(world)[0]
    assert (entry["message"], entry["topic"], entry["urgency"], entry["state"]) == (
        "Bonjour, Élodie",
        "abc",
        "high",
        "delivered",
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"claims": {"aud": "https://elsewhere.example"}}, 401),
        ({"claims": {"exp": 1_000_000_000}}, 401),
        ({"Authorization": "vapid t=a.b.c, k=AAAA"}, 401),
        ({"TTL": ""}, 400),
        ({"Topic": "x" * 33}, 400),
        ({"Content-Encoding": "gzip"}, 400),
    ],
)
def test_what_is_wrong_is_refused(world, service, wire, sender, changes, status):
    assert push(wire, sender, robot(service, sender), **changes).status_code == status
    assert log(world)[0]["message"] is None


def test_another_key_than_the_one_subscribed_with_is_refused(service, wire, sender):
    to = robot(service, sender)

    assert push(wire, Sender(), to).status_code == 403


def test_a_body_for_somebody_else_is_accepted_but_cannot_be_read(world, service, wire, sender):
    ann, ben = robot(service, sender), robot(service, sender)

    assert push(wire, sender, {**ann, "keys": ben["keys"]}).status_code == 201
    assert log(world)[0]["reason"].startswith("undecryptable")


def test_a_body_that_is_too_long_is_refused(service, wire, sender):
    assert push(wire, sender, robot(service, sender), "x" * 4_000).status_code == 413


def test_trouble_comes_as_told_and_passes(service, wire, sender):
    to = robot(service, sender, answers=[429, 500])

    answers = [push(wire, sender, to) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 500, 201]
    assert answers[0].headers["retry-after"] == "1"


def test_gone_stays_gone_and_unknown_is_not_found(service, wire, sender):
    to = robot(service, sender, answers=[410])

    assert [push(wire, sender, to).status_code for _ in range(2)] == [410, 410]
    assert push(wire, sender, {**to, "token": "nobody"}).status_code == 404


def test_a_message_of_the_same_topic_replaces_the_one_that_waits(world, service, wire, sender):
    to = robot(service, sender, online=False)

    push(wire, sender, to, "first", Topic="sale")
    push(wire, sender, to, "other", Topic="cart")
    push(wire, sender, to, "second", Topic="sale")
    service.change(to["token"], online=True)

    assert {entry["message"]: entry["state"] for entry in log(world)} == {
        "first": "replaced",
        "other": "delivered",
        "second": "delivered",
    }


def test_a_robot_keeps_its_keys_when_the_service_starts_again(world, service, wire, sender):
    to = robot(service, sender, answers=[500])
    push(wire, sender, to)

    with TestClient(Starlette(routes=PushService(world).routes), base_url=AUDIENCE) as again:
        assert push(again, sender, to).status_code == 201
    assert [entry["status"] for entry in log(world)] == [500, 201]


def test_the_example_of_rfc_8291_is_read():
    def raw(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    private = private_key(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))

    assert decrypt(body, private, raw("BTBZMqHH6r4Tts7J_aSIgg")) == b"When I grow up, I want to be a watermelon"
    for broken in (body[:-1], body[:40], b"", b"\0" * 200):
        with pytest.raises(Undecryptable):
            decrypt(broken, private, raw("BTBZMqHH6r4Tts7J_aSIgg"))


def test_the_authority_is_kept_and_the_certificate_made_fresh(tmp_path):
    chain, key = certificate.issue(tmp_path / "ca.pem", ["localhost"])
    first = ((tmp_path / "ca.pem").read_text(), chain.read_text())

    certificate.issue(tmp_path / "ca.pem", ["localhost"])

    assert (tmp_path / "ca.pem").read_text() == first[0]
    assert chain.read_text() != first[1]
    assert (key.stat().st_mode & 0o077) == 0
    certificate.context(chain, key)


def test_a_private_key_is_rebuilt_from_its_number():
    key = ec.generate_private_key(ec.SECP256R1())
    number = key.private_numbers().private_value.to_bytes(32, "big")

    assert private_key(number).private_numbers() == key.private_numbers()


def test_messages_are_json_to_the_story(world, service, wire, sender):
    push(wire, sender, robot(service, sender), json.dumps({"notification": {"title": "Hi"}}))

    assert json.loads(log(world)[0]["message"])["notification"]["title"] == "Hi"
