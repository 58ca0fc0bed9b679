"""A query that cannot be used is answered with a sentence and a place; no input breaks the compiler."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from tests.conftest import NOON


def error_of(query: str) -> SegmentError:
    with pytest.raises(SegmentError) as caught:
        compile_segment(query, now=NOON, timezone="Europe/London")
    return caught.value


def refusal_of(query: str) -> SegmentError | None:
    try:
        compile_segment(query, now=NOON, timezone="America/New_York")
    except SegmentError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("query", "place", "sentence"),
    [
        ("nubmer_of_orders > 2", "nubmer_of_orders", "There is no filter nubmer_of_orders. Did you mean number_of_ord"),
        ("Number_Of_Orders > 2", "Number_Of_Orders", "Did you mean number_of_orders?"),
        ("xyz = 1", "xyz", "There are number_of_orders, "),
        ("orders_placed MATCHES (dates > -3d)", "dates", "orders_placed has no parameter dates. Did you mean date?"),
        ("number_of_orders CONTAINS 2", "CONTAINS", "number_of_orders takes =, !=, >, "),
        (
            "customer_tags = 'vip'",
            "=",
            "IS NULL, IS NOT NULL, not =. Did you mean CONTAINS?",
        ),
        ("customer_countries IN ('GB')", "IN", "Did you mean CONTAINS?"),
        ("email_subscription_status CONTAINS 'SUBSCRIBED'", "CONTAINS", "not CONTAINS. Did you mean =?"),
        ("email_subscription_status = 'SUBSCRIBD'", "'SUBSCRIBD'", "Did you mean 'SUBSCRIBED'?"),
        ("email_subscription_status = 'not subscribed'", "'not subscribed'", "Did you mean 'NOT_SUBSCRIBED'?"),
        ("email_subscription_status = 'x'", "'x'", "takes one of SUBSCRIBED, UNSUBSCRIBED, NOT_SUBSCRIBED"),
        ("customer_countries CONTAINS GB", "GB", "Texts stand in single quotes. Did you mean 'GB'?"),
        ("number_of_orders == 2", "==", "Write = instead of ==."),
        ("number_of_orders <> 2", "<>", "Write != instead of <>."),
        ("number_of_orders => 2", "=>", "Write >= instead of =>."),
        ("number_of_orders > 2 && amount_spent > 2", "&&", "Write AND instead of &&."),
        ("number_of_orders > 2 || amount_spent > 2", "||", "Write OR instead of ||."),
        ("!(number_of_orders > 2)", "!", "Write NOT instead of !."),
        ("shopify_email.opened MATCHES ()", "shopify_email.opened", "Shopify tells no app of its own e-mails"),
        ("products_purchased MATCHES (id = (1, 2))", "1, 2", "A list stands behind IN: id IN ( … )."),
        ("anniversary('birthdya') = today", "'birthdya'", "There is no filter birthdya. Did you mean birthday?"),
        ("anniversary('amount_spent') = today", "'amount_spent'", "anniversary takes a date; amount_spent is none."),
        ("anniversary('first_order_date') > today", ">", "anniversary takes =, BETWEEN, not >."),
        ("anniversary('first_order_date') = -3h", "", "anniversary takes a day such as today, +7d or 2026-11-18."),
        ("anniversary = today", "anniversary", "anniversary takes a date's name"),
        ("last_order_date > +900y", "+900y", "too far away"),
        ("push_subscribed IS NULL", "IS NULL", "push_subscribed takes =, !=, not IS NULL."),
        ("orders_placed MATCHES (app_id IS NULL)", "IS NULL", "Leave app_id out instead"),
        ("orders_placed > 3", ">", "orders_placed is a function; write orders_placed MATCHES ( … )"),
        ("number_of_orders MATCHES (count > 1)", "number_of_orders", "number_of_orders has no parameters"),
        ("number_of_orders > 2.5", "2.5", "number_of_orders takes whole numbers."),
        ("number_of_orders > 'two'", "'two'", "takes a whole number such as 3, without quotes."),
        ("number_of_orders > -2d", "-2d", "number_of_orders takes a whole number such as 3."),
        ("number_of_orders > 9223372036854775808", "9223372036854775808", "takes numbers from"),
        ("orders_placed MATCHES (app_id = -1)", "-1", "app_id takes numbers from 0 to"),
        ("amount_spent > £5", "£", "without a currency sign"),
        ("amount_spent > 10000000000000000", "10000000000000000", "takes amounts up to"),
        ("amount_spent > 1,000", ",", ", stands where AND, OR or the end of the query is expected."),
        ("last_order_date > '2020-01-01'", "'2020-01-01'", "last_order_date takes a date such as 2026-11-18"),
        ("last_order_date > 2020-1-1", "2020-1-1", "Dates are written 2026-11-18"),
        ("last_order_date > 2020-05-30T10:00:00Z", "2020-05-30T10:00:00Z", "with the shop's time"),
        ("last_order_date > 2020-02-30", "2020-02-30", "There is no such date as 2020-02-30."),
        ("last_order_date > -30", "-30", "for 30 days ago write -30d"),
        ("last_order_date > -30x", "-", "This is neither a number"),
        ("last_order_date > 0001-01-01", "0001-01-01", "takes dates from 1900 to 2999"),
        ("last_order_date > -9999999999d", "-9999999999d", "too far away"),
        ("last_order_date > +9999y", "+9999y", "too far away"),
        ("customer_countries CONTAINS 'gb'", "'gb'", "two capital letters in single quotes such as 'GB'. Did you mean"),
        ("customer_countries CONTAINS 'UK'", "'UK'", "Did you mean 'GB'?"),
        ("customer_countries CONTAINS 'Britain'", "'Britain'", "two capital letters in single quotes such as 'GB'."),
        ('customer_tags CONTAINS "vip"', '"', "Texts stand in single quotes"),
        ("customer_tags CONTAINS ‘vip’", "‘", "straight single quotes"),
        ("customer_tags CONTAINS 'vip", "'", "no closing quote"),
        ("customer_tags CONTAINS 'a\0b'", "\0", "cannot hold"),
        ("customer_tags CONTAINS '\ud800'", "\ud800", "cannot hold"),
        ("push_subscribed = 'true'", "'true'", "push_subscribed takes true or false, without quotes."),
        ("orders_placed MATCHES (date > -3d, date < -1d)", "date < -1d", "date BETWEEN … AND …"),
        ("orders_placed(date: -3d, since: -4d) = true", "since: -4d", "date stands here twice."),
        ("orders_placed MATCHES (until >= 2026-01-01)", "until >= 2026-01-01", "until takes one date, once."),
        ("orders_placed(since: (-3d, -4d)) = true", "since: (-3d, -4d", "since takes one date, once."),
        ("orders_placed(count: 2) = 2", "2", "compared with true or false"),
        ("orders_placed(count: 2) =", "", "The query ends where a value is expected."),
        ("orders_placed(2)", "orders_placed", "orders_placed is asked as orders_placed MATCHES ( … )"),
        ("products_purchased(1234, count > 1)", "1234", "Each value in products_purchased( … ) needs the name"),
        ("orders_placed(count: 2) > 2", "2", "compared with true or false"),
        ("(number_of_orders > 2", "", "The query ends where ) is expected."),
        ("number_of_orders > 2)", ")", ") stands where AND, OR or the end of the query is expected."),
        ("number_of_orders > 2 AND", "", "The query ends where a filter such as number_of_orders is expected."),
        ("number_of_orders >", "", "The query ends where a value is expected."),
        ("products_purchased MATCHES (id IN ())", ")", ") stands where a value is expected."),
        ("AND", "AND", "AND stands where a filter"),
        ("number_of_orders > 2 # no", "#", "'#' cannot stand here."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(query: str, place: str, sentence: str) -> None:
    error = error_of(query)
    assert sentence in error.message
    assert query[error.start : error.end].startswith(place)
    assert str(error) == error.message


def test_the_caret_stands_under_the_place() -> None:
    assert error_of("push_subscribed = true\nAND customer_tag CONTAINS 'vip'").with_caret() == (
        "There is no filter customer_tag. Did you mean customer_tags?\n"
        "  AND customer_tag CONTAINS 'vip'\n"
        "      ^^^^^^^^^^^^"
    )


def test_the_caret_counts_wide_letters_and_hides_control_characters() -> None:
    wide = error_of("customer_tags CONTAINS '日本' AND x = 1").with_caret().splitlines()
    assert wide[2] == " " * len("  customer_tags CONTAINS 'xxxx' AND ") + "^"
    assert "\x1b" not in error_of("customer_tags CONTAINS '\x1b[2J' AND x = 1").with_caret()


def test_a_long_line_is_shown_around_the_place() -> None:
    query = (
        " AND ".join(["number_of_orders > 2"] * 20)
        + " AND nobody = 1 AND "
        + "push_subscribed = true AND " * 20
        + "push_subscribed = true"
    )
    shown, caret = error_of(query).with_caret().splitlines()[1:]
    assert len(shown) < 110
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "nobody"


@pytest.mark.parametrize(
    "query",
    [
        "x" * 100_000,
        "'" * 100_001,
        "(" * 10_000,
        "(" * 9_000 + "number_of_orders > 1" + ")" * 9_000,
        "number_of_orders > " + "9" * 15_000,
        "last_order_date > -" + "9" * 15_000 + "d",
        "last_order_date > " + "9" * 15_000 + "_days_ago",
        "number_of_orders > 1 OR " * 800 + "number_of_orders > 1",
        "products_purchased MATCHES (id IN (" + ",".join(["1"] * 20_000),
        "NOT number_of_orders > 1 AND " * 700,
        "in_list(" * 5_000,
        "products_purchased MATCHES (id IN (" + ",".join(map(str, range(501))) + "))",
        "orders_placed(" * 1_000,
        "NOT " * 5_000,
        "customer_tags CONTAINS '" + "\\" * 19_000,
        ".".join("a" * 10_000),
        "\n" * 100_000,
        "\ud800" * 40_000,
        "\0" * 40_000,
    ],
    ids=lambda query: f"{query[:12]!r}…{len(query)}",
)
def test_hostile_input_is_refused_at_once(query: str) -> None:
    began = time.process_time()
    error = error_of(query)
    error.with_caret()
    assert time.process_time() - began < 1


def test_big_but_honest_segments_are_read() -> None:
    ids = ", ".join(str(2**63 - 1 - n) for n in range(500))
    compile_segment(f"products_purchased MATCHES (id IN ({ids}))", now=NOON, timezone="UTC")
    compile_segment(" OR ".join(["number_of_orders > 1"] * 500), now=NOON, timezone="UTC")
    compile_segment("(" * 30 + "number_of_orders > 1" + ")" * 30, now=NOON, timezone="UTC")


WORDS = st.sampled_from(
    "AND OR NOT ( ) , : = != > >= IN IS NULL BETWEEN CONTAINS MATCHES true 3 1.5 -30d today 2026-11-18 'vip' '\\' "
    "number_of_orders amount_spent last_order_date customer_tags orders_placed products_purchased id date count".split()
)


@given(query=st.lists(WORDS | st.text(max_size=3), max_size=25).map(" ".join) | st.text(max_size=200))
@settings(max_examples=400, deadline=None)
def test_whatever_is_written_is_read_or_refused_with_a_sentence(query: str) -> None:
    error = refusal_of(query)
    if error is not None:
        assert error.message.endswith((".", "?"))
        assert 0 <= error.start <= error.end <= len(query)
        assert "^" in error.with_caret()


def test_every_plane_of_unicode_is_read_or_refused() -> None:
    for plane in range(17):
        for code in (plane * 0x10000 + 0x20, plane * 0x10000 + 0xD800, plane * 0x10000 + 0xFFFE):
            letter = chr(min(code, 0x10FFFF))
            for query in (letter, f"customer_tags CONTAINS '{letter}'", f"number_of_orders {letter} 3"):
                error = refusal_of(query)
                assert error is None or error.with_caret()
