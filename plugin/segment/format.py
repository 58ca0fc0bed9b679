"""Trees → text: the canonical query, which reads back as the same tree, and a plain sentence for merchants."""

from __future__ import annotations

from collections.abc import Sequence

from .ast import And, Call, Comparison, Day, Matches, Moment, Node, Not, Number, Offset, Or, Text, Truth, Value
from .checked import All, AnyOf, Asked, Checked, Clause, Condition, Inside, Inverse, Predicate, Rows, Subject
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
        case Call():
            arguments = ", ".join(map(_value, tree.arguments))
            return f"{'NOT ' if tree.negated else ''}{tree.name.text}({arguments})"
        case Not(part):
            return f"NOT ({canonical(part)})"


def sentence(checked: Checked) -> str:
    """Whom the segment means, in words: "People who have placed more than 2 orders."."""
    if checked.condition == All(()):
        return "Everybody."
    return f"People who {_phrase(checked.condition)}."


def phrase(clause: Clause) -> str:
    """One clause in words: "have placed more than 2 orders"."""
    match clause:
        case Predicate():
            said = {"verb": clause.subject.verb, "noun": clause.subject.noun, "words": _words(clause)}
            return clause.operator.says.format(**said)
        case Rows():
            return _turned(_rows(clause), clause.negated)
        case Asked():
            return _turned(_question(clause), clause.negated)
        case Inside():
            return _turned(clause.says, clause.negated)


def _comparison(tree: Comparison) -> str:
    arguments = f"({', '.join(map(_value, tree.arguments))})" if tree.arguments else ""
    head = f"{tree.name.text}{arguments} {tree.operator.text}"
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
        case Inverse(part):
            return f"are not among those who {_grouped(part)}"
        case _:
            return phrase(node)


def _rows(node: Rows) -> str:
    said = {name: parameter.absent for name, parameter in node.function.parameters.items()}
    for test in node.tests:
        said[test.subject.name] = test.subject.says.format(words=_words(test))
    return node.function.says.format(**said)


def _question(node: Asked) -> str:
    said = {
        argument.name: argument.says.format(words=node.operands[argument.name].words)
        if argument.name in node.operands
        else ""
        for argument in node.question.arguments
    }
    return node.question.says.format(**said)


def _turned(phrase: str, negated: bool) -> str:
    """ "have bought" → "have not bought"."""
    verb, _, rest = phrase.partition(" ")
    return f"{verb} not {rest}" if negated else phrase


def _words(test: Predicate[Subject]) -> str:
    if not test.operands:
        return ""
    said = [operand.words for operand in test.operands]
    if test.operator.symbol in ("IN", "NOT IN"):
        said = [_joined(said, "or")]
    words = test.operator.dated if test.subject.kind.takes is Takes.DATE else test.operator.words
    unit = "day" if test.subject.kind.takes is Takes.DAYS else test.subject.unit
    counted = unit and f" {unit}{'' if said[-1] == '1' else 's'}"
    return words.format(*said[:-1], said[-1] + counted)


def _grouped(node: Condition) -> str:
    return f"({_phrase(node)})" if isinstance(node, All | AnyOf) else _phrase(node)


def _joined(phrases: Sequence[str], word: str) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"
