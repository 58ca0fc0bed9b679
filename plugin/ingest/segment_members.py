"""Who is in a segment at Shopify: asked for in pages, or, where Shopify wants that, as a question that it works off.

https://shopify.dev/docs/apps/build/marketing-analytics/customer-segments/migrate-to-async-queries
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plugin.base.errors import BeckonError
from plugin.shopify.client import Client, NotTaken

from . import payload

PAGE = 100
"""Members a page. Shopify gives up to 1,000; but a page is paid for by what it could hold, so larger ones are no faster
(points run out first) and make a small segment dear."""
ONLY_WORKED_OFF = "USE_CUSTOMER_SEGMENT_MEMBERS_QUERY_CREATE_MUTATION"


class OnlyWorkedOff(BeckonError):
    """Shopify answers this one asynchronously and not otherwise."""


@dataclass(frozen=True, slots=True)
class Question:
    """`shopify_id`: a segment of the store's; else `query`. `worked_off`: Shopify's id of the question."""

    query: str
    timezone: str
    shopify_id: int | None = None
    worked_off: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Customers' numbers; `after` None on the last page; `expected` is how many there are in all."""

    customer_ids: tuple[int, ...]
    after: str | None
    expected: int


def page(client: Client, question: Question, after: str | None) -> Page:
    """Raises OnlyWorkedOff, BeckonError with a sentence when Shopify does not take the query, and as `Client.run`."""
    asked = {"queryId": question.worked_off} if question.worked_off else _asked(question)
    timezone = None if question.worked_off else question.timezone
    try:
        answer = client.run("segment_members", first=PAGE, after=after, timezone=timezone, **asked)
    except NotTaken as error:
        if any(one.code == ONLY_WORKED_OFF for one in error.errors):
            raise OnlyWorkedOff(str(error)) from error
        raise BeckonError(_not_taken(one.message for one in error.errors)) from error
    told = payload.Part("segment_members", "", answer.data).part("customerSegmentMembers")
    edges = list(told.parts("edges"))
    last = edges[-1].text("cursor") if len(edges) == PAGE else None
    return Page(tuple(edge.part("node").id("id") for edge in edges), last, told.count("totalCount"))


def ask(client: Client, question: Question) -> str:
    """Has Shopify work the question off; gives its id. Raises as `page`."""
    answer = client.run("segment_members_ask", input=_asked(question))
    told = payload.Part("segment_members_ask", "", answer.data).part("customerSegmentMembersQueryCreate")
    if problems := [one.text("message") for one in told.parts_if_any("userErrors")]:
        raise BeckonError(_not_taken(problems))
    return told.part("customerSegmentMembersQuery").text("id", 100)


def is_done(client: Client, worked_off: str) -> bool:
    """Whether a question is worked off. Raises BeckonError when Shopify does not know it any more."""
    answer = client.run("segment_members_done", id=worked_off)
    told = payload.Part("segment_members_done", "", answer.data).part_if_any("customerSegmentMembersQuery")
    if told is None:
        raise BeckonError("Shopify does not know the question any more. Ask again.")
    return told.value.get("done") is True


def _asked(question: Question) -> dict[str, str]:
    if question.shopify_id is not None:
        return {"segmentId": f"gid://shopify/Segment/{question.shopify_id}"}
    return {"query": question.query}


def _not_taken(messages: Iterable[str]) -> str:
    said = " ".join(message.rstrip(".") + "." for message in messages)
    return f"Shopify does not take this query, so it cannot say who is in it: {said}"
