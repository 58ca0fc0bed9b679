"""Debian's Firefox, headless, driven by Marionette."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from . import needs
from .marionette import Marionette
from .waiting import until

QUIET = {  # nothing to the outside, nothing in the way
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.firstRunURL": "",
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disableIPv6": True,
    "network.proxy.type": 0,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "startup.homepage_welcome_url": "about:blank",
    "toolkit.cosmeticAnimations.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "trailhead.firstrun.didSeeAboutWelcome": True,
}
PUSH = {
    "alerts.useSystemBackend": True,  # notifications go to the desktop, over D-Bus
    "dom.push.connection.enabled": True,
    "dom.push.retryBaseInterval": 500,
    "dom.push.testing.allowInsecureServerURL": True,  # ws:// instead of wss://
    "marionette.port": 0,  # a free one, written into the profile
    "security.notification_enable_delay": 0,  # the permission's buttons may be pressed at once
}
SWITCHES = ["--no-remote", "--new-instance", "--headless", "--marionette", "--remote-allow-system-access"]


class Firefox:
    """Starts at once; `push_url` is what dom.push.serverURL gets."""

    name = "firefox"

    def __init__(self, push_url: str, desktop_address: str) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="beckon-firefox-"))
        preferences = QUIET | PUSH | {"dom.push.serverURL": push_url}
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items()]
        (self._profile / "user.js").write_text("".join(lines))
        self._process = self._start(desktop_address)
        try:
            port = until(self._port, seconds=60, saying="Firefox's Marionette")
            self._marionette = Marionette(port)
        except BaseException:
            self.stop()
            raise

    def renew(self) -> None:
        """One new tab: what another test left is gone. (Each test's shop is an origin of its own.)"""
        former = self._marionette.command("WebDriver:GetWindowHandles")
        fresh = self._marionette.command("WebDriver:NewWindow", type="tab")["handle"]
        for handle in former:
            self._marionette.command("WebDriver:SwitchToWindow", handle=handle)
            self._marionette.command("WebDriver:CloseWindow")
        self._marionette.command("WebDriver:SwitchToWindow", handle=fresh)

    def open(self, url: str) -> None:
        self._marionette.command("WebDriver:Navigate", url=url)

    def click(self, css: str) -> None:
        self._marionette.click(self._marionette.element_in_shadow("beckon-bell", css))

    def run(self, body: str, *args: Any) -> Any:
        return self._marionette.run(body, *args)

    def addresses(self) -> list[str]:
        """Read in the browser's window, without leaving the tab under control."""
        found = self._marionette.run_in_chrome(
            "return [...Services.wm.getEnumerator('navigator:browser')]"
            ".flatMap((window) => window.gBrowser.browsers.map((tab) => tab.currentURI.spec))"
        )
        return [str(address) for address in found]

    def agree(self, css: str, origin: str) -> None:
        self.click(css)
        self._answer("button")

    def deny(self, css: str) -> None:
        self.click(css)
        self._answer("secondaryButton")

    def stop(self) -> None:
        if hasattr(self, "_marionette"):
            self._marionette.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)  # its own session: only what we started
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _answer(self, button: str) -> None:
        """Presses a button of the question that Firefox shows below its address bar."""
        press = f"""
            const question = document.getElementById("notification-popup").firstElementChild;
            if (!question || question.id !== "web-notifications-notification") return false;
            question.{button}.click();
            return true;
        """
        until(lambda: self._marionette.run_in_chrome(press), saying="Firefox's question for the permission")

    def _start(self, desktop_address: str) -> subprocess.Popen[bytes]:
        home = self._profile / "home"
        home.mkdir()
        surroundings = {
            "HOME": str(home),
            "DBUS_SESSION_BUS_ADDRESS": desktop_address,
            "MOZ_CRASHREPORTER_DISABLE": "1",
            "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",
        }
        return subprocess.Popen(
            [needs.FIREFOX, "--profile", self._profile, *SWITCHES, "about:blank"],
            env=os.environ | surroundings,  # noqa: TID251
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _port(self) -> int:
        if self._process.poll() is not None:
            raise RuntimeError(f"Firefox ended with status {self._process.returncode}.")
        written = self._profile / "MarionetteActivePort"
        return int(written.read_text() or 0) if written.exists() else 0
