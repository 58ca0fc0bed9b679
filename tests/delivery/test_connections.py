"""Where connections may go, and whose they are."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import textwrap

import pytest

from plugin.base import settings
from plugin.delivery.addresses import public
from plugin.delivery.post import Request
from plugin.delivery.transport import post_all
from tests.delivery.services import Certificates, PushService, asking

pytestmark = pytest.mark.usefixtures("http2")


def test_a_stranger_s_certificate_is_refused(push_service: PushService, certs: Certificates) -> None:
    settings.use(dataclasses.replace(settings.current(), push_ca=certs.stranger))

    (reply,) = post_all([asking(push_service)])

    assert reply.status is None
    assert push_service.received == []


def test_a_certificate_for_another_name_is_refused(push_service: PushService) -> None:
    origin = f"https://127.0.0.1:{push_service.port}"
    settings.use(dataclasses.replace(settings.current(), push_origins=(origin,)))

    (reply,) = post_all([Request(origin, f"{origin}/push/201/x", (), b"")])

    assert reply.status is None
    assert push_service.received == []


def test_only_https(push_service: PushService) -> None:
    origin = push_service.origin.replace("https:", "http:")
    (reply,) = post_all([Request(origin, f"{origin}/push/201/x", (), b"")])

    assert reply.status is None
    assert push_service.received == []


def test_a_known_name_that_leads_to_our_own_house_is_not_called(push_service: PushService) -> None:
    """A name server in a stranger's hand may answer 127.0.0.1 or the cloud's own address."""
    settings.use(dataclasses.replace(settings.current(), push_origins=()))

    (reply,) = post_all([asking(push_service)])

    assert reply.status is None
    assert reply.words == "its address 127.0.0.1 is not a public one"
    assert push_service.received == []


def test_connect_to_leads_a_push_service_elsewhere(push_service: PushService) -> None:
    lead = (f"fcm.googleapis.com:443:127.0.0.1:{push_service.port}",)
    settings.use(dataclasses.replace(settings.current(), push_origins=(), push_connect_to=lead))

    (reply,) = post_all(
        [Request("https://fcm.googleapis.com", push_service.endpoint(host="fcm.googleapis.com"), (), b"")]
    )

    assert reply.status == 201
    assert push_service.received[0].headers["host"] == "fcm.googleapis.com"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff0e::1",
    ],
)  # fmt: skip
def test_addresses_of_our_own_house(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["142.250.74.10", "17.188.1.1", "2a00:1450:4001:82b::200a", "64:ff9b::8efa:4a0a"])
def test_addresses_of_the_internet(address: str) -> None:
    assert public(address)


def test_a_forked_child_leaves_its_parents_connections_alone(
    push_service: PushService, certs: Certificates, http2: str
) -> None:
    """RQ's workers fork. Saying goodbye on an inherited connection would break it for the parent."""
    story = textwrap.dedent(
        """
        import dataclasses, os, pathlib, sys
        from plugin.base import settings
        from plugin.delivery.post import Request
        from plugin.delivery.transport import post_all

        home, origin, ca, http2 = sys.argv[1:]
        fresh = settings.from_environment({"BECKON_HOME": home})
        ours = dataclasses.replace(fresh, push_origins=(origin,), push_ca=pathlib.Path(ca), http2=http2)
        settings.use(ours)

        def send(who):
            assert post_all([Request(origin, f"{origin}/push/201/{who}", (), b"")])[0].status == 201

        send("parent")
        child = os.fork()
        send("child" if child == 0 else "parent")
        if child == 0:
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        send("parent")
        """
    )
    arguments = [str(certs.ca.parent), push_service.origin, str(certs.ca), http2]
    ran = subprocess.run([sys.executable, "-c", story, *arguments], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    by_parent = {one.connection for one in push_service.received if one.path.endswith("parent")}
    by_child = {one.connection for one in push_service.received if one.path.endswith("child")}
    assert len(by_parent) == 1
    assert by_child.isdisjoint(by_parent)
