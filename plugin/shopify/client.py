"""The Admin API, GraphQL only: our documents in, data out; patience with throttling, none with silence."""

from __future__ import annotations

import functools
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from plugin.base import settings
from plugin.base.errors import Refused, Unavailable

log = logging.getLogger(__name__)

Json = dict[str, Any]

ATTEMPTS = 6
TIMEOUT = (5, 30)
LONGEST_WAIT = 30.0
LONGEST_LINE = 32 * 1024 * 1024
_PIECE = 256 * 1024


@functools.cache
def document(name: str) -> str:
    """The text of documents/<name>.graphql."""
    return (Path(__file__).parent / "documents" / f"{name}.graphql").read_text()


class FileGone(Unavailable):
    """A bulk operation's file is not kept any more (Shopify: seven days): it must be collected anew."""


class TokenRefused(Refused):
    """Shopify answered 401: the access token has ended, or was ended."""


@dataclass(frozen=True, slots=True)
class Client:
    """One shop's Admin API."""

    shop: str
    access_token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    renew: Callable[[str], str] | None = field(default=None, repr=False)
    """Gives another token in the place of one that was refused, or raises Disconnected."""

    def run(self, document_name: str, **variables: Any) -> Json:
        """The `data` of an answer; what Shopify hides from us is None in it.

        Raises Refused when we may not, Disconnected when no token is taken any more, Unavailable when there is no
        useful answer after some tries.
        """
        body = {"query": document(document_name), "variables": variables}
        trouble, token = "", self.access_token
        for attempt in range(ATTEMPTS):
            try:
                told, trouble, wait = self._ask(body, token, backoff=min(LONGEST_WAIT, 2.0**attempt))
            except TokenRefused:
                if self.renew is None:
                    raise
                told, trouble, wait, token = None, "HTTP 401", 0.0, self.renew(token)
            if told is not None:
                return self._data(document_name, told)
            if attempt + 1 < ATTEMPTS:
                self.sleep(wait)
        raise Unavailable(f"{self.shop} did not answer {document_name}: {trouble}.")

    def download(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """The lines, with their ends, of the file at `url` from byte `offset` on. Raises Unavailable, FileGone."""
        if urlsplit(url).scheme != "https" and not settings.current().shopify_url.startswith("http://"):
            raise Unavailable("Shopify's file is not on https; we do not fetch it.")
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
        try:
            with closing(requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)) as answer:
                if answer.status_code == 416:  # we have read it to its end
                    return
                if answer.status_code in {403, 404, 410}:
                    raise FileGone(f"Shopify's file is not there any more: HTTP {answer.status_code}.")
                if answer.status_code not in {200, 206}:
                    raise Unavailable(f"Shopify's file is not to be had: HTTP {answer.status_code}.")
                yield from _lines(answer, skip=offset if answer.status_code == 200 else 0)
        except requests.RequestException as error:
            raise Unavailable(f"Shopify's file broke off: {type(error).__name__}.") from error

    def _ask(self, body: Json, token: str, backoff: float) -> tuple[Json | None, str, float]:
        """One try: the answer, or what is the matter and how long to wait before the next."""
        jittered = backoff * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        try:
            answer = self._post(body, token)
        except requests.RequestException as error:
            return None, type(error).__name__, jittered
        if answer.status_code == 401:
            raise TokenRefused(f"{self.shop} does not let us in: HTTP 401.")
        if answer.status_code in {402, 403, 404}:
            raise Refused(f"{self.shop} does not let us in: HTTP {answer.status_code}.")
        told = _json(answer)
        if told is None:
            return None, f"HTTP {answer.status_code}", _seconds(answer.headers.get("Retry-After")) or jittered
        if _is_throttled(told):
            return None, "throttled", _patience(told)
        return told, "", 0.0

    def _post(self, body: Json, token: str) -> requests.Response:
        mine = settings.current()
        return requests.post(
            f"{mine.shop_url(self.shop)}/admin/api/{mine.api_version}/graphql.json",
            json=body,
            headers={"X-Shopify-Access-Token": token, "Accept": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
        )

    def _data(self, document_name: str, told: Json) -> Json:
        data = told.get("data")
        errors = told.get("errors")
        if not isinstance(data, dict):
            raise Unavailable(f"{self.shop} did not answer {document_name}: {str(errors)[:300]}.")
        if errors:
            log.warning("%s hid a part of %s: %s", self.shop, document_name, str(errors)[:300])
        return data


def _lines(answer: requests.Response, skip: int) -> Iterator[bytes]:
    rest = b""
    for piece in answer.iter_content(_PIECE):
        fresh, skip = piece[skip:], max(0, skip - len(piece))
        *whole, rest = (rest + fresh).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > LONGEST_LINE:
            raise Unavailable("Shopify's file has a line longer than 32 MB.")
    if rest:
        yield rest


def _json(answer: requests.Response) -> Json | None:
    """The answer's object; None for a failure that may pass."""
    if answer.status_code != 200:
        return None
    try:
        told = answer.json()
    except requests.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def _is_throttled(told: Json) -> bool:
    errors = told.get("errors")
    codes = [one.get("extensions") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return any(isinstance(code, dict) and code.get("code") == "THROTTLED" for code in codes)


def _patience(told: Json) -> float:
    """Until the bucket holds what the query costs; a second when Shopify does not say."""
    try:
        cost = told["extensions"]["cost"]
        status = cost["throttleStatus"]
        lacking = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return min(LONGEST_WAIT, max(1.0, lacking / float(status["restoreRate"])))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 1.0


def _seconds(text: str | None) -> float | None:
    try:
        return min(LONGEST_WAIT, max(0.1, float(text or "")))
    except ValueError:
        return None
