"""No table is private by accident: each is declared in plugin/profile/holdings.py, one way or the other."""

from __future__ import annotations

from plugin.profile.holdings import HOLDINGS, NOT_OF_PERSONS, RAW
from plugin.store.tables import metadata


def test_of_every_table_somebody_decided_whether_it_holds_anything_of_people() -> None:
    """A new table fails here until it has its row in HOLDINGS (how it is reached from a person, so that exports show
    it and erasures take it) or in NOT_OF_PERSONS (with what it holds instead)."""
    declared = [*HOLDINGS, RAW, *NOT_OF_PERSONS]
    assert len(declared) == len(set(declared))
    assert set(metadata.tables) - set(declared) == set(), "declare these in plugin/profile/holdings.py"
    assert set(declared) - set(metadata.tables) == set()


def test_what_points_to_a_person_is_never_declared_as_nobodys() -> None:
    telling = {"person_id", "customer_id", "subscription_id", "delivery_id", "email", "phone"}
    wrong = {name for name in NOT_OF_PERSONS if telling & set(metadata.tables[name].c.keys())}
    assert wrong == set()


def test_what_an_export_leaves_out_is_there_and_has_its_reason() -> None:
    for name, holding in HOLDINGS.items():
        assert set(holding.left_out) <= set(holding.table.c.keys()), name
        assert all(holding.left_out.values())
