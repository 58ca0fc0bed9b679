"""What a query costs, and the leaky bucket it is paid from: 2,000 points, 100 back each second (a Standard plan)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)
from graphql.language import IntValueNode, VariableNode

from sandbox.state import Json

SIZE = 2000.0
RESTORE = 100.0
DEAREST = 1000
"""No single query may cost more."""


class Bucket:
    """Points that the app has left in this shop."""

    def __init__(self) -> None:
        self.left, self.at = SIZE, None

    left: float
    at: datetime | None

    def take(self, points: int, now: datetime) -> bool:
        """Pays if there is enough; False: throttled."""
        passed = (now - self.at).total_seconds() if self.at else 0.0
        self.left, self.at = min(SIZE, self.left + passed * RESTORE), now
        if points > self.left:
            return False
        self.left -= points
        return True

    def report(self, asked: int, paid: int | None) -> Json:
        """`extensions.cost` of the answer."""
        status = {"maximumAvailable": SIZE, "currentlyAvailable": int(self.left), "restoreRate": RESTORE}
        return {"cost": {"requestedQueryCost": asked, "actualQueryCost": paid, "throttleStatus": status}}


def cost_of(query: str, variables: Json) -> int:
    """Objects cost 1, mutations 10, a connection what its `first` or `last` could bring; fragments as written out."""
    try:
        document = parse(query)
    except GraphQLError:
        return 1
    operation = next((one for one in document.definitions if isinstance(one, OperationDefinitionNode)), None)
    if operation is None:
        return 1
    defaults = {
        each.variable.name.value: int(each.default_value.value)
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    base = 10 if operation.operation is OperationType.MUTATION else 0
    return base + _Bill(fragments, defaults | variables).of(operation.selection_set)


class _Bill:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode], variables: dict[str, Any]) -> None:
        self.fragments, self.variables = fragments, variables

    def of(self, selections: SelectionSetNode | None, depth: int = 0) -> int:
        if depth > 50:  # a fragment that holds itself: validation refuses it
            return DEAREST + 1
        total = 0
        for chosen in selections.selections if selections else ():
            if isinstance(chosen, InlineFragmentNode):
                total += self.of(chosen.selection_set, depth + 1)
            elif isinstance(chosen, FragmentSpreadNode):
                found = self.fragments.get(chosen.name.value)
                total += self.of(found.selection_set, depth + 1) if found else 0
            elif isinstance(chosen, FieldNode) and chosen.selection_set:
                total += (1 + self.of(chosen.selection_set, depth + 1)) * self._how_many(chosen)
        return total

    def _how_many(self, at: FieldNode) -> int:
        for argument in at.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return int(self.variables.get(argument.value.name.value) or 1)
        return 1
