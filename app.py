"""Beckon's two doors: `create_app()` for a WSGI server and `beckon` for the command line."""

from __future__ import annotations

import click
from flask import Flask

from plugin.admin.routes import blueprint as admin
from plugin.api.metrics import blueprint as metrics
from plugin.api.routes import blueprint as api
from plugin.base import logs
from plugin.base import settings as base_settings
from plugin.base.errors import BeckonError
from plugin.commands.app_config import app_config
from plugin.commands.clock import clock
from plugin.commands.demo import demo
from plugin.commands.events import events
from plugin.commands.lists import lists
from plugin.commands.migrate import migrate
from plugin.commands.privacy import privacy
from plugin.commands.reconcile import command as reconcile
from plugin.commands.replay import replay
from plugin.commands.rotate_keys import rotate_keys
from plugin.commands.segment import segment
from plugin.commands.segment_templates import templates, use
from plugin.commands.serve import serve
from plugin.commands.status import status
from plugin.commands.worker import worker
from plugin.store.engine import open_store
from plugin.storefront.pixel import blueprint as pixel
from plugin.storefront.routes import blueprint as storefront
from webhooks.routes import blueprint as webhooks


def create_app(settings: base_settings.Settings | None = None) -> Flask:
    """The whole web side: the merchant's panel, Shopify's webhooks, the storefront's app proxy, the events API."""
    mine = base_settings.use(settings) if settings else base_settings.current()
    open_store(mine.database_url)
    app = Flask(__name__, static_folder="static", template_folder=None)
    app.secret_key = mine.secret
    app.json.sort_keys = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it
    for blueprint in (webhooks, storefront, pixel, api, metrics, admin):
        app.register_blueprint(blueprint)
    return app


def web() -> Flask:
    """`create_app()` for `beckon serve`, whose lines go where the settings say."""
    logs.configure(base_settings.log_form())
    return create_app()


class Sentences(click.Group):
    """Shows what a person did wrong as one sentence and exit status 2, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BeckonError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="beckon")
def main() -> None:
    """Beckon sends segmented, personal web push for Shopify stores."""
    logs.configure(base_settings.log_form())


for command in (
    demo,
    serve,
    worker,
    clock,
    migrate,
    status,
    replay,
    reconcile,
    rotate_keys,
    app_config,
    segment,
    lists,
    privacy,
    events,
):
    main.add_command(command)
for command in (templates, use):
    segment.add_command(command)

if __name__ == "__main__":
    main()
