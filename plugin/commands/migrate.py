"""`beckon migrate`: the database's tables as this version needs them."""

from __future__ import annotations

import logging
from pathlib import Path

import click
from alembic import command
from alembic.config import Config

from plugin.base import settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@click.command()
def migrate() -> None:
    """Create or update the database's tables. Safe to repeat."""
    upgrade(settings.current().database_url)
    click.echo("The database is up to date.")


def upgrade(url: str, revision: str = "head") -> None:
    """Runs every migration up to `revision` that the database at `url` has not seen."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)
