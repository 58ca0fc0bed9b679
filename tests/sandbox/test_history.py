"""The mapping of docs/sandbox.md, rule by rule, each on a handful of lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sandbox.history.mapping import Fate

UK = "United Kingdom"


def sale(invoice="1", code="22423", quantity=2, at="2011-12-01 10:00:00", price="5.00", customer="12347.0", country=UK):
    return (invoice, code, f"THING {code}", quantity, at, price, customer, country)


def one(history, query: str, *values):
    return dict(history.db.execute(query, values).fetchone())


def test_an_invoice_is_an_order_with_the_invoice_s_number(history):
    history(sale("536365", quantity=6, price="2.55"))

    order = one(history, "SELECT * FROM orders")
    assert (order["id"], order["number"], order["customer_id"], order["total"]) == (536365, "536365", 12347, 1530)


def test_lines_without_positive_quantity_and_price_are_dropped(history):
    summary = history(
        sale(quantity=2), sale(code="A1", quantity=-1), sale(code="A2", price="0"), sale(code="A3", price="-3")
    )

    assert one(history, "SELECT total FROM orders")["total"] == 1000
    assert summary["fates"][Fate.DROPPED] == 3


def test_an_invoice_of_such_lines_alone_is_no_order_but_its_customer_is_one(history):
    summary = history(sale(price="0"), sale(quantity=-5))

    assert summary["orders"] == 0
    assert summary["fates"][Fate.NO_ORDER] == 2
    assert one(history, "SELECT id, orders, spent FROM customers") == {"id": 12347, "orders": 0, "spent": 0}


def test_an_invoice_without_a_customer_is_a_guest_s(history):
    summary = history(sale(customer=""))

    assert (summary["guest_orders"], summary["customers"]) == (1, 0)


def test_postage_and_carriage_are_shipping_and_codes_without_a_digit_are_custom_lines(history):
    history(
        sale(), *(sale(code=code, quantity=1) for code in ("POST", "DOT", "C2", "M", "BANK CHARGES", "gift_0001_20"))
    )

    lines = json.loads(one(history, "SELECT lines FROM orders")["lines"])
    kinds = {line["code"]: line["kind"] for line in lines}
    assert kinds == {"22423": "product", "POST": "shipping", "DOT": "shipping", "C2": "shipping", "M": "custom",
                     "BANK CHARGES": "custom", "gift_0001_20": "product"}  # fmt: skip
    assert all((line["product_id"] is None) == (line["kind"] != "product") for line in lines)
    assert one(history, "SELECT total FROM orders")["total"] == 1000 + 6 * 500


def test_a_customer_has_an_address_in_each_country_that_its_invoices_name(history):
    history(sale(country="EIRE"), sale("2", country=UK), sale("C3", quantity=-1, country="RSA"))

    assert json.loads(one(history, "SELECT countries FROM customers")["countries"]) == ["IE", "GB", "ZA"]


@pytest.mark.parametrize(
    ("name", "code"), [("Channel Islands", "JE"), ("European Community", "ZZ"), ("Unspecified", "ZZ")]
)
def test_places_that_are_no_country_say_so(history, name, code):
    history(sale(country=name))

    assert json.loads(one(history, "SELECT countries FROM customers")["countries"]) == [code]


def test_a_customer_whose_only_invoice_is_a_cancellation_is_a_customer(history):
    history(sale("C1", quantity=-1))

    assert one(history, "SELECT id, orders FROM customers") == {"id": 12347, "orders": 0}


def test_a_cancellation_refunds_the_latest_earlier_order_that_holds_as_much(history):
    history(
        sale("1", quantity=5, at="2011-12-01 10:00:00"),
        sale("2", quantity=5, at="2011-12-02 10:00:00"),
        sale("3", quantity=1, at="2011-12-03 10:00:00"),
        sale("C4", quantity=-4, at="2011-12-04 10:00:00"),
        sale("5", quantity=9, at="2011-12-05 10:00:00"),
    )

    refunded = {row["number"]: row["refunded"] for row in history.db.execute("SELECT number, refunded FROM orders")}
    assert refunded == {"1": 0, "2": 2000, "3": 0, "5": 0}


def test_what_was_refunded_is_not_held_any_more(history):
    summary = history(
        sale("1", quantity=5, at="2011-12-01 10:00:00"),
        sale("C2", quantity=-3, at="2011-12-02 10:00:00"),
        sale("C3", quantity=-3, at="2011-12-03 10:00:00"),
    )

    assert summary["fates"][Fate.REFUNDED] == 1
    assert summary["fates"][Fate.UNMATCHED] == 1
    assert one(history, "SELECT orders, spent FROM customers") == {"orders": 1, "spent": 2500 - 1500}


def test_lines_of_one_code_are_held_together(history):
    summary = history(sale("1", quantity=2), sale("1", quantity=3), sale("C2", quantity=-5, at="2011-12-02 10:00:00"))

    assert summary["refunded"] == 2500


def test_a_cancellation_pays_back_its_own_price(history):
    history(sale("1", quantity=2, price="5.00"), sale("C2", quantity=-2, price="4.50", at="2011-12-02 10:00:00"))

    assert one(history, "SELECT spent FROM customers")["spent"] == 100


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (sale("C2", quantity=-1, at="2011-11-30 10:00:00"), Fate.UNMATCHED),  # before the order
        (sale("C2", quantity=-1), Fate.UNMATCHED),  # in the same minute: not earlier
        (sale("C2", quantity=-1, at="2011-12-02 10:00:00", customer="1.0"), Fate.UNMATCHED),  # somebody else's
        (sale("C2", quantity=-1, at="2011-12-02 10:00:00", code="22423a"), Fate.UNMATCHED),  # another code
        (sale("C2", quantity=-1, at="2011-12-02 10:00:00", customer=""), Fate.UNMATCHED_GUEST),
        (sale("C2", quantity=1, at="2011-12-02 10:00:00"), Fate.UNMATCHED_POSITIVE),
    ],
)
def test_a_cancellation_that_fits_no_order_is_counted_and_changes_nothing(history, line, fate):
    summary = history(sale(), line)

    assert summary["fates"][fate] == 1
    assert summary["refunded"] == 0


def test_cancelled_postage_is_refunded_like_anything_else(history):
    summary = history(
        sale(), sale(code="POST", quantity=1), sale("C2", code="POST", quantity=-1, at="2011-12-02 10:00:00")
    )

    assert summary["refunded"] == 500


def test_a_refunded_order_still_counts(history):
    history(sale(), sale("C2", quantity=-2, at="2011-12-02 10:00:00"))

    assert one(history, "SELECT orders, spent FROM customers") == {"orders": 1, "spent": 0}


def test_an_order_has_the_time_of_its_first_line_in_london(history):
    history(sale(at="2011-07-01 09:30:00"), sale(code="A1", at="2011-07-01 09:31:00"))

    assert one(history, "SELECT placed_at FROM orders")["placed_at"] == "2011-07-01T08:30:00Z"


def test_the_history_ends_this_week_and_nine_o_clock_stays_nine_o_clock(history):
    now = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)  # a Sunday
    summary = history(
        sale("1", at="2011-07-01 09:00:00"), sale("2", at="2011-12-09 12:50:00"), now=now, keep_dates=False
    )

    placed = [row["placed_at"] for row in history.db.execute("SELECT placed_at FROM orders ORDER BY placed_at")]
    assert placed == ["2026-06-12T08:00:00Z", "2026-11-20T12:50:00Z"]  # summer time, winter time: both Fridays
    assert summary["weeks_moved"] == 780


def test_the_history_never_reaches_into_the_future(history):
    now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # the Friday, before ten to one
    history(sale(at="2011-12-09 12:50:00"), now=now, keep_dates=False)

    assert one(history, "SELECT placed_at FROM orders")["placed_at"] == "2026-11-13T12:50:00Z"


def test_dates_may_be_kept(history):
    history(sale(at="2011-12-09 12:50:00"), keep_dates=True)

    assert one(history, "SELECT placed_at FROM orders")["placed_at"] == "2011-12-09T12:50:00Z"


def test_a_product_is_named_and_priced_as_it_mostly_sold(history):
    history(
        ("1", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 1, "2011-12-01 10:00:00", "2.95", "", UK),
        ("2", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 1, "2011-12-02 10:00:00", "2.95", "", UK),
        ("3", "85123A", "CREAM HANGING HEART", 1, "2011-12-03 10:00:00", "2.55", "", UK),
        ("4", "85123A", "wrongly marked", -1, "2011-12-04 10:00:00", "0", "", UK),
    )

    product = one(history, "SELECT * FROM products")
    assert (product["title"], product["price"], product["kind"]) == (
        "White Hanging Heart T-Light Holder",
        295,
        "Candles & light",
    )
    assert json.loads(product["tags"]) == ["white", "heart", "hanging"]


def test_codes_that_differ_in_a_letter_s_case_are_two_products(history):
    history(sale(code="85123A"), sale(code="85123a"))

    rows = history.db.execute("SELECT DISTINCT id, handle FROM products").fetchall()
    assert len({row["id"] for row in rows}) == len({row["handle"] for row in rows}) == 2


def test_an_invoice_number_with_another_letter_is_an_order(history):
    history(("A563185", "B", "Adjust bad debt", 1, "2011-08-12 14:50:00", "11062.06", "", UK),
            ("A563186", "B", "Adjust bad debt", 1, "2011-08-12 14:51:00", "-11062.06", "", UK))  # fmt: skip

    rows = history.db.execute("SELECT id, number, total FROM orders").fetchall()
    assert [tuple(row) for row in rows] == [(1_000_563_185, "A563185", 1_106_206)]


def test_half_a_penny_is_rounded_once_an_order(history):
    history(sale(quantity=1, price="0.001"), sale(code="A1", quantity=1, price="0.005"))

    assert one(history, "SELECT total FROM orders")["total"] == 1


def test_lines_that_cannot_be_read_are_counted_and_the_rest_is_loaded(history):
    summary = history(sale(), ("2", "A1", "THING", "many", "2011-12-01 10:00:00", "1.00", "", UK), ("3", "A1", "THING"))

    assert summary["fates"][Fate.UNREADABLE] == 2
    assert summary["orders"] == 1


def test_every_line_has_one_fate(history):
    lines = [sale(), sale(price="0"), sale("C2", quantity=-1), sale("3", price="0"), sale(code="POST"), ("4",)]

    summary = history(*lines)

    assert sum(summary["fates"].values()) == summary["lines"] == len(lines)


def test_other_columns_are_refused_with_a_sentence(tmp_path):
    from sandbox.history.lines import read

    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="the columns are"):
        list(read(file))


def test_a_second_start_loads_nothing(history):
    first = history(sale())

    assert history(sale("9"), sale("10")) == first
