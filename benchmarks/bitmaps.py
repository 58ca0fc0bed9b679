"""What ten million people would need: segments as day bitmaps. A prototype to measure, not a part of the product.

`pip install pyroaring numpy; python -m benchmarks.bitmaps [--people 1000000] [--lines 5000000] [--views 5000000]`

Roaring bitmaps of people's numbers, as an engine behind the same checked tree would hold them: one a value (country,
status), eleven to thirty a number (bit slices: orders, amount, day of the last order), one a day for "bought anything"
and "viewed anything", and for each product the set of (day, person). Every answer is compared with numpy's over the
plain columns. docs/performance.md says how clauses become these.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_
from pathlib import Path
from statistics import median

import numpy as np
from pyroaring import BitMap, BitMap64

DAYS = 1_096
TODAY = DAYS - 1
PRODUCTS = 5_000
PRODUCT = 3
"""One that sells well."""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, default=1_000_000)
    words.add_argument("--lines", type=int, default=5_000_000)
    words.add_argument("--views", type=int, default=5_000_000)
    words.add_argument("--times", type=int, default=9)
    asked = words.parse_args()
    shop = Columns(asked.people, asked.lines, asked.views)
    before, began = resident(), time.perf_counter()
    maps = Maps(shop)
    took = time.perf_counter() - began
    print(f"{asked.people:,} people, {asked.lines:,} lines, {asked.views:,} views")
    print(f"built in {took:.1f} s, {resident() - before:.0f} MB in memory, {maps.size() / 1e6:.0f} MB written down")
    for name, ask, check in questions(shop, maps):
        found, expected = len(ask()), int(check().sum())
        if found != expected:
            raise SystemExit(f"{name}: {found}, but the columns say {expected}")
        print(f"{name:<34}{found:>10,}{timed(ask, asked.times):>10.2f} ms")
    print(f"{'one order line of one person':<34}{'':>10}{timed(lambda: maps.bought(7, PRODUCT, TODAY), 99):>10.4f} ms")


class Columns:
    """The generated shop as numpy's columns."""

    def __init__(self, people: int, lines: int, views: int) -> None:
        dice = np.random.default_rng(7)
        self.people = people
        self.buyer = (people * 0.7 * dice.random(lines) ** 3).astype(np.int64) * 7_919 % int(people * 0.7)
        self.product = (PRODUCTS * dice.random(lines) ** 3).astype(np.uint32)
        self.bought_on = (DAYS * dice.random(lines) ** 0.6).astype(np.uint32)
        self.viewer = (people * dice.random(views) ** 1.5).astype(np.int64) * 7_907 % people
        self.viewed_on = TODAY - (180 * dice.random(views)).astype(np.uint32)
        self.orders = np.bincount(self.buyer, minlength=people).astype(np.uint32)
        self.spent = self.orders * np.uint32(1_895)
        self.last = np.zeros(people, np.uint32)
        np.maximum.at(self.last, self.buyer, self.bought_on)
        self.country = dice.integers(0, 10, people)
        self.subscribed = dice.random(people) < 0.4


class Slices:
    """A number of each person, bit by bit: bitmap `i` holds those whose number has bit `i`."""

    def __init__(self, numbers: np.ndarray, everybody: BitMap) -> None:
        self.everybody = everybody
        bits = max(1, int(numbers.max()).bit_length())
        self.bits = [BitMap(np.flatnonzero(numbers >> bit & 1).astype(np.uint32)) for bit in range(bits)]

    def at_least(self, least: int) -> BitMap:
        """O'Neil's comparison: from the lowest bit up, a bit that `least` has must be there, another may."""
        if least >= 1 << len(self.bits):
            return BitMap()
        found = self.everybody
        for bit, those in enumerate(self.bits):
            found = found & those if least >> bit & 1 else found | those
        return found


