"""Metafields as segments can ask for them; what is not of its type, or too long to compare, is not kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from plugin.ingest import metafields
from plugin.ingest.metafields import Metafield
from plugin.ingest.payload import Part


def read(type_: str, value: str) -> Metafield | None:
    told = {"namespace": "custom", "key": "k", "type": type_, "value": value}
    return metafields.of_api(Part("customers", "", told))


def field(type_: str, *texts: str, **meaning: object) -> Metafield:
    return Metafield("custom", "k", type_, texts, **meaning)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "value", "meaning"),
    [
        ("single_line_text_field", "gold", {}),
        ("number_integer", "-7", {"number": -7.0}),
        ("number_decimal", "2.50", {"number": 2.5}),
        ("boolean", "true", {"truth": True}),
        ("date", "2000-02-29", {"day": date(2000, 2, 29)}),
        ("date", "9999-12-31", {"day": date(9999, 12, 29)}),
        ("date", "0001-01-01", {"day": date(1, 1, 3)}),
        ("date_time", "9999-12-31T23:59:59", {"at": datetime(9999, 12, 29, tzinfo=UTC)}),
        ("date_time", "0001-01-01T00:00:00+14:00", {"at": datetime(1, 1, 3, tzinfo=UTC)}),
        ("date_time", "2026-11-18T12:00:00", {"at": datetime(2026, 11, 18, 12, tzinfo=UTC)}),
        ("date_time", "2026-11-18T12:00:00+00:00", {"at": datetime(2026, 11, 18, 12, tzinfo=UTC)}),
    ],
)
def test_each_type_has_its_meaning(type_: str, value: str, meaning: dict[str, object]) -> None:
    assert read(type_, value) == field(type_, value, **meaning)


def test_a_list_is_several_texts() -> None:
    assert read("list.single_line_text_field", '["Garden", "Party", "Garden", ""]') == field(
        "list.single_line_text_field", "Garden", "Party"
    )


def test_as_a_single_value_a_list_is_its_first() -> None:
    assert read("list.number_integer", "[1, 2]") == field("list.number_integer", "1", "2", number=1.0)
    assert read("list.date", '["2000-02-29"]') == field("list.date", "2000-02-29", day=date(2000, 2, 29))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("json", "{}"),
        ("rich_text_field", "x"),
        ("number_integer", "seven"),
        ("number_decimal", "1e999"),
        ("number_decimal", "nan"),
        ("date", "29 February"),
        ("date", "2001-02-29"),
        ("single_line_text_field", ""),
        ("single_line_text_field", "x" * 256),
        ("list.number_integer", '["seven", 8]'),
        ("list.single_line_text_field", "not JSON"),
        ("list.single_line_text_field", '{"a": 1}'),
        ("list.single_line_text_field", "[[1]]"),
        ("list.single_line_text_field", "[" * 100_000),
    ],
)
def test_what_cannot_be_asked_for_is_not_kept(type_: str, value: str) -> None:
    assert read(type_, value) is None
