"""The last act: what the app reports, beside what the sandbox's push service, robots and orders say."""

from __future__ import annotations

from sandbox.state import Json

from . import ledger
from .stage import Stage
from .trade import REMINDER


async def campaign(stage: Stage) -> None:
    """One outcome for every recipient; sent, shown, clicked, orders, revenue."""
    record, compare = stage.record, stage.reckoning.compare
    told = await stage.merchant.get(f"/reports/campaigns/{record['campaign']}.json")
    pushes = await ledger.pushes_since(stage.sandbox, record["pushes_before"])
    seen = ledger.seen(pushes, record["title"])
    audience, gone = set(record["audience"]), set(record["gone"])
    orders = await ledger.orders_of(stage.sandbox, record["ledger"]["carts"]["campaign"], record["began_at"])
    outcomes: dict[str, int] = told["outcomes"]
    compare("Campaign", "audience", len(audience), told["audience"])
    compare("Campaign", "outcomes, added up", len(audience), sum(outcomes.values()))
    taken = outcomes.get("sent", 0) + outcomes.get("shown", 0)
    compare("Campaign", "outcome: sent, and shown since or not", len(audience - gone), taken)
    compare("Campaign", "outcome: gone (answered 410)", len(audience & gone), outcomes.get("gone", 0))
    others = sum(people for name, people in outcomes.items() if name not in ("sent", "shown", "gone"))
    compare("Campaign", "any other outcome", 0, others)
    compare("Campaign", "sent (accepted by the push service)", len(set(seen.accepted)), told["sent"])
    compare("Campaign", "shown", len(record["ledger"]["shown"]["campaign"]), told["shown"])
    compare("Campaign", "clicked", len(record["ledger"]["clicked"]["campaign"]), told["clicked"])
    compare("Campaign", "orders", len(orders), told["orders"])
    compare("Campaign", "revenue, in pence", _worth(orders), told["revenue"])
    _pushes(stage, seen, audience - gone)


async def reminder(stage: Stage, *, later: bool) -> None:
    """The carts left alone, and only those, got a reminder of the very product. `later`: others may have since."""
    record, compare = stage.record, stage.reckoning.compare
    told, before = await stage.merchant.get("/automations/abandoned_cart.json"), record["reminder_before"]
    pushes = await ledger.pushes_since(stage.sandbox, record["pushes_before"])
    seen = ledger.seen(pushes, REMINDER)
    left: dict[str, str] = record["left"]
    orders = await ledger.orders_of(stage.sandbox, record["ledger"]["carts"]["reminder"], record["began_at"])

    def since(name: str) -> int:
        return int(told[name]) - int(before[name])

    right = sum(product in seen.titles.get(token, "") for token, product in left.items())
    compare("Reminder", "carts left alone that got one", len(left), len(set(seen.accepted) & set(left)))
    compare("Reminder", "with the very product", len(left), right)
    compare(
        "Reminder", "bought meanwhile, and got one all the same", 0, len(set(seen.accepted) & set(record["bought"]))
    )
    compare("Reminder", "got it twice", 0, len(seen.accepted) - len(set(seen.accepted)))
    compare("Reminder", "sent", len(set(seen.accepted)), since("sent"), at_least=later)
    compare("Reminder", "shown", len(record["ledger"]["shown"]["reminder"]), since("shown"), at_least=later)
    compare("Reminder", "clicked", len(record["ledger"]["clicked"]["reminder"]), since("clicked"), at_least=later)
    compare("Reminder", "orders", len(orders), since("orders"), at_least=later)
    compare("Reminder", "revenue, in pence", _worth(orders), since("revenue"), at_least=later)


def _pushes(stage: Stage, seen: ledger.Seen, receivers: set[str]) -> None:
    compare = stage.reckoning.compare
    compare("Pushes", "robots that the campaign reached", len(receivers), len(set(seen.accepted) & receivers))
    compare("Pushes", "robots that it should not have reached", 0, len(set(seen.accepted) - receivers))
    compare("Pushes", "robots that got it twice", 0, len(seen.accepted) - len(set(seen.accepted)))
    compare("Pushes", "messages that could not be decrypted", 0, seen.undecryptable)
    compare(
        "Pushes", "refused for keys, headers or size", 0, sum(seen.refused.get(str(n), 0) for n in (400, 401, 403, 413))
    )
    injected: Json = stage.record["injected"]
    for status in ("429", "500"):
        compare("Pushes", f"answered {status} on purpose", injected[status], seen.refused.get(status, 0))


def _worth(orders: list[Json]) -> int:
    return sum(order["total"] - order["refunded"] for order in orders)
