"""The Partner API, GraphQL: another endpoint than a shop's, another token, and the same patience.

https://shopify.dev/docs/api/partner: four requests a second and client, 429 beyond.
"""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plugin.base.errors import Refused, Unavailable
from plugin.base.settings import Billing

Json = dict[str, Any]

ATTEMPTS = 3
TIMEOUT = (3, 8)
LONGEST_WAIT = 5.0


@functools.cache
def document(name: str) -> str:
    """The text of documents/<name>.graphql."""
    return (Path(__file__).parent / "documents" / f"{name}.graphql").read_text()


@dataclass(frozen=True, slots=True)
class PartnerApi:
    """Our organization's Partner API."""

    mine: Billing
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def run(self, name: str, **variables: Any) -> Json:
        """The `data` of an answer. Raises Refused when our token is not taken, Unavailable otherwise."""
        body = {"query": document(name), "variables": variables}
        trouble = ""
        for attempt in range(ATTEMPTS):
            told, trouble, wait = self._ask(body, backoff=0.5 * 2.0**attempt)
            if told is not None:
                return _data(told)
            if attempt + 1 < ATTEMPTS:
                self.sleep(wait)
        raise Unavailable(f"Shopify's Partner API did not answer: {trouble}.")

    def _ask(self, body: Json, backoff: float) -> tuple[Json | None, str, float]:
        """One try: the answer, or what is the matter and how long to wait before the next."""
        jittered = backoff * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        try:
            answer = requests.post(
                f"{self.mine.partner_url}/{self.mine.organization}/api/{self.mine.partner_version}/graphql.json",
                json=body,
                headers={"X-Shopify-Access-Token": self.mine.partner_token, "Accept": "application/json"},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
            told = answer.json() if answer.status_code == 200 else None
        except requests.RequestException as error:  # its JSON errors are of this kind too
            return None, type(error).__name__, jittered
        if answer.status_code in {401, 403, 404}:
            raise Refused(
                f"Shopify's Partner API does not let us in (HTTP {answer.status_code}). Check SHOPIFY_PARTNER_TOKEN and"
                " SHOPIFY_PARTNER_ORGANIZATION; the client needs “Manage apps”."
            )
        if not isinstance(told, dict):
            return None, f"HTTP {answer.status_code}", _seconds(answer.headers.get("Retry-After")) or jittered
        return told, "", 0.0


def _data(told: Json) -> Json:
    """Half an answer is none here: a plan that is hidden from us must not look like no plan."""
    if told.get("errors") or not isinstance(told.get("data"), dict):
        raise Unavailable(f"Shopify's Partner API did not answer usefully: {str(told.get('errors'))[:300]}.")
    data: Json = told["data"]
    return data


def _seconds(text: str | None) -> float | None:
    try:
        return min(LONGEST_WAIT, max(0.1, float(text or "")))
    except ValueError:
        return None
