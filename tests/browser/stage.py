"""Everything around a browser: Beckon behind a WSGI server, the shop with its proxy, the push services, a desktop."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands outside of shop and Beckon, and may stay while they come and go."""

    push: PushServices
    desktop: Desktop
    loop: LoopThread


@dataclass(frozen=True, slots=True)
class Stage:
    """`shop` is the shop's address as its shoppers know it: another port, so another origin, in every test."""

    shop: str
    shop_id: int
    around: Surroundings

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
        yield Surroundings(push, desktop, loop)


@contextmanager
def stage(home: Path, around: Surroundings) -> Iterator[Stage]:
    """Beckon with an empty store, and a shop that has installed it."""
    with ExitStack() as opened:
        around.desktop.clear()
        mine = settings.use(_settings(home, around.push))
        metadata.create_all(engine.open_store(mine.database_url))
        opened.callback(engine.close_store)
        with transaction() as tx:
            shop_id = make_shop(tx, DOMAIN)
        beckon = opened.enter_context(served(_beckon()))
        shop = opened.enter_context(served(shopfront(beckon, mine.client_secret)))
        yield Stage(shop.replace("127.0.0.1", "localhost"), shop_id, around)


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


def _beckon() -> Flask:
    from plugin.storefront.routes import blueprint

    app = Flask("beckon")
    app.register_blueprint(blueprint)
    return app


def _settings(home: Path, push: PushServices) -> settings.Settings:
    mine = settings.from_environment(
        {
            "BECKON_HOME": str(home),
            "BECKON_SECRET": "test-secret",
            "SHOPIFY_API_KEY": "client-id",
            "SHOPIFY_API_SECRET": "hush",
            "BECKON_PUSH_ORIGINS": push.origin,
            "BECKON_PUSH_CA": str(push.ca_file),
            "BECKON_PUSH_CONNECT_TO": ",".join(push.connect_to),
        }
    )
    return dataclasses.replace(mine, undo=timedelta(seconds=0))