class Maps:
    def __init__(self, shop: Columns) -> None:
        self.everybody = BitMap(range(shop.people))
        self.orders = Slices(shop.orders, self.everybody)
        self.spent = Slices(shop.spent, self.everybody)
        self.last = Slices(shop.last, self.everybody)
        self.country = [BitMap(np.flatnonzero(shop.country == one).astype(np.uint32)) for one in range(10)]
        self.subscribed = BitMap(np.flatnonzero(shop.subscribed).astype(np.uint32))
        self.bought_on = by_day(shop.bought_on, shop.buyer)
        self.viewed_on = by_day(shop.viewed_on, shop.viewer)
        self.products = by_product(shop)

    def buyers(self, product: int, since: int) -> BitMap:
        """Who bought it on that day or later: those numbers of its set that are not smaller."""
        held = self.products[product]
        start = held.rank((since << 32) - 1) if since else 0
        return BitMap(np.fromiter(held[start:], np.uint64).astype(np.uint32))

    def bought(self, person: int, product: int, day: int) -> None:
        self.bought_on[day].add(person)
        self.products[product].add(day << 32 | person)

    def size(self) -> int:
        plain = [self.everybody, *self.orders.bits, *self.spent.bits, *self.last.bits, *self.country, self.subscribed]
        return sum(len(each.serialize()) for each in [*plain, *self.bought_on, *self.viewed_on, *self.products])


def by_day(days: np.ndarray, persons: np.ndarray) -> list[BitMap]:
    order = np.argsort(days, kind="stable")
    edges = np.searchsorted(days[order], np.arange(DAYS + 1))
    sorted_persons = persons[order].astype(np.uint32)
    return [BitMap(sorted_persons[edges[day] : edges[day + 1]]) for day in range(DAYS)]


def by_product(shop: Columns) -> list[BitMap64]:
    order = np.argsort(shop.product, kind="stable")
    edges = np.searchsorted(shop.product[order], np.arange(PRODUCTS + 1))
    keys = (shop.bought_on.astype(np.uint64) << np.uint64(32) | shop.buyer.astype(np.uint64))[order]
    return [BitMap64(keys[edges[product] : edges[product + 1]]) for product in range(PRODUCTS)]


Question = tuple[str, Callable[[], BitMap], Callable[[], np.ndarray]]


def questions(shop: Columns, maps: Maps) -> list[Question]:
    def since(maps_of_days: Sequence[BitMap], days: int) -> BitMap:
        return BitMap.union(*maps_of_days[TODAY - days :])

    def did(persons: np.ndarray, rows: np.ndarray) -> np.ndarray:
        found = np.zeros(shop.people, bool)
        found[persons[rows]] = True
        return found

    any_30 = did(shop.buyer, shop.bought_on >= TODAY - 30)
    one_30 = did(shop.buyer, (shop.bought_on >= TODAY - 30) & (shop.product == PRODUCT))
    viewed_14 = did(shop.viewer, shop.viewed_on >= TODAY - 14)
    bought_14 = did(shop.buyer, shop.bought_on >= TODAY - 14)
    return [
        (
            "profile, five conditions",
            lambda: reduce(
                and_,
                (
                    maps.orders.at_least(3),
                    maps.spent.at_least(15_001),
                    maps.last.at_least(TODAY - 180),
                    maps.subscribed,
                    maps.country[0] | maps.country[1],
                ),
            ),
            lambda: (
                (shop.orders >= 3)
                & (shop.spent > 15_000)
                & (shop.last >= TODAY - 180)
                & shop.subscribed
                & (shop.country < 2)
            ),
        ),
        ("bought one product, 30 d", lambda: maps.buyers(PRODUCT, TODAY - 30), lambda: one_30),
        ("bought any product, 30 d", lambda: since(maps.bought_on, 30), lambda: any_30),
        (
            "bought nothing in 90 d",
            lambda: maps.everybody - since(maps.bought_on, 90),
            lambda: ~did(shop.buyer, shop.bought_on >= TODAY - 90),
        ),
        (
            "viewed any, bought none, 14 d",
            lambda: since(maps.viewed_on, 14) - since(maps.bought_on, 14),
            lambda: viewed_14 & ~bought_14,
        ),
        (
            "one product or country, 30 d",
            lambda: reduce(or_, (maps.buyers(PRODUCT, TODAY - 30), maps.country[3])),
            lambda: one_30 | (shop.country == 3),
        ),
    ]


def timed(ask: Callable[[], object], times: int) -> float:
    """The median, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1e3)
    return median(took)


def resident() -> float:
    """Memory of this process now, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
