"""The sandbox's own settings, read once from the environment. It shares no code with the product, only names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SLICE = HERE / "data" / "online-retail-slice.csv.gz"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the sandbox keeps its things, listens, and finds the app."""

    home: Path
    port: int = 8200
    push_port: int = 8243
    app_url: str = "http://localhost:8100"
    """Where the app under development answers; webhooks and the app proxy go there."""
    api_key: str = "beckon-demo"
    api_secret: str = "beckon-demo-secret-for-development-only"
    history: Path = SLICE
    keep_dates: bool = False
    """True: the history keeps its dates of 2010 and 2011."""
    app_toml: Path = HERE.parent / "shopify.app.toml"
    extension: Path = HERE.parent / "extensions" / "web-push"
    pixel: Path = HERE.parent / "extensions" / "web-pixel"
    browsers: bool = True
    """Whether the push services of real browsers (Mozilla's, Google's) are imitated as well."""

    @property
    def url(self) -> str:
        """The storefront, and the host of the Admin API and of downloads."""
        return f"http://localhost:{self.port}"

    @property
    def admin_url(self) -> str:
        """The pretend admin: another origin than the storefront and the app, as in life."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def push_url(self) -> str:
        return f"https://localhost:{self.push_port}"

    @property
    def database(self) -> Path:
        return self.home / "sandbox.sqlite3"

    @property
    def downloads(self) -> Path:
        return self.home / "bulk"

    @property
    def ca_file(self) -> Path:
        """The certificate of our own authority: senders of pushes must trust it."""
        return self.home / "ca.pem"


def from_environment(env: Mapping[str, str] = os.environ) -> Settings:  # noqa: TID251  the only reader here
    """Settings of this process. Raises ValueError naming what cannot be used."""
    plain = Settings(home=Path("var/sandbox"))
    history = Path(env.get("SANDBOX_HISTORY") or plain.history)
    if not history.is_file():
        raise ValueError(f"SANDBOX_HISTORY: there is no file {history}.")
    return Settings(
        home=Path(env.get("SANDBOX_HOME") or plain.home).resolve(),
        port=int(env.get("SANDBOX_PORT") or plain.port),
        push_port=int(env.get("SANDBOX_PUSH_PORT") or plain.push_port),
        app_url=(env.get("SANDBOX_APP_URL") or plain.app_url).rstrip("/"),
        api_key=env.get("SHOPIFY_API_KEY") or plain.api_key,
        api_secret=env.get("SHOPIFY_API_SECRET") or plain.api_secret,
        history=history,
        keep_dates=env.get("SANDBOX_KEEP_DATES") == "1",
        app_toml=Path(env.get("SANDBOX_APP_TOML") or plain.app_toml),
        extension=Path(env.get("SANDBOX_EXTENSION") or plain.extension),
        pixel=Path(env.get("SANDBOX_PIXEL") or plain.pixel),
        browsers=env.get("SANDBOX_BROWSERS", "1") == "1",
    )
