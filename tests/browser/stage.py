"""Everything around a browser: Beckon behind a WSGI server, the shop with its proxy, the push services, a desktop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from app import create_app
from plugin.base import settings
from plugin.delivery import connections
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import metadata
from sandbox.push.browsers import PushServices
from tests.factories import make_shop

from .desktop import Desktop, Shown
from .loop import LoopThread
from .shopfront import DOMAIN, shopfront

SECRET = "as-long-as-real-ones-are-32-bytes"


@dataclass(frozen=True, slots=True)
class PushPlace:
    """Where the browsers' push services are: for the browsers, and for the sender."""

    origin: str
    ca_file: Path
    connect_to: list[str]
    firefox_url: str
    chromium_switches: list[str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands outside of shop and Beckon, and may stay while they come and go."""

    push: PushPlace
    desktop: Desktop
    loop: LoopThread


@dataclass(frozen=True, slots=True)
class Stage:
    """`shop` is the shop's address as its shoppers know it: another port, so another origin, in every test."""

    shop: str
    shop_id: int
    around: Surroundings
    beckon: str = ""
    """Where the panel stands alone."""

    def product(self, handle: str = "harbour-parka") -> str:
        return f"{self.shop}/products/{handle}"

    def notification(self, title: str) -> Shown | None:
        """The one of that title on the desktop."""
        return next((each for each in self.around.desktop.shown if each.title == title), None)

    def press(self, notification: Shown) -> None:
        self.around.loop.run(self.around.desktop.press(notification))

    def wave_away(self, notification: Shown) -> None:
        self.around.loop.run(self.around.desktop.wave_away(notification))


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """The browsers' push services and a desktop, on ports of their own; nothing of them is left at the end."""
    with ExitStack() as opened:
        loop = opened.enter_context(LoopThread())
        push = loop.run(PushServices().__aenter__())
        opened.callback(lambda: loop.run(push.__aexit__(None, None, None)))
        opened.callback(connections._close)  # the sender's; the services would wait for them to end
        desktop = loop.run(Desktop().start())
        opened.callback(lambda: loop.run(desktop.stop()))
        place = PushPlace(push.origin, push.ca_file, push.connect_to, push.firefox_url, push.chromium_switches)
        yield Surroundings(place, desktop, loop)


@contextmanager
def stage(home: Path, around: Surroundings) -> Iterator[Stage]:
    """Beckon with an empty store, and a shop that has installed it."""
    with ExitStack() as opened:
        around.desktop.clear()
        mine = beckon_settings(home, around.push)
        beckon = opened.enter_context(served(create_app(mine)))
        opened.callback(engine.close_store)
        metadata.create_all(engine.engine())
        with transaction() as tx:
            shop_id = make_shop(tx, DOMAIN)
        shop = opened.enter_context(served(shopfront(beckon, mine.client_secret)))
        yield Stage(shop.replace("127.0.0.1", "localhost"), shop_id, around, beckon)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of `app` on a WSGI server in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def beckon_settings(home: Path, push: PushPlace | None = None) -> settings.Settings:
    """Those of a Beckon whose sender finds the push services at `push`."""
    found = {
        "BECKON_HOME": str(home),
        "BECKON_SECRET": "test-secret",
        "SHOPIFY_API_KEY": "client-id",
        "SHOPIFY_API_SECRET": SECRET,
    }
    if push is not None:
        found |= {
            "BECKON_PUSH_ORIGINS": push.origin,
            "BECKON_PUSH_CA": str(push.ca_file),
            "BECKON_PUSH_CONNECT_TO": ",".join(push.connect_to),
        }
    return settings.from_environment(found)
