"""What a query costs, and the leaky bucket it is paid from: 2,000 points, 100 back each second (a Standard plan)."""

from __future__ import annotations

from datetime import datetime

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, parse
from graphql.language import IntValueNode, SelectionSetNode, VariableNode

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
    """Objects cost 1, mutations 10, a connection what its `first` could bring."""
    try:
        document = parse(query)
    except GraphQLError:
        return 1
    operation = next((one for one in document.definitions if isinstance(one, OperationDefinitionNode)), None)
    if operation is None:
        return 1
    base = 10 if operation.operation is OperationType.MUTATION else 0
    return base + _selections(operation.selection_set, variables)


def _selections(selections: SelectionSetNode | None, variables: Json) -> int:
    fields = [one for one in (selections.selections if selections else ()) if isinstance(one, FieldNode)]
    return sum(
        (1 + _selections(one.selection_set, variables)) * _first(one, variables) for one in fields if one.selection_set
    )


def _first(at: FieldNode, variables: Json) -> int:
    for argument in at.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                return int(variables.get(argument.value.name.value) or 1)
    return 1
