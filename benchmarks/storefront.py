"""What the bell costs a store: Lighthouse's performance score with and without the app embed, page by page.

`python -m benchmarks.storefront [--times 3]`

Lighthouse (npm, fetched into var/) visits home, a product and a collection of the sandbox store, as a phone on a slow
line, in turn with the embed and without it. Shopify weighs 17 % home, 40 % product, 43 % collection, and asks that an
app takes 10 points at most (shopify.dev/docs/apps/build/performance/storefront).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import requests

from tests.browser.sandbox_store import sandbox_store

VERSION = "13.5.0"
WEIGHTS = {"home": 0.17, "product": 0.40, "collection": 0.43}
ROOT = Path(__file__).resolve().parents[1]
MOST = 10


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--times", type=int, default=3)
    asked = words.parse_args()
    logging.disable(logging.WARNING)
    lighthouse = installed()
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        shop = opened.enter_context(sandbox_store(home)).shop
        scores: dict[tuple[str, bool], list[float]] = {}
        for _ in range(asked.times):
            for name, path in addresses(shop).items():
                for embed in (True, False):
                    scores.setdefault((name, embed), []).append(score(lighthouse, shop + path, embed, home))
    print(f"{'':12}{'with':>8}{'without':>9}{'costs':>8}   (median of {asked.times})")
    cost = 0.0
    for name, weight in WEIGHTS.items():
        on, off = median(scores[name, True]), median(scores[name, False])
        cost += weight * (off - on)
        print(f"{name:12}{on:>8.0f}{off:>9.0f}{off - on:>8.1f}")
    print(f"weighted: {cost:.1f} points, of {MOST} that Shopify allows")


def installed() -> Path:
    """Lighthouse's command. Raises SystemExit in words when npm cannot fetch it."""
    folder = ROOT / "var" / "lighthouse"
    command = folder / "node_modules" / ".bin" / "lighthouse"
    if not command.exists():
        print(f"fetching lighthouse {VERSION} into var/ …", flush=True)
        words = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), f"lighthouse@{VERSION}"]
        if shutil.which("npm") is None or subprocess.run(words, check=False).returncode:
            raise SystemExit("Lighthouse cannot be fetched: npm is missing or its registry is out of reach.")
    return command


def addresses(shop: str) -> dict[str, str]:
    products = requests.get(f"{shop}/_sandbox/products", timeout=10).json()
    first = (products["products"] if isinstance(products, dict) else products)[0]
    return {"home": "/", "product": f"/products/{first['handle']}", "collection": "/collections/all"}


def score(lighthouse: Path, url: str, embed: bool, home: Path) -> float:
    """0 to 100. Without the embed its files are blocked, as if it were switched off in the theme."""
    report = home / "report.json"
    words = [
        str(lighthouse),
        url,
        "--quiet",
        "--only-categories=performance",
        "--output=json",
        f"--output-path={report}",
    ]
    words += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu", "--max-wait-for-load=30000"]
    if not embed:
        words += ["--blocked-url-patterns=*/extensions/beckon/*", "--blocked-url-patterns=*/apps/beckon/*"]
    subprocess.run(words, check=True, env=os.environ | {"CHROME_PATH": "/usr/bin/chromium"})  # noqa: TID251
    told = json.loads(report.read_text())
    return 100 * float(told["categories"]["performance"]["score"])


if __name__ == "__main__":
    main()
