"""The sandbox's schema is a part of Shopify's: whoever passes the one passes the other."""

from __future__ import annotations

import graphql
import pytest

from sandbox.adminapi.plan import SCHEMA
from sandbox.adminapi.scopes import NEEDED
from tests.shopify.schema import real

RENAMED = {"Query": "QueryRoot"}
NAMES = sorted(name for name in SCHEMA.type_map if not name.startswith("__"))


@pytest.mark.parametrize("name", NAMES)
def test_every_type_is_shopifys(name: str) -> None:
    theirs = real("2026-10").schema.type_map.get(RENAMED.get(name, name))
    ours = SCHEMA.type_map[name]

    assert theirs is not None, f"Shopify has no {name}"
    assert type(theirs) is type(ours)
    if isinstance(ours, graphql.GraphQLEnumType):
        assert isinstance(theirs, graphql.GraphQLEnumType)
        assert set(ours.values) <= set(theirs.values)
    if isinstance(ours, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType):
        assert isinstance(theirs, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType)
        assert {one.name for one in ours.interfaces} <= {one.name for one in theirs.interfaces}
        for field, told in ours.fields.items():
            assert field in theirs.fields, f"Shopify's {name} has no {field}"
            assert shape(told.type) == shape(theirs.fields[field].type), f"{name}.{field}"
            for argument, asked in told.args.items():
                assert argument in theirs.fields[field].args, f"{name}.{field}({argument}:)"
                known = theirs.fields[field].args[argument]
                assert shape(asked.type) == shape(known.type), f"{name}.{field}({argument}:)"
                assert asked.default_value == known.default_value or asked.default_value is graphql.Undefined
            required = {at for at, known in theirs.fields[field].args.items() if graphql.is_required_argument(known)}
            assert required <= set(told.args), f"{name}.{field} asks for more"
    if isinstance(ours, graphql.GraphQLInputObjectType):
        assert isinstance(theirs, graphql.GraphQLInputObjectType)
        for field, taken in ours.fields.items():
            assert shape(taken.type) == shape(theirs.fields[field].type), f"{name}.{field}"


def test_its_types_ask_for_shopifys_scopes() -> None:
    access = real("2026-10").access
    theirs = {name: access[name, ""] for name in NAMES if (name, "") in access}
    assert {name: [scopes] for name, scopes in NEEDED.items()} == theirs


def shape(kind: graphql.GraphQLType) -> str:
    return str(kind)
