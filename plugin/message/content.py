"""A message for one person: its words, and the bytes that travel.

The payload is that of Declarative Web Push, which Safari shows by itself and our service worker reads like any other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.base.errors import BeckonError

from .limits import BODY, LINK, PAYLOAD, PICTURE, TITLE, Limit
from .links import absolute
from .merge import fill


class Unusable(BeckonError):
    """This message cannot be sent; says which part of it and why."""


@dataclass(frozen=True, slots=True)
class Template:
    """What the merchant wrote, with merge tags."""

    title: str
    body: str
    url: str
    image: str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether two people may read different words."""
        return any("{{" in text for text in (self.title, self.body, self.url, self.image or ""))


@dataclass(frozen=True, slots=True)
class Message:
    """What one person reads. Addresses are absolute."""

    title: str
    body: str
    url: str
    image: str | None = None
    icon: str | None = None
    lang: str | None = None


def render(template: Template, values: Mapping[str, str | None], storefront_url: str | None) -> Message:
    """The message for one person. Raises MergeError or Unusable."""
    title = _within(TITLE, fill(template.title, values).strip())
    if not title:
        raise Unusable("The title is empty.")
    return Message(
        title=title,
        body=_within(BODY, fill(template.body, values).strip()),
        url=_within(LINK, absolute(fill(template.url, values), storefront_url)),
        image=_within(PICTURE, absolute(fill(template.image, values), storefront_url)) if template.image else None,
    )


def payload(message: Message, delivery_token: str) -> bytes:
    """The JSON that is encrypted and sent. Raises Unusable when it would not fit into one push.

    The tag is the delivery's own: the same delivery sent again replaces, silently, the one that is shown.
    """
    notification = {
        "title": message.title,
        "body": message.body,
        "navigate": message.url,
        "tag": delivery_token,
        "icon": message.icon,
        "image": message.image,
        "lang": message.lang,
        "silent": False,
        "data": {"delivery": delivery_token},
    }
    kept = {name: value for name, value in notification.items() if value is not None}
    body = json.dumps({"web_push": 8030, "notification": kept}, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > PAYLOAD:
        raise Unusable(
            f"The message is {len(body):,} bytes long; a push holds {PAYLOAD:,}. Shorten the text or the links."
        )
    return body


def _within(limit: Limit, text: str) -> str:
    if len(text) > limit.hard:
        raise Unusable(f"The {limit.name} is {len(text):,} characters long; at most {limit.hard:,} are possible.")
    return text
