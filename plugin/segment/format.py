"""Trees → text: the canonical query, which reads back as the same tree, and a plain sentence for merchants."""

from __future__ import annotations

from collections.abc import Sequence

from .ast import And, Comparison, Day, Matches, Moment, Node, Number, Offset, Or, Text, Truth, Value
from .checked import All, AnyOf, Checked, Clause, Condition, Predicate, Rows, Subject
from .kinds import Takes


def canonical(tree: Node) -> str:
    """The query in one line, keywords in capitals, in Shopify's newer syntax, with no parentheses but needed ones."""
    match tree:
        case And(parts):
            return " AND ".join(f"({canonical(part)})" if isinstance(part, Or) else canonical(part) for part in parts)
        case Or(parts):
            return " OR ".join(canonical(part) for part in parts)
        case Comparison():
            return _comparison(tree)
        case Matches():
            parameters = ", ".join(map(_comparison, tree.parameters))
            return f"{tree.name.text} {'NOT MATCHES' if tree.negated else 'MATCHES'} ({parameters})"


def sentence(checked: Checked) -> str:
    """Whom the segment means, in words: "People who have placed more than 2 orders."."""
    if checked.condition == All(()):
        return "Everybody."
    return f"People who {_phrase(checked.condition)}."


def phrase(clause: Clause) -> str:
    """One clause in words: "have placed more than 2 orders"."""
    return _phrase(clause)


def _comparison(tree: Comparison) -> str:
    head = f"{tree.name.text} {tree.operator.text}"
    match tree.operator.text, tree.values:
        case "BETWEEN", (low, high):
            return f"{head} {_value(low)} AND {_value(high)}"
        case (("IN" | "NOT IN"), values):
            return f"{head} ({', '.join(map(_value, values))})"
        case _, values:
            return " ".join((head, *map(_value, values)))


def _value(value: Value) -> str:
    match value:
        case Number():
            return f"{value.value.normalize():f}" if value.value else "0"
        case Text():
            return "'" + value.value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Truth():
            return "true" if value.value else "false"
        case Day():
            return value.on.isoformat()
        case Moment():
            return value.at.isoformat(timespec="seconds")
        case Offset(0, "d"):
            return "today"
        case Offset(-1, "d"):
            return "yesterday"
        case Offset():
            return f"{value.count:+d}{value.unit}"


def _phrase(node: Condition) -> str:
    match node:
        case All(parts):
            return _joined([_grouped(part) for part in parts], "and")
        case AnyOf(parts):
            return _joined([_grouped(part) for part in parts], "or")
        case Predicate():
            return node.operator.says.format(verb=node.subject.verb, noun=node.subject.noun, words=_words(node))
        case Rows():
            said = {name: parameter.absent for name, parameter in node.function.parameters.items()}
            for test in node.tests:
                said[test.subject.name] = test.subject.says.format(words=_words(test))
            phrase = node.function.says.format(**said)
            return phrase.replace("have ", "have not ", 1) if node.negated else phrase


def _words(test: Predicate[Subject]) -> str:
    if not test.operands:
        return ""
    said = [operand.words for operand in test.operands]
    if test.operator.symbol in ("IN", "NOT IN"):
        said = [_joined(said, "or")]
    words = test.operator.dated if test.subject.kind.takes is Takes.DATE else test.operator.words
    unit = test.subject.unit and f" {test.subject.unit}{'' if said[-1] == '1' else 's'}"
    return words.format(*said) + unit


def _grouped(node: Condition) -> str:
    return _phrase(node) if isinstance(node, Predicate | Rows) else f"({_phrase(node)})"


def _joined(phrases: Sequence[str], word: str) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"
