"""`beckon rotate-keys`: every secret in the database under the newest encryption key."""

from __future__ import annotations

import click

from plugin.store import reseal
from plugin.store.engine import snapshot, transaction


@click.command("rotate-keys")
@click.option("--check", is_flag=True, help="Change nothing; only say what the keys open.")
def rotate_keys(check: bool) -> None:
    """Encrypt every secret anew with the first of BECKON_ENCRYPTION_KEYS. Safe to repeat, while Beckon runs.

    Exit status 1 when something cannot be opened: then its key is missing, and must not be thrown away.
    """
    if check:
        with snapshot() as tx:
            found = reseal.count(tx)
    else:
        with transaction() as tx:
            found = reseal.all_secrets(tx)
    click.echo(f"{found.newest + found.changed:,} secrets are under the newest key, {found.changed:,} of them anew.")
    if found.older:
        click.echo(f"{found.older:,} are under a former key: run `beckon rotate-keys` before you remove it.")
    for place in found.closed:
        click.echo(f"Cannot be opened with any key: {place}.", err=True)
    if found.closed:
        click.echo("Add the key that they were encrypted with to BECKON_ENCRYPTION_KEYS.", err=True)
        raise SystemExit(1)
