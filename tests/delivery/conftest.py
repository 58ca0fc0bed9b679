"""A push service on loopback for the tests of sending."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from plugin.base import settings
from plugin.delivery.agree import Engine
from tests.delivery import engines, services
from tests.delivery.services import At, Certificates, PushService


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return services.certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def http2_service(certs: Certificates) -> Iterator[PushService]:
    with services.running(certs, "h2", "http/1.1") as service:
        yield service


@pytest.fixture(scope="session")
def http1_service(certs: Certificates) -> Iterator[PushService]:
    with services.running(certs, "http/1.1") as service:
        yield service


@pytest.fixture
def push_service(http2_service: PushService, certs: Certificates, own_settings: settings.Settings) -> PushService:
    """A push service with HTTP/2 that this test's settings know and trust; it has received nothing yet."""
    return known(http2_service, certs)


@pytest.fixture
def old_push_service(http1_service: PushService, certs: Certificates, own_settings: settings.Settings) -> PushService:
    """The same with HTTP/1.1 only."""
    return known(http1_service, certs)


@pytest.fixture
def at(certs: Certificates, own_settings: settings.Settings) -> At:
    """Lets this test's settings know and trust a service."""
    return lambda service: known(service, certs)


def known(service: PushService, certs: Certificates) -> PushService:
    service.forget()
    now = settings.current()
    settings.use(dataclasses.replace(now, push_origins=(*now.push_origins, service.origin), push_ca=certs.ca))
    return service


@pytest.fixture(params=["own", "pycurl"])
def http2(request: pytest.FixtureRequest, own_settings: settings.Settings) -> str:
    """Each engine that sends, in turn."""
    settings.use(dataclasses.replace(settings.current(), http2=request.param))
    return str(request.param)


@pytest.fixture(params=["lean", "eight"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return engines.LEAN if request.param == "lean" else engines.eight()
