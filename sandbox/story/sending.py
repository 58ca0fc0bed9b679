"""The merchant's acts: a segment is written, previewed and saved; a campaign is composed, sent and watched."""

from __future__ import annotations

from sandbox.state import Json

from .books import Books, Entry
from .cast import Part, Robot
from .hands import WentWrong
from .stage import Stage
from .trade import TAG

SPENT, ORDERS = 300, 2
SEGMENT = f"(amount_spent >= {SPENT} AND number_of_orders >= {ORDERS}) OR number_of_orders = 0"
TITLE = "The Christmas table is laid"


async def segment(stage: Stage, books: Books, goods: list[Json]) -> int:
    """Counts what the segments must hold from the sandbox's own books, asks the panel, saves the one that is used."""
    task = stage.act("Segment")
    product = goods[0]["id"]
    buyers = (await stage.sandbox.get(f"/products/{product}/buyers"))["buyers"]
    questions = {
        "": books.count(lambda _: True),
        "number_of_orders = 1": books.count(lambda one: one.orders == 1),
        f"amount_spent > {SPENT}": books.count(lambda one: one.spent > SPENT * 100),
        "customer_countries CONTAINS 'DE'": books.count(lambda one: "DE" in one.countries),
        f"customer_tags CONTAINS '{TAG}'": books.count(lambda one: TAG in one.tags),
        f"products_purchased MATCHES (id = {product})": buyers + books.strangers_with(product),
        SEGMENT: books.count(in_segment),
    }
    told = await _ask(stage, questions)
    for query, count in questions.items():
        stage.reckoning.compare("Segments", query or "everybody", count, told[query]["count"])
    reachable = len(books.audience(in_segment))
    stage.reckoning.compare("Segments", "of the last one, reachable", reachable, told[SEGMENT]["reachable"])
    path = await stage.merchant.post(
        "/segments", name=f"Good customers and new faces {stage.record['run']}", query=SEGMENT
    )
    stage.done(task, f"{told[SEGMENT]['count']} people, {told[SEGMENT]['reachable']} reachable")
    return int(path.rpartition("/")[2])


def in_segment(one: Entry) -> bool:
    """SEGMENT, by hand."""
    return (one.spent >= SPENT * 100 and one.orders >= ORDERS) or one.orders == 0


async def campaign(stage: Stage, segment_id: int, robots: list[Robot], product: Json) -> int:
    """Composed in the panel, sent now, watched until every recipient has an outcome."""
    title = f"{TITLE} ({stage.record['run']})"
    address = await stage.merchant.post("/campaigns")
    number = int(address.rpartition("/")[2])
    words: dict[str, str | int] = {
        "name": f"Christmas table {stage.record['run']}",
        "title": title,
        "body": "Lanterns, baubles and a tin for the biscuits: see what is new.",
        "url": f"/products/{product['handle']}",
        "segment_id": segment_id,
    }
    await stage.merchant.save(address, **words)
    await stage.merchant.post(f"{address}/send", **words, when="now")
    task = stage.act("Campaign", 1)

    async def sent() -> bool:
        told = await stage.merchant.get(f"{address}/progress")
        if told["audience"]:
            stage.progress.update(task, total=told["audience"], completed=told["done"])
        return bool(told["state"] == "sent" and told["done"] == told["audience"])

    await stage.until("The campaign's end", sent, 300)
    late = [robot for robot in robots if robot.part is Part.LATE]
    for robot in late:
        await stage.sandbox.post(f"/robots/{robot.token}", {"online": True})
    outcomes = (await stage.merchant.get(f"{address}/progress"))["outcomes"]
    stage.done(task, ", ".join(f"{people} {outcome}" for outcome, people in outcomes.items()))
    return number


async def _ask(stage: Stage, questions: dict[str, int]) -> dict[str, Json]:
    """The panel's previews, once the webhooks' jobs are through."""
    told: dict[str, Json] = {}

    async def settled() -> bool:
        for query in questions:
            told[query] = await stage.merchant.get("/segments/preview", query=query)
        return all(told[query]["count"] == count for query, count in questions.items())

    try:
        await stage.until("The segments' agreement", settled, 30)
    except WentWrong:
        stage.progress.log("The segments do not agree; the table says which.")
    return told
