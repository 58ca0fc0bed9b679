"""Chromium and Firefox as Debian packages them, and what they need to show a notification. Missing ones are installed
when that is possible; otherwise the tests fail with one sentence that says how. They never skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "firefox-esr": "/usr/bin/firefox-esr",
    "chromium": "/usr/bin/chromium",
    "libnotify4": "/usr/lib/*/libnotify.so.4",
    "dbus": "/usr/bin/dbus-daemon",
    "libnss3-tools": "/usr/bin/certutil",
}
CHROMIUM, FIREFOX, DBUS = PACKAGES["chromium"], PACKAGES["firefox-esr"], PACKAGES["dbus"]


def browsers() -> None:
    """Makes sure that both browsers are there. Raises RuntimeError saying how to get them."""
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(missing)
        missing = _missing()
    if missing:
        raise RuntimeError(
            f"The browser tests need {', '.join(missing)}: run `sudo apt-get install {' '.join(missing)}` (Debian 12 or"
            " newer), or leave them out with `pytest -m 'not browser'`."
        )


def _missing() -> list[str]:
    return [package for package, file in PACKAGES.items() if not any(Path("/").glob(file.lstrip("/")))]


def _install(packages: list[str]) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], check=False, env=quiet)


if __name__ == "__main__":
    try:
        browsers()
    except RuntimeError as error:
        sys.exit(str(error))
