// The control of a value by its kind: number, amount, date, choice, yes or no, text, and pickers of the shop's own values.
// Each tells `onChange` the values as plugin/segment/rules.py reads them, null where one is not finished.
import { combobox, make } from "./panel-choose.js"

const NUMBERS = ["whole", "decimal", "money", "days", "years"]
const UNITS = [["h", "hours"], ["d", "days"], ["w", "weeks"], ["m", "months"], ["y", "years"]]
const NONE = ["IS NULL", "IS NOT NULL"]
const MANY = ["IN", "NOT IN"]

/** Two more operators of dates, in words that need no arithmetic. */
const LATELY = { symbol: ">=", words: "is in the last" }
const LONG_AGO = { symbol: "<", words: "is longer ago than" }

/** [key, words] pairs; a key is an operator, or one of the two above. */
export function operatorsOf(control) {
  return control.takes === "date" && control.operators.some(([symbol]) => symbol === ">=") ? [["lately", LATELY.words], ["long ago", LONG_AGO.words], ...control.operators] : control.operators
}

/** Which of them a condition has. */
export function keyOf(control, { operator, values }) {
  const offset = control.takes === "date" && values?.length === 1 && values[0]?.offset < 0
  if (offset && operator === ">=") return "lately"
  if (offset && operator === "<") return "long ago"
  return operator
}

/** The condition with another operator; values that still fit stay. */
export function withOperator(control, condition, key) {
  const operator = { lately: ">=", "long ago": "<" }[key] ?? key
  const before = condition.values ?? []
  if (NONE.includes(operator)) return { ...condition, operator, values: [] }
  if (key === "lately" || key === "long ago") {
    const kept = before[0]?.offset < 0 ? before[0] : { offset: -30, unit: "d" }
    return { ...condition, operator, values: [kept] }
  }
  if (operator === "BETWEEN") return { ...condition, operator, values: [before[0] ?? first(control), before[1] ?? null] }
  if (MANY.includes(operator)) return { ...condition, operator, values: before.filter(Boolean) }
  return { ...condition, operator, values: [plain(control, before[0]) ?? first(control)] }
}

const plain = (control, value) => (control.takes === "date" && value?.offset < 0 ? null : value)

/** What a new condition begins with: the operator that is meant most often, a value where one is obvious. */
export function begun(control) {
  const symbols = control.operators.map(([symbol]) => symbol)
  if (control.takes === "date" && symbols.includes(">=")) return { operator: ">=", values: [{ offset: -30, unit: "d" }] }
  const operator = NUMBERS.includes(control.takes) && symbols.includes(">=") ? ">=" : symbols[0]
  return { operator, values: [first(control)] }
}

/** A value where one is obvious. */
export function first(control) {
  if (control.takes === "truth") return { truth: true }
  if (control.takes === "date") return { day: new Date().toLocaleDateString("sv") }
  if (control.choices.length) return { text: control.choices[0][0] }
  return null
}

/** Is nothing missing? */
export function finished(condition) {
  if (NONE.includes(condition.operator)) return true
  return condition.values.length > 0 && condition.values.every(Boolean)
}

/** The fields for the values of one condition, in a row. `about` begins each label: "Number of orders". */
export function valueFields(control, condition, about, page, onChange) {
  const { operator, values } = condition
  if (NONE.includes(operator)) return []
  if (MANY.includes(operator)) return [many(control, values, about, page, onChange)]
  const set = (at) => (value) => onChange(values.map((former, place) => (place === at ? value : former)))
  const one = (at, name) => valueField(control, condition, values[at], `${about}: ${name}`, page, (value) => { values[at] = value; set(at)(value) })
  if (operator === "BETWEEN") return [...one(0, "from").slice(0, control.unit ? 1 : undefined), make("span", { textContent: "and" }), ...one(1, "to")]
  return one(0, "value")
}

function valueField(control, condition, value, label, page, onChange) {
  if (control.takes === "date") return dated(keyOf(control, condition), value, label, onChange)
  if (control.takes === "truth") return [select(label, [["true", "yes"], ["false", "no"]], String(value?.truth ?? true), (chosen) => onChange({ truth: chosen === "true" }))]
  if (control.choices.length) return [select(label, control.choices, value?.text ?? "", (text) => onChange({ text }))]
  if (control.source) return [picker(control, value, label, page, onChange)]
  if (control.takes === "text") return [typed(label, value?.text ?? "", (text) => onChange(text ? { text } : null))]
  const shown = typed(label, value?.number ?? "", (text) => onChange(number(text)))
  shown.inputMode = "decimal"
  shown.classList.add("short")
  if (control.takes === "money") return [make("span", { className: "quiet", textContent: page.currency }), shown]
  return control.unit ? [shown, make("span", { textContent: control.unit + "s" })] : [shown]
}

const number = (text) => (/^[+-]?\d{1,25}(\.\d{1,25})?$/.test(text.trim()) ? { number: text.trim() } : null)

const FORMS = [["day", "the day"], ["today", "today"], ["ago", "so long ago"], ["ahead", "so far ahead"], ["moment", "the day and time"]]

