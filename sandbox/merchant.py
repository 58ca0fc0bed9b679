"""What the merchant does in the pretend admin: discounts with codes, segments, another theme. The app is told."""

from __future__ import annotations

import secrets

from sandbox import instants
from sandbox.shop import gid
from sandbox.state import Json, fact, remember
from sandbox.webhooks import goods_payloads, outbox
from sandbox.world import World


def make_discount(world: World, title: str, codes: list[str]) -> Json:
    """discounts/create, and discounts/redeemcode_added for each code."""
    now, number = _now(), secrets.randbelow(10**9)
    row: Json = {"id": number, "gid": gid("DiscountCodeNode", number), "title": title, "status": "ACTIVE",
                 "created_at": now, "updated_at": now, "codes": {}}  # fmt: skip
    _keep(world, "discounts", row)
    outbox.tell(world, "discounts/create", goods_payloads.discount(row))
    return change_codes(world, row, add=codes, remove=[])


def change_discount(world: World, row: Json, changes: Json) -> Json:
    """discounts/update."""
    row = row | changes | {"updated_at": _now()}
    _keep(world, "discounts", row)
    outbox.tell(world, "discounts/update", goods_payloads.discount(row))
    return row


def change_codes(world: World, row: Json, *, add: list[str], remove: list[str]) -> Json:
    """discounts/redeemcode_added, discounts/redeemcode_removed."""
    codes = dict(row["codes"])
    for code in add:
        codes[code] = gid("DiscountRedeemCode", secrets.randbelow(10**9))
        told = goods_payloads.redeem_code(row, {"id": codes[code], "code": code}, _now())
        outbox.tell(world, "discounts/redeemcode_added", told)
    for code in set(remove) & set(codes):
        told = goods_payloads.redeem_code(row, {"id": codes.pop(code), "code": code}, _now())
        outbox.tell(world, "discounts/redeemcode_removed", told)
    row = row | {"codes": codes}
    _keep(world, "discounts", row)
    return row


def end_discount(world: World, row: Json) -> None:
    """discounts/delete."""
    _drop(world, "discounts", row)
    outbox.tell(world, "discounts/delete", {"admin_graphql_api_id": row["gid"], "deleted_at": _now()})


def make_segment(world: World, name: str, query: str) -> Json:
    """segments/create."""
    now = _now()
    row = {"id": secrets.randbelow(10**9), "name": name, "query": query, "created_at": now, "updated_at": now}
    _keep(world, "segments", row)
    outbox.tell(world, "segments/create", goods_payloads.segment(row))
    return row


def change_segment(world: World, row: Json, changes: Json) -> Json:
    """segments/update."""
    row = row | changes | {"updated_at": _now()}
    _keep(world, "segments", row)
    outbox.tell(world, "segments/update", goods_payloads.segment(row))
    return row


def end_segment(world: World, row: Json) -> None:
    """segments/delete: its number and nothing else."""
    _drop(world, "segments", row)
    outbox.tell(world, "segments/delete", {"id": row["id"]})


def publish_theme(world: World, name: str) -> Json:
    """themes/publish."""
    told = goods_payloads.theme(secrets.randbelow(10**9), name, _now())
    remember(world.db, "theme", told)
    outbox.tell(world, "themes/publish", told)
    return told


def held(world: World, kind: str) -> list[Json]:
    """The `discounts` or `segments` that are there."""
    return list((fact(world.db, kind) or {}).values())


def find(world: World, kind: str, number: int) -> Json | None:
    found: Json | None = (fact(world.db, kind) or {}).get(str(number))
    return found


def _keep(world: World, kind: str, row: Json) -> None:
    remember(world.db, kind, (fact(world.db, kind) or {}) | {str(row["id"]): row})


def _drop(world: World, kind: str, row: Json) -> None:
    remember(world.db, kind, {key: one for key, one in (fact(world.db, kind) or {}).items() if key != str(row["id"])})


def _now() -> str:
    return instants.exact(instants.now())
