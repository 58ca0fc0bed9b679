"""The Admin API, GraphQL only: our documents in, data out; patience with throttling, none with silence.

What a query costs is paid before it is sent (cost.py); what may pass is tried again. A mutation whose answer was lost
may have been done: only those of REPEATABLE are sent a second time then.
"""

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
from plugin.base.errors import BeckonError, Refused, Unavailable

from .answer import HIDDEN, Answer, FieldError, Json, errors_of
from .cost import LONGEST_WAIT, Bucket, with_jitter

log = logging.getLogger(__name__)

ATTEMPTS = 6
TIMEOUT = (5, 30)
LONGEST_LINE = 32 * 1024 * 1024
REPEATABLE = frozenset({"bulk_run", "segment_members_ask"})
"""Mutations that may be done twice: a second bulk operation only collects a file that nobody reads, and a second
question is worked off for nobody."""
CLOSED_DOORS = {402, 403, 404, 423}
"""The shop is frozen, forbidden, gone, locked: asking again changes nothing."""
PASSING = {"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT"}
"""Codes of errors that may be gone at the next try."""
_PIECE = 256 * 1024


@functools.cache
def document(name: str) -> str:
    """The text of documents/<name>.graphql."""
    return (Path(__file__).parent / "documents" / f"{name}.graphql").read_text()


@functools.cache
def bucket_of(shop: str) -> Bucket:
    """What this process knows of a shop's points: shared by all its clients and threads."""
    return Bucket(time.monotonic)


class FileGone(Unavailable):
    """A bulk operation's file is not kept any more (Shopify: seven days): it must be collected anew."""


class TokenRefused(Refused):
    """Shopify answered 401: the access token has ended, or was ended."""


class Hidden(Refused):
    """Shopify shows us nothing of what we asked: a scope, or the approval for customers' data, is missing."""


class NotTaken(BeckonError):
    """Shopify answered, and gave nothing of what we asked: `errors` say why."""

    def __init__(self, sentence: str, errors: tuple[FieldError, ...]) -> None:
        super().__init__(sentence)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Tried:
    """How one try went: an answer, or what was the matter, how long to wait, whether it can have been done."""

    told: Json | None
    trouble: str = ""
    wait: float = 0.0
    maybe_done: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """One shop's Admin API."""

    shop: str
    access_token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    renew: Callable[[str], str] | None = field(default=None, repr=False)
    """Gives another token in the place of one that was refused, or raises Disconnected."""
    bucket: Bucket | None = None

    def run(self, document_name: str, **variables: Any) -> Answer:
        """Data, with the errors of what Shopify kept from us.

        Raises Refused when we are not let in (a dead token, a frozen shop, everything hidden), Disconnected when no
        token is taken any more, Unavailable when there is no useful answer after some tries or a mutation's answer
        got lost, BeckonError when Shopify cannot use what we asked.
        """
        told: Json | None = None
        trouble, token = "", self.access_token
        for attempt in range(ATTEMPTS):
            try:
                tried = self._ask(document_name, variables, token, backoff=min(LONGEST_WAIT, 2.0**attempt))
            except TokenRefused:
                if self.renew is None:
                    raise
                tried, token = Tried(None, "HTTP 401"), self.renew(token)
            told, trouble = tried.told or told, tried.trouble
            if not trouble:
                break
            if tried.maybe_done and _is_mutation(document_name) and document_name not in REPEATABLE:
                raise Unavailable(f"{self.shop} may have done {document_name}, its answer got lost: {trouble}.")
            if attempt + 1 < ATTEMPTS and tried.wait:
                self.sleep(tried.wait)
        if told is None or not isinstance(told.get("data"), dict):
            raise self._no_answer(document_name, told, trouble)
        answer = Answer(told["data"], errors_of(told))
        if answer.errors:
            log.warning("%s kept a part of %s back: %s", self.shop, document_name, _sentence(answer.errors))
        return answer

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

    def _ask(self, document_name: str, variables: Json, token: str, backoff: float) -> Tried:
        bucket = self.bucket or bucket_of(self.shop)
        if wait := bucket.take(document_name):
            self.sleep(wait)
        jittered = backoff * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        try:
            answer = self._post({"query": document(document_name), "variables": variables}, token)
        except requests.ConnectTimeout as error:
            return Tried(None, type(error).__name__, jittered)
        except requests.RequestException as error:
            return Tried(None, type(error).__name__, jittered, maybe_done=True)
        if answer.status_code == 401:
            raise TokenRefused(f"{self.shop} does not let us in: HTTP 401.")
        if answer.status_code in CLOSED_DOORS:
            raise Refused(f"{self.shop} does not let us in: HTTP {answer.status_code}.")
        told = _json(answer)
        if told is None:
            asked = _seconds(answer.headers.get("Retry-After"))
            wait = with_jitter(asked) if asked else jittered
            lost = answer.status_code == 200 or answer.status_code >= 500
            return Tried(None, f"HTTP {answer.status_code}", wait, maybe_done=lost)
        extensions = told.get("extensions")
        cost = extensions.get("cost") if isinstance(extensions, dict) else None
        refilled = bucket.learn(document_name, cost) if isinstance(cost, dict) else None
        passing = {error.code for error in errors_of(told)} & PASSING
        if "THROTTLED" in passing:  # the next try pays for itself: it waits before it is sent
            return Tried(told, "throttled", max(0.0, 1.0 - refilled) if refilled is not None else 1.0)
        return Tried(told, ", ".join(sorted(passing)), jittered, maybe_done=True) if passing else Tried(told)

    def _post(self, body: Json, token: str) -> requests.Response:
        mine = settings.current()
        return requests.post(
            f"{mine.shop_url(self.shop)}/admin/api/{mine.api_version}/graphql.json",
            json=body,
            headers={"X-Shopify-Access-Token": token, "Accept": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
        )

    def _no_answer(self, document_name: str, told: Json | None, trouble: str) -> BeckonError:
        errors = errors_of(told) if told else ()
        sentence = f"{self.shop} did not answer {document_name}: {_sentence(errors) or trouble or 'nothing in it'}."
        if trouble or not errors:
            return Unavailable(sentence)
        codes = {error.code for error in errors}
        if codes & {HIDDEN, "SHOP_INACTIVE"}:
            return Hidden(sentence) if HIDDEN in codes else Refused(sentence)
        return NotTaken(sentence, errors)


def _is_mutation(document_name: str) -> bool:
    lines = document(document_name).splitlines()
    return next(line for line in lines if line and not line.startswith("#")).startswith("mutation")


def _sentence(errors: tuple[FieldError, ...]) -> str:
    said = (f"{'.'.join(map(str, error.path))} {error.code} {error.message}".strip() for error in errors[:3])
    return "; ".join(said).rstrip(".")


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


def _seconds(text: str | None) -> float | None:
    try:
        return min(LONGEST_WAIT, max(0.1, float(text or "")))
    except ValueError:
        return None
