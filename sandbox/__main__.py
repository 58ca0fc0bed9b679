"""`python -m sandbox serve` and `python -m sandbox story`."""

from __future__ import annotations

import logging
import sys

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


def _settings() -> Settings:
    try:
        return from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
