// The builder: conditions clicked together, in groups of all, any or none. It holds a tree and shows it; what the tree means is
// the server's business (plugin/segment/rules.py). It tells of every change by a "built" event.
import { combobox, make } from "./panel-choose.js"
import { asGroup, fresh, group, heard, isFinished, told } from "./panel-rules.js"
import { begun, calls, keyOf, operatorsOf, select, valueFields, withOperator } from "./panel-values.js"

const JOINS = [["all", "All of these"], ["any", "Any of these"], ["none", "None of these"], ["not all", "Not all of these"]]

customElements.define("b-builder", class extends HTMLElement {
  async connectedCallback() {
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault() // it would save the segment
    })
    this.root ??= group("all")
    this.names = new Map()
    this.lists = new Map()
    try {
      this.page = await (await fetch(this.getAttribute("catalogue"), { headers: { Accept: "application/json" } })).json()
    } catch {
      this.textContent = "The builder cannot be loaded just now. You can write the query all the same."
      return
    }
    this.filters = new Map(this.page.subjects.flatMap(({ title, filters }) => filters.map((filter) => [filter.name, { ...filter, group: title }])))
    this.page.find = (source, text) => this.#find(source, text)
    this.page.name = (source, value) => this.#name(source, value)
    this.#draw()
  }

  /** Its fields have lost what stood in them: the next tree is drawn, even the same one. */
  forget() { this.stale = true }

  /** Shows the tree of a query. Where it is the one that is shown, nothing moves. */
  show(rules) {
    if (this.page && !this.stale && JSON.stringify(told(this.root, this.filters)) === JSON.stringify(told(heard(rules), this.filters))) return
    this.root = asGroup(heard(rules))
    if (this.page) this.#draw()
  }

  /** The tree as JSON, without conditions that are not finished. */
  get rules() { return told(this.root, this.filters) }

  /** The rows that lack something. */
  get unfinished() { return [...this.querySelectorAll(".clause[data-unfinished]")] }

  /** Says at the row of the clause of that number (null: at none) what is wrong with it. */
  mark(number, error) {
    const rows = [...this.querySelectorAll(".clause:not([data-unfinished])")]
    for (const row of this.querySelectorAll(".clause")) {
      const wrong = row === rows[number]
      row.toggleAttribute("data-wrong", wrong)
      const place = row.querySelector(":scope > .error")
      if (place && (wrong || !row.hasAttribute("data-unfinished"))) {
        place.hidden = !wrong
        place.replaceChildren(...(wrong ? [error.message, ...this.#mending(error)] : []))
      }
    }
  }

  #mending(error) {
    if (!error.suggestion) return []
    const button = make("button", { type: "button", className: "button plain", textContent: `Use ${error.suggestion}` })
    button.dataset.mends = ""
    return [" ", button]
  }

  #draw() {
    this.stale = false
    this.status = make("p", { className: "aside" })
    this.status.setAttribute("role", "status")
    this.replaceChildren(this.#group(this.root), this.status)
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("built", { bubbles: true }))
  }

  #group(node, parent) {
    const list = make("div", { className: "clauses" })
    const box = make("div", { className: "rules" })
    box.setAttribute("role", "group")
    const join = select("How these conditions belong together", JOINS, node.join, (join) => {
      node.join = join
      box.setAttribute("aria-label", JOINS.find(([key]) => key === join)[1])
      this.#changed()
    })
    join.className = "join"
    box.setAttribute("aria-label", JOINS.find(([key]) => key === node.join)[1])
    const head = make("div", { className: "rowline" }, join)
    if (parent) head.append(this.#remover("Remove this group", box, node, parent))
    for (const part of node.parts) list.append(this.#part(part, node))
    const add = (label, part) => {
      const button = make("button", { type: "button", className: "button", textContent: `+ ${label}` })
      button.addEventListener("click", () => {
        const fresh = part()
        node.parts.push(fresh)
        const made = this.#part(fresh, node)
        list.append(made)
        made.querySelector("[role=combobox]").focus()
        this.#changed()
      })
      return button
    }
    const buttons = make("div", { className: "rowline" }, add("Condition", () => ({ filter: "" })), add("Group", () => group("any", [{ filter: "" }])))
    box.append(head, list, buttons)
    return box
  }

  #part(part, parent) {
    if (part.parts) return this.#group(part, parent)
    if (part.query !== undefined) return this.#text(part, parent)
    return this.#row(part, parent)
  }

  /** What no control can show stands as it is written. */
  #text(part, parent) {
    const row = make("div", { className: "clause" }, make("code", { textContent: part.query }), make("p", { className: "error", hidden: true }))
    row.append(this.#remover("Remove this condition", row, part, parent))
    return row
  }

  #row(part, parent, focus) {
    const filter = this.filters.get(part.filter)
    if (part.filter && !this.#shows(filter, part)) return this.#text(Object.assign(part, { query: part.written ?? part.filter }), parent)
    const row = make("div", { className: "clause" })
    row.setAttribute("role", "group")
    row.setAttribute("aria-label", filter?.title ?? "A new condition")
    const again = (key) => {
      const fresh = this.#row(part, parent, key)
      row.replaceWith(fresh)
      this.#changed()
    }
    const line = make("div", { className: "rowline" }, this.#chooser(part, filter, again))
    if (filter?.parameters) line.append(this.#negation(part, filter, filter.asked ? ["yes", "no"] : ["there is one", "there is none"]))
    else if (filter?.arguments) line.append(this.#negation(part, filter, ["yes", "no"]), ...this.#arguments(part, filter, row))
    else if (filter?.of) line.append(this.#ofWhat(part, filter, row), ...this.#comparison(filter, part, filter.title, () => this.#checked(row, part), again))
    else if (filter) line.append(...this.#comparison(filter, part, filter.title, () => this.#checked(row, part), again))
    row.append(line)
    if (filter?.parameters) row.append(this.#conditions(part, filter, row))
    row.append(make("p", { className: "error", hidden: true }), this.#remover("Remove this condition", row, part, parent))
    this.#check(row, part)
    if (focus) queueMicrotask(() => (row.querySelector(`[data-key=${focus}] :is(input, select)`) ?? row.querySelector(`[data-key=${focus}]`))?.focus())
    return row
  }

  /** Has the catalogue all that this clause says? */
  #shows(filter, part) {
    if (!filter || Boolean(filter.parameters) !== Boolean(part.conditions)) return false
    if (Boolean(filter.arguments ?? filter.of) !== Boolean(part.arguments) || part.arguments?.length > (filter.arguments?.length ?? 1)) return false
    return !part.conditions || part.conditions.every((condition) => filter.parameters.some(({ name }) => name === condition.parameter))
  }

  #chooser(part, filter, again) {
    const box = combobox({
      label: "Filter", shown: filter?.title ?? "", placeholder: "What do you ask?",
      nothing: "No filter is called that.",
      find: (text) => this.#filtersLike(text.toLowerCase()),
      onTake: ({ value }) => {
        const chosen = this.filters.get(value)
        for (const key of Object.keys(part)) delete part[key]
        Object.assign(part, { filter: value }, fresh(chosen))
        again(chosen.parameters && !part.conditions.length ? "negated" : "value")
      },
    })
    box.classList.add("filter")
    box.field.dataset.key = "filter"
    return box
  }

  /** Those of that title first; without a word, all by subject. */
  #filtersLike(text) {
    const words = text.split(/\s+/)
    const has = (said) => words.every((word) => said.toLowerCase().includes(word))
    const fits = (one) => (!text || one.title.toLowerCase().startsWith(text) ? 0 : has(`${one.title} ${one.name}`) ? 1 : has(`${one.title} ${one.name} ${one.about} ${one.group}`) ? 2 : 3)
    return [...this.filters.values()].filter((one) => !one.again && fits(one) < 3).sort((one, other) => fits(one) - fits(other))
      .map((one) => ({ value: one.name, label: one.title, detail: one.about, group: text ? undefined : one.group }))
  }

  #negation(part, filter, [yes, no]) {
    const made = select(`${filter.title}: is it so?`, [["false", yes], ["true", no]], String(part.negated), (chosen) => {
      part.negated = chosen === "true"
      this.#changed()
    })
    made.dataset.key = "negated"
    return made
  }

  /** The values that a question takes, in their order. */
  #arguments(part, filter, row) {
    return filter.arguments.map((control, at) => {
      const condition = { operator: "=", values: [part.arguments[at] ?? null] }
      const about = `${filter.title}, ${control.title.toLowerCase()}`
      const fields = [valueFields(control, condition, about, this.page, ([value]) => {
        part.arguments[at] = value
        this.#checked(row, part)
      })].flat()
      const title = make("span", { className: "quiet", textContent: control.title.toLowerCase() + (control.needed ? "" : " (if you like)") })
      const made = make("span", { className: "rowline" }, ...(filter.arguments.length > 1 ? [title] : []), ...fields)
      made.dataset.key = at ? "more" : "value"
      return made
    })
  }

  /** The date whose day comes again each year. */
  #ofWhat(part, filter, row) {
    const made = select(`${filter.title}: of which date?`, filter.of.choices, part.arguments[0]?.text ?? "", (text) => {
      part.arguments = [{ text }]
      this.#checked(row, part)
    })
    return make("span", { className: "rowline" }, make("span", { className: "quiet", textContent: "of" }), made)
  }

  /** Operator and values; `again(key)` draws anew what depends on the operator. */
  #comparison(control, condition, about, checked, again) {
    const operator = select(`${about}: operator`, operatorsOf(control), keyOf(control, condition), (key) => {
      Object.assign(condition, withOperator(control, condition, key))
      again("operator")
    })
    operator.dataset.key = "operator"
    const values = make("span", { className: "rowline" }, ...[valueFields(control, condition, about, this.page, (values) => {
      condition.values = values
      checked()
    })].flat())
    values.dataset.key = "value"
    if (control.takes === "truth" && condition.operator === "=") return [values]
    return [operator, values]
  }

  #conditions(part, filter, row) {
    const list = make("div", { className: "conditions" })
    list.setAttribute("role", "group")
    list.setAttribute("aria-label", `${filter.title}, of which`)
    const draw = (focus) => {
      list.replaceChildren(...part.conditions.map((condition, at) => this.#condition(part, filter, condition, at, row, draw)))
      const left = filter.parameters.filter(({ name }) => !part.conditions.some(({ parameter }) => parameter === name))
      if (left.length) {
        const add = make("button", { type: "button", className: "button plain", textContent: "+ Add a condition" })
        add.dataset.key = "add"
        add.addEventListener("click", () => {
          part.conditions.push({ parameter: left[0].name, ...begun(left[0]) })
          draw(`parameter-${part.conditions.length - 1}`)
          this.#checked(row, part)
        })
        list.append(add)
      }
      if (focus) list.querySelector(`[data-key="${focus}"], [data-at="${focus}"] [data-key=value] :is(input, select)`)?.focus()
    }
    draw()
    return list
  }

  #condition(part, filter, condition, at, row, draw) {
    const control = filter.parameters.find(({ name }) => name === condition.parameter)
    const free = filter.parameters.filter(({ name }) => name === condition.parameter || !part.conditions.some(({ parameter }) => parameter === name))
    const about = `${filter.title}, ${control.title.toLowerCase()}`
    const parameter = select(`${filter.title}: of which`, free.map(({ name, title }) => [name, title.toLowerCase()]), condition.parameter, (name) => {
      part.conditions[at] = { parameter: name, ...begun(filter.parameters.find((one) => one.name === name)) }
      draw(`parameter-${at}`)
      this.#checked(row, part)
    })
    parameter.dataset.key = `parameter-${at}`
    const away = make("button", { type: "button", className: "button plain away", textContent: "×" })
    away.setAttribute("aria-label", `Remove ${about}`)
    away.addEventListener("click", () => {
      part.conditions.splice(at, 1)
      draw("add")
      this.#checked(row, part)
    })
    const fields = this.#comparison(control, condition, about, () => this.#checked(row, part), () => { draw(at); this.#checked(row, part) })
    const made = make("div", { className: "rowline condition" }, parameter, ...fields, away)
    made.dataset.at = at
    return made
  }

  #checked(row, part) {
    this.#check(row, part)
    this.#changed()
  }

  /** A condition that lacks something is not counted, and says so once there is something of it. */
  #check(row, part) {
    const whole = isFinished(part, this.filters.get(part.filter))
    row.toggleAttribute("data-unfinished", !whole)
    const place = row.querySelector(":scope > .error")
    place.hidden = whole || !part.filter
    place.textContent = whole ? "" : "Not finished, so not counted yet: a value is missing."
    place.classList.toggle("quiet", !whole)
  }

  #remover(label, box, node, parent) {
    const button = make("button", { type: "button", className: "button plain away", textContent: "×" })
    button.setAttribute("aria-label", label)
    button.addEventListener("click", () => {
      const next = box.nextElementSibling ?? box.previousElementSibling
      const around = box.closest(".clauses").parentElement
      parent.parts.splice(parent.parts.indexOf(node), 1)
      box.remove()
      const place = next?.querySelector("[role=combobox], select, button") ?? around.querySelector(":scope > .rowline:last-child > button")
      place.focus()
      this.status.textContent = label.replace("Remove this", "Removed: one").replace("one group", "a group").replace("one condition", "a condition")
      this.#changed()
    })
    return button
  }

  async #find(source, text) {
    const countries = source === "country"
    const key = `${source} ${countries ? "" : text.toLowerCase()}`
    if (!this.lists.has(key)) this.lists.set(key, ask({ source, q: countries ? "" : text }).then(({ values }) => values))
    const values = (await this.lists.get(key)).map(({ value, label, detail }) => ({ value, label: calls(source, label), detail }))
    return countries ? values.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase())) : values
  }

  async #name(source, value) {
    const key = `${source} ${value}`
    if (!this.names.has(key)) this.names.set(key, ask({ source, known: value }).then(({ names }) => names?.[value]))
    return this.names.get(key)
  }
})

async function ask(question) {
  try {
    return await (await fetch(`/segments/values?${new URLSearchParams(question)}`, { headers: { Accept: "application/json" } })).json()
  } catch {
    return { values: [], names: {} }
  }
}
