"""The long run: `python -m tests.faults [--runs 1000] [--first 0]`; Status 1 if a law is broken."""

from __future__ import annotations

import logging
import sys
import time
from datetime import timedelta

import click

from .harness import Harness
from .plan import draw
from .stage import stage


@click.command()
@click.option("--runs", default=1_000, show_default=True)
@click.option("--first", default=0, show_default=True, help="The seed of the first run; the others follow.")
def main(runs: int, first: int) -> None:
    """Play so many seeded runs and say what was seen."""
    logging.disable(logging.WARNING)  # what is cut and killed on purpose complains
    began = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"{timedelta(seconds=round(time.monotonic() - began))}  {words}")

    with stage() as running:
        tally = Harness(running, say).play(draw(seed) for seed in range(first, first + runs))
    sys.exit(1 if tally.violations else 0)


if __name__ == "__main__":
    main()
