"""What an anonymous browser may name as the place to push to, and as its keys."""

from __future__ import annotations

import base64
import dataclasses
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.audience.endpoints import LONGEST_ENDPOINT, keys_of, service_of
from plugin.base import settings
from plugin.base.errors import Refused, Unreadable


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [
        ("https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91b", "fcm.googleapis.com"),
        ("https://fcm.googleapis.com:443/wp/abc", "fcm.googleapis.com"),
        ("https://jmt17.google.com/fcm/send/abc", "jmt17.google.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAAA-_", "updates.push.services.mozilla.com"),
        ("https://autopush.stage.push.services.mozilla.com/wpush/v2/x", "autopush.stage.push.services.mozilla.com"),
        ("https://web.push.apple.com/QGuQyavXutnMH", "web.push.apple.com"),
        ("https://wns2-by3p.notify.windows.com/w/?token=BQYAAAC%2b%3d", "wns2-by3p.notify.windows.com"),
    ],
)
def test_the_push_services_of_all_browsers_are_known(endpoint: str, service: str) -> None:
    assert service_of(endpoint) == service


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com.evil.test/fcm/send/abc",
        "https://evil.test/fcm.googleapis.com/",
        "https://evilnotify.windows.com.test/w/",
        "https://xpush.apple.com/abc",
        "https://fcm.googleapis.com@evil.test/",
        "https://someone:secret@fcm.googleapis.com/fcm/send/abc",
        "https://evil.test#@fcm.googleapis.com/",
        "https://evil.test\\@fcm.googleapis.com/",
        "https://fcm.googleapis.com/fcm/send/abc#part",
        "https://fcm.googleapis.com/fcm/send/a b",
        "https://fcm.googleapis.com/fcm\r\nX-Evil: 1",
        "https://fcm.googleapis.com/fcm\n",
        "https://fcm.googleapis.com/fcm/sénd",
        "https://localhost:8243/push/abc",
        "https://127.0.0.1/push/abc",
        "https://[::1]/push/abc",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "a" * LONGEST_ENDPOINT,
    ],
)
def test_other_peoples_servers_are_not_pushed_to(endpoint: str) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        service_of(endpoint)


def test_development_may_name_a_push_service_of_its_own(own_settings: settings.Settings) -> None:
    settings.use(dataclasses.replace(own_settings, push_origins=("https://localhost:8243",)))

    assert service_of("https://localhost:8243/push/abc") == "localhost:8243"
    with pytest.raises(Refused):
        service_of("https://localhost:8244/push/abc")


def test_anns_keys_are_read_with_and_without_padding() -> None:
    point, secret = point_on_p256(), os.urandom(16)

    assert keys_of(b64(point), b64(secret)) == (point, secret)
    assert keys_of(b64(point) + "=", b64(secret) + "==") == (point, secret)


@pytest.mark.parametrize(
    ("p256dh", "auth", "names"),
    [
        ("not base64!", "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
        ("", "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
        ("A" * 1_000, "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
        ("AAAAA", "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
        ("GOOD", "AAAAA", "auth"),
        ("GOOD", "AAAA", "auth"),
        ("COMPRESSED", "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
        ("OFF THE CURVE", "AAAAAAAAAAAAAAAAAAAAAA", "p256dh"),
    ],
)
def test_keys_that_nobody_can_encrypt_for_are_named(p256dh: str, auth: str, names: str) -> None:
    point = point_on_p256()
    known = {"GOOD": point, "COMPRESSED": b"\x02" + point[1:33], "OFF THE CURVE": b"\x04" + b"\x01" * 64}
    with pytest.raises(Unreadable, match=names):
        keys_of(b64(known[p256dh]) if p256dh in known else p256dh, auth)


def point_on_p256() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
