"""Shopify's own Admin GraphQL schemas, from npm's @shopify/dev-mcp, with the scopes that types and fields ask for."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphql
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "node_modules" / "@shopify" / "dev-mcp" / "dist" / "data"
VERSIONS = ("2026-07", "2026-10")

Scopes = frozenset[str]


@dataclass(frozen=True)
class Real:
    """One version of the schema."""

    schema: graphql.GraphQLSchema
    access: dict[tuple[str, str], list[Scopes]]
    """(type, field), or (type, "") for the type itself → groups of scopes: of each group one is needed."""
    protected: dict[tuple[str, str], str]
    """(type, field) → name, email, phone, address: level 2 of protected customer data."""


@functools.cache
def real(version: str) -> Real:
    """The schema of `version`; without it the test fails: nothing else says whether Shopify takes our documents."""
    file = FOLDER / f"admin_{version}.json.gz"
    if not file.is_file():
        pytest.fail(f"Shopify's schema {version} is not at {file.relative_to(ROOT)}: run `make setup` (npm ci).")
    with gzip.open(file) as opened:
        told = json.load(opened)
    types = told["data"]["__schema"]["types"]
    fields = [(kind["name"], field) for kind in types for field in kind.get("fields") or ()]
    asked = [
        ((of["typeName"], of.get("fieldName", "")), of["requiredAccess"]) for of in told["offline_scopes"]["items"]
    ]
    return Real(
        schema=graphql.build_client_schema(told["data"], assume_valid=True),
        access={place: groups for place, sentence in asked if (groups := scope_groups(sentence or ""))},
        protected={(kind, field["name"]): field["protectedContent"] for kind, field in fields if field["isProtected"]},
    )


def scope_groups(sentence: str) -> list[Scopes]:
    """Reads "`a` access scope or `b` access scope. Also: The app requires c access scope": [{a, b}, {c}]."""
    main, _, also = sentence.partition("Also:")
    groups = [frozenset(re.findall(r"`([a-z_]+)` access scope", part)) for part in re.split(r"access scope and ", main)]
    groups.append(frozenset(re.findall(r"The app requires ([a-z_]+) access scope", also)))
    return [group for group in groups if group]


def topic_scopes(version: str, topic: str) -> Scopes:
    """What a webhook topic asks for, by its description; one of them is enough. Fails for a topic that is none."""
    topics = real(version).schema.type_map["WebhookSubscriptionTopic"]
    assert isinstance(topics, graphql.GraphQLEnumType)
    name = re.sub(r"[/.]", "_", topic).upper()
    if name not in topics.values:
        pytest.fail(f"{topic} is no webhook topic of Shopify's {version}.")
    sentence = topics.values[name].description or ""
    listed = re.search(r"Requires (?:at least one of )?the\s+(?:following scopes:)?\s*([a-z_`, \n]+)", sentence)
    return frozenset(re.findall(r"[a-z]+(?:_[a-z]+)+", listed[1])) if listed else frozenset()


def implied(declared: Iterable[str]) -> set[str]:
    """Scopes with what they bring along: who may write may read."""
    found = set(declared)
    return found | {scope.replace("write_", "read_", 1) for scope in found if scope.startswith("write_")}


class Places(graphql.Visitor):
    """Collects (type, field) of everything a document selects, and (type, "") of every type it meets."""

    def __init__(self, types: graphql.TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: set[tuple[str, str]] = set()

    def enter_field(self, node: graphql.FieldNode, *_: Any) -> None:
        parent, kind = self.types.get_parent_type(), self.types.get_type()
        if parent is not None and not node.name.value.startswith("__"):
            self.found.add((parent.name, node.name.value))
        if kind is not None:
            self.found.add((graphql.get_named_type(kind).name, ""))


def places(version: str, document: str) -> set[tuple[str, str]]:
    types = graphql.TypeInfo(real(version).schema)
    visitor = Places(types)
    graphql.visit(graphql.parse(document), graphql.TypeInfoVisitor(types, visitor))
    return visitor.found
