"""`python -m sandbox serve` and `python -m sandbox story`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from sandbox.settings import Settings, from_environment


@click.group(help=__doc__)
def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s sandbox %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)


@main.command()
def serve() -> None:
    """Serve the pretend Shopify, storefront, admin and push services until Ctrl-C."""
    from sandbox.server import serve_until_interrupted

    settings = _settings()
    print(f"storefront  {settings.url}/")
    print(f"admin       {settings.admin_url}/store/demo/apps/beckon")
    print(f"pushes      {settings.push_url} (trust {settings.ca_file})", flush=True)
    serve_until_interrupted(settings)


@main.command()
@click.option("--app", help="The app's address; SANDBOX_APP_URL if not given.")
@click.option("--sandbox", help="The sandbox's address; from SANDBOX_PORT if not given.")
@click.option(
    "--result", type=click.Path(path_type=Path), help="Where the result goes as JSON; story.json in SANDBOX_HOME."
)
def story(app: str | None, sandbox: str | None, result: Path | None) -> None:
    """Tell the story from order to click; exit status 0 only if every number adds up."""
    from sandbox.story import run

    settings = _settings()
    adds_up = run(app or settings.app_url, sandbox or settings.url, result or settings.home / "story.json")
    sys.exit(0 if adds_up else 1)


def _settings() -> Settings:
    try:
        return from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
