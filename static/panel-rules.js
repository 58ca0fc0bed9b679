// The builder's tree and the server's JSON (plugin/segment/rules.py): groups { join, parts } and rows { filter, … }.
import { begun, finished, first } from "./panel-values.js"

export function group(join, parts = []) {
  return { join, parts }
}

export function asGroup(node) {
  return node.parts ? node : group("all", [node])
}

/** What a row begins with once its filter is chosen; what a function cannot do without stands there at once. */
export function fresh(filter) {
  if (filter.parameters) {
    const needed = filter.parameters.filter((one) => one.needed)
    return { negated: false, conditions: needed.map((one) => ({ parameter: one.name, ...begun(one) })) }
  }
  if (filter.arguments) return { negated: false, arguments: filter.arguments.map((one) => (one.needed ? first(one) : null)) }
  return { ...(filter.of ? { arguments: [{ text: filter.of.choices[0][0] }] } : {}), ...begun(filter) }
}

export function isFinished(part, filter) {
  if (part.query !== undefined) return true
  if (!part.filter) return false
  if (part.conditions) return part.conditions.every(finished)
  if (!part.operator) return part.arguments.every((value, at) => value || filter?.arguments?.[at]?.needed === false)
  return finished(part)
}

/** The server's JSON → the builder's tree. */
export function heard(rules) {
  if (rules.all) return group("all", rules.all.map(heard))
  if (rules.any) return group("any", rules.any.map(heard))
  if (rules.not) return heard(rules.not).join === "all" ? group("not all", heard(rules.not).parts) : group("none", heard(rules.not).parts ?? [heard(rules.not)])
  return structuredClone(rules)
}

/** The builder's tree → the server's JSON. */
export function told(node, filters) {
  if (node.query !== undefined) return { query: node.query }
  if (!node.parts) {
    const { written, ...clause } = node
    return clause.operator || !clause.arguments ? clause : { ...clause, arguments: clause.arguments.filter(Boolean) }
  }
  const parts = node.parts.filter((part) => part.parts || isFinished(part, filters.get(part.filter))).map((part) => told(part, filters))
  switch (node.join) {
    case "all": return { all: parts }
    case "any": return { any: parts }
    case "none": return parts.length ? { not: { any: parts } } : { all: [] }
    default: return parts.length ? { not: { all: parts } } : { all: [] }
  }
}
