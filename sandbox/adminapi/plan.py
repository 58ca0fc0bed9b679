"""A bulk query as a plan: checked against the schema once, then nothing but function calls per row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    parse,
    validate,
)
from graphql.type import GraphQLAbstractType, GraphQLNonNull

from sandbox.world import World

from .fields import FIELDS
from .roots import TABLES

SCHEMA = build_schema((Path(__file__).parent / "schema.graphql").read_text())
MOST_CONNECTIONS = 5
DEEPEST = 2

Read: TypeAlias = Callable[[World, Any], Any]
Kind: TypeAlias = GraphQLObjectType | GraphQLInterfaceType
ABSENT = object()
"""A field that a fragment asks of another type only: it is not written."""


@dataclass(slots=True)
class Node:
    """What is written of one object, and the connections whose nodes become lines of their own."""

    plain: list[tuple[str, Read]] = field(default_factory=list)
    connections: list[tuple[Read, Node]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    table: str
    search: str | None
    node: Node
    kinds: frozenset[str]
    """Types that the query meets."""


def plan_of(query: str) -> Plan:
    """Raises GraphQLError when the query is not one that Shopify would run in bulk."""
    document = parse(query)
    if errors := validate(SCHEMA, document):
        raise errors[0]
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    top = operation.selection_set.selections
    if operation.operation is not OperationType.QUERY or len(top) != 1 or not isinstance(top[0], FieldNode):
        raise GraphQLError("A bulk query has exactly one top-level field.")
    if top[0].name.value not in TABLES:
        raise GraphQLError("The top-level field of a bulk query must be a connection.")
    assert SCHEMA.query_type is not None
    kind = get_named_type(SCHEMA.query_type.fields[top[0].name.value].type)
    assert isinstance(kind, GraphQLObjectType)
    walk = _Walk(fragments)
    node = walk.connection(kind, top[0], depth=1)
    if walk.connections > MOST_CONNECTIONS:
        raise GraphQLError(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    return Plan(TABLES[top[0].name.value], _search(top[0]), node, frozenset(walk.kinds))


class _Walk:
    """One walk over the selections, counting connections."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.connections = 0
        self.kinds: set[str] = set()

    def connection(self, kind: GraphQLObjectType, at: FieldNode, depth: int) -> Node:
        self.connections += 1
        if depth > DEEPEST + 1:
            raise GraphQLError(f"Bulk queries cannot nest connections deeper than {DEEPEST} levels.")
        assert at.selection_set is not None
        for chosen in self._fields(at.selection_set):
            assert chosen.selection_set is not None
            inner = get_named_type(kind.fields[chosen.name.value].type)
            if chosen.name.value == "nodes" and isinstance(inner, GraphQLObjectType):
                return self.node(inner, chosen.selection_set, depth)
            if chosen.name.value == "edges":
                edge = next(one for one in self._fields(chosen.selection_set) if one.name.value == "node")
                assert isinstance(inner, GraphQLObjectType)
                assert edge.selection_set is not None
                node = get_named_type(inner.fields["node"].type)
                assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
                return self.node(node, edge.selection_set, depth)
        raise GraphQLError("A connection in a bulk query must select edges { node } or nodes.")

    def node(self, kind: Kind, selections: SelectionSetNode, depth: int) -> Node:
        made = Node()
        self.kinds.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType):
            made.plain = list(self._of_each_type(kind, selections, depth))
            return made
        for chosen in self._fields(selections):
            name = chosen.alias.value if chosen.alias else chosen.name.value
            if chosen.name.value == "__typename":
                made.plain.append((name, _typename(kind.name)))
                continue
            read, inner = FIELDS[kind.name][chosen.name.value], kind.fields[chosen.name.value].type
            named = get_named_type(inner)
            if isinstance(named, GraphQLObjectType) and named.name.endswith("Connection"):
                made.connections.append((read, self.connection(named, chosen, depth + 1)))
            elif is_leaf_type(named):
                made.plain.append((name, read))
            else:
                made.plain.append((name, self._object(named, inner, read, chosen, depth)))
        if made.connections and not any(name == "id" for name, _ in made.plain):
            raise GraphQLError("Bulk queries must select the id of an object that has connections.")
        return made

    def _of_each_type(
        self, kind: GraphQLInterfaceType, selections: SelectionSetNode, depth: int
    ) -> Iterator[tuple[str, Read]]:
        """Of an interface: rows say in `type` what they are."""
        for chosen in selections.selections:
            if isinstance(chosen, FieldNode) and chosen.name.value == "__typename":
                yield "__typename", lambda _, row: row["type"]
            elif isinstance(chosen, FieldNode):
                yield chosen.name.value, FIELDS[kind.name][chosen.name.value]
            elif isinstance(chosen, InlineFragmentNode) and chosen.type_condition is not None:
                named = SCHEMA.get_type(chosen.type_condition.name.value)
                assert isinstance(named, GraphQLObjectType)
                for name, read in self.node(named, chosen.selection_set, depth).plain:
                    yield name, _only(named.name, read)

    def _object(self, named: Any, inner: Any, read: Read, at: FieldNode, depth: int) -> Read:
        """An object inside an object: no line of its own. Media, the one interface, has one implementation."""
        assert at.selection_set is not None
        kind = SCHEMA.get_possible_types(named)[0] if isinstance(named, GraphQLAbstractType) else named
        plan = self.node(kind, at.selection_set, depth)
        if plan.connections:
            raise GraphQLError("The sandbox does not follow connections inside a nested object.")
        bare = inner.of_type if isinstance(inner, GraphQLNonNull) else inner
        return _many(read, plan) if is_list_type(bare) else _one(read, plan)

    def _fields(self, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for chosen in selections.selections:
            if isinstance(chosen, FieldNode):
                yield chosen
            elif isinstance(chosen, InlineFragmentNode):
                yield from self._fields(chosen.selection_set)
            elif isinstance(chosen, FragmentSpreadNode):
                yield from self._fields(self.fragments[chosen.name.value].selection_set)


def _one(read: Read, plan: Node) -> Read:
    def project(world: World, source: Any) -> Any:
        inner = read(world, source)
        return None if inner is None else {name: each(world, inner) for name, each in plan.plain}

    return project


def _many(read: Read, plan: Node) -> Read:
    def project(world: World, source: Any) -> Any:
        return [{name: each(world, inner) for name, each in plan.plain} for inner in read(world, source)]

    return project


def _only(kind: str, read: Read) -> Read:
    return lambda world, row: read(world, row) if row["type"] == kind else ABSENT


def _typename(name: str) -> Read:
    return lambda _, __: name


def _search(at: FieldNode) -> str | None:
    for argument in at.arguments or ():
        if argument.name.value == "query" and isinstance(argument.value, StringValueNode):
            return argument.value.value
    return None