/** "[30] [days]" behind "in the last"; else a day, today, so long ago or ahead, or a second. */
function dated(key, value, label, onChange) {
  if (key === "lately" || key === "long ago") return distance(value ?? { offset: -30, unit: "d" }, label, -1, onChange)
  const fields = make("span", { className: "rowline" })
  const draw = (form, now) => {
    const choose = select(`${label}, written as`, FORMS, form, (chosen) => {
      const fresh = begunAs(chosen)
      draw(chosen, fresh)
      onChange(fresh)
      fields.querySelector("select").focus()
    })
    fields.replaceChildren(choose, ...{
      day: () => [field("date", label, now?.day ?? "", (day) => onChange(day ? { day } : null))],
      today: () => [],
      ago: () => distance(now, label, -1, onChange),
      ahead: () => distance(now, label, 1, onChange),
      moment: () => [field("datetime-local", label, now?.moment ?? "", (text) => onChange(text ? { moment: text.length === 16 ? `${text}:00` : text } : null))],
    }[form]())
  }
  draw(formOf(value), value)
  return [fields]
}

const formOf = (value) => (value?.moment ? "moment" : value?.offset === undefined ? "day" : value.offset < 0 ? "ago" : value.offset > 0 ? "ahead" : "today")

function begunAs(form) {
  const today = new Date().toLocaleDateString("sv")
  return { day: { day: today }, today: { offset: 0, unit: "d" }, ago: { offset: -7, unit: "d" }, ahead: { offset: 7, unit: "d" }, moment: { moment: `${today}T00:00:00` } }[form]
}

function distance(value, label, sign, onChange) {
  let { offset, unit } = value
  const tell = () => onChange(Number.isInteger(offset) && offset ? { offset, unit } : null)
  const count = field("number", `${label}, how many`, String(Math.abs(offset)), (text) => { offset = text === "" ? 0 : Number(text) * sign; tell() })
  Object.assign(count, { min: 1, max: 9999 })
  count.classList.add("short")
  return [count, select(`${label}, unit`, UNITS, unit, (chosen) => { unit = chosen; tell() })]
}

/** One of the shop's own values, or what was typed. */
function picker(control, value, label, page, onChange) {
  const known = value?.number ?? value?.text ?? ""
  const wrap = (found) => (control.takes === "id" ? { number: found } : { text: found })
  const free = (text) => (control.takes !== "id" ? { value: text, label: text, detail: "as written" } : /^\d{1,19}$/.test(text) ? { value: text, label: text, detail: "by its number" } : null)
  const box = combobox({
    label, shown: calls(control.source, known), placeholder: "Choose …", free,
    find: (text) => page.find(control.source, text),
    nothing: "The shop has none like that.",
    onTake: (option) => onChange(wrap(option.value)),
  })
  if (control.takes === "id" && known) page.name(control.source, known).then((name) => { if (name && box.field.value === known) box.field.value = name })
  return box
}

/** Several values: what is chosen stands as buttons that take it away again. */
function many(control, values, about, page, onChange) {
  if (control.choices.length) return checks(control, values, about, onChange)
  const box = make("span", { className: "rowline" })
  const draw = () => {
    const taken = values.map((value, at) => {
      const known = value.number ?? value.text
      const away = make("button", { type: "button", className: "chip", textContent: `${calls(control.source, known)} ×` })
      away.setAttribute("aria-label", `Take ${calls(control.source, known)} away`)
      if (control.takes === "id" && control.source) page.name(control.source, known).then((name) => { if (name) { away.textContent = `${name} ×`; away.setAttribute("aria-label", `Take ${name} away`) } })
      away.addEventListener("click", () => { values = values.filter((_, place) => place !== at); draw(); onChange(values); box.querySelector("input").focus() })
      return away
    })
    const wrap = (found) => (["id", ...NUMBERS].includes(control.takes) ? number(found) : { text: found })
    const add = combobox({
      label: `${about}: add a value`, placeholder: "Add …",
      find: (text) => (control.source ? page.find(control.source, text) : []),
      free: (text) => (wrap(text) ? { value: text, label: text, detail: "as written" } : null),
      nothing: control.source ? "The shop has none like that." : "Write a value, then Enter.",
      onTake: (option) => { values = [...values, wrap(option.value)]; draw(); onChange(values); box.querySelector("input").focus() },
    })
    box.replaceChildren(...taken, add)
  }
  draw()
  return box
}

function checks(control, values, about, onChange) {
  const group = make("fieldset", { className: "rowline" }, make("legend", { className: "aside", textContent: about }))
  for (const [value, words] of control.choices) {
    const box = make("input", { type: "checkbox", checked: values.some(({ text }) => text === value) })
    box.addEventListener("change", () => {
      values = box.checked ? [...values, { text: value }] : values.filter(({ text }) => text !== value)
      onChange(values)
    })
    group.append(make("label", { className: "chip" }, box, ` ${words}`))
  }
  return group
}

/** A country by its name in the reader's language; everything else by itself. */
export function calls(source, value) {
  if (source !== "country" || !/^[A-Z]{2}$/.test(value)) return value
  try { return `${new Intl.DisplayNames(["en"], { type: "region" }).of(value)} (${value})` } catch { return value }
}

export function select(label, options, chosen, onChange) {
  const made = make("select", {}, ...options.map(([value, text]) => make("option", { value, textContent: text })))
  if (!options.some(([value]) => value === chosen)) made.prepend(make("option", { value: chosen, textContent: chosen || "Choose …" }))
  made.value = chosen
  made.setAttribute("aria-label", label)
  made.addEventListener("change", () => onChange(made.value))
  return made
}

function field(type, label, value, onChange) {
  const made = make("input", { type, autocomplete: "off" })
  if (type === "datetime-local") made.step = 1
  made.value = value
  made.setAttribute("aria-label", label)
  made.addEventListener("input", () => onChange(made.value))
  return made
}

const typed = (label, value, onChange) => field("text", label, value, onChange)
