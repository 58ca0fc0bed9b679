"""`beckon app-config`: the configuration that Shopify's command line deploys for your own app.

`shopify.app.toml` is everybody's and stays as it is, so that an update of Beckon never meets changes of yours.
Shopify's command line takes `shopify.app.NAME.toml` beside it with `--config NAME`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import click

from plugin.base.errors import BeckonError

ROOT = Path(__file__).parents[2]
MARK = "# Written by `beckon app-config`; write it anew after an update of Beckon.\n"
EXAMPLE = "https://beckon.example.com"


@click.command("app-config")
@click.option("--url", required=True, help="The https address of your Beckon, the same as BECKON_URL.")
@click.option("--client-id", help="Of your app; if not given, the one that `shopify app config link` wrote.")
@click.option("--name", default="production", show_default=True, help="Of the configuration.")
@click.option("--app-name", default="Beckon", show_default=True, help="What merchants see in the admin.")
@click.option("--handle", default="beckon", show_default=True, help="Of the app in the admin's addresses.")
@click.option("--without-old-orders", is_flag=True, help="Leave read_all_orders out: Shopify has not granted it (yet).")
def app_config(
    url: str, client_id: str | None, name: str, app_name: str, handle: str, *, without_old_orders: bool
) -> None:
    """Write shopify.app.NAME.toml, ready for `shopify app deploy --config NAME`."""
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,40}", name):
        raise BeckonError(f"--name is {name!r}; a configuration's name has small letters, digits and hyphens.")
    file = ROOT / f"shopify.app.{name}.toml"
    found = file.read_text() if file.exists() else ""
    ours = (ROOT / "shopify.app.toml").read_text()
    mine = adapted(ours, client_id or _client_id(file, found), url, app_name=app_name, handle=handle)
    if without_old_orders:
        mine = mine.replace("read_all_orders,", "")
    if found and not found.startswith(MARK):
        file.with_suffix(".toml.before").write_text(found)
        click.echo(f"What stood in {file.name} is kept in {file.name}.before.")
    file.write_text(MARK + mine)
    click.echo(f"{file.name} is written. Next: shopify app deploy --config {name}")


def _client_id(file: Path, found: str) -> str:
    try:
        known = tomllib.loads(found).get("client_id")
    except tomllib.TOMLDecodeError as error:
        raise BeckonError(f"{file.name} cannot be read: {error}. Give your app's --client-id.") from error
    if not known:
        raise BeckonError(
            f"There is no client id yet. Make the app with `shopify app config link --config "
            f"{file.name.split('.')[2]}`, or give the --client-id of one that you have."
        )
    return str(known)


def adapted(ours: str, client_id: str, url: str, *, app_name: str = "Beckon", handle: str = "beckon") -> str:
    """Our configuration's text with your client id and address. Raises BeckonError naming what cannot be used."""
    address = _address(url)
    checks = (
        ("--client-id", client_id, "[0-9a-zA-Z-]{8,64}", "Shopify's are 32 letters and digits"),
        ("--app-name", app_name, r'[^"\\\x00-\x1f]{1,30}', "it has 30 characters at most, and no quotes"),
        ("--handle", handle, "[a-z0-9][a-z0-9-]{0,60}", "it has small letters, digits and hyphens"),
    )
    for option, value, pattern, rule in checks:
        if not re.fullmatch(pattern, value):
            raise BeckonError(f"{option} is {value!r}; {rule}.")
    values = (("client_id", client_id), ("name", app_name), ("handle", handle))
    for key, value in values:
        ours = re.sub(rf'(?m)^{key} = "[^"]*"$', f'{key} = "{value}"', ours, count=1)
    return ours.replace(EXAMPLE, address)


def _address(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise BeckonError(f"--url is {url!r}; Shopify takes an https address without a path: https://push.example.com.")
    return f"https://{parts.netloc}"
