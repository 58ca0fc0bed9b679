// A combobox as ARIA describes it: a text field over a list that narrows while one types. Arrows move, Enter takes, Escape goes back.

let numbers = 0

const make = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** The list below a field. `options` are {value, label, detail?, group?}; which one is meant stays with the field. */
export class Listing {
  constructor(field, { onTake, label }) {
    this.field = field
    this.onTake = onTake
    this.list = make("div", { id: `listing-${++numbers}`, className: "listing", hidden: true })
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", label ?? "Choices")
    this.list.addEventListener("mousedown", (event) => event.preventDefault()) // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]")
      if (option) this.take(Number(option.dataset.at))
    })
  }

  get open() { return !this.list.hidden }

  show(options, at = options.length ? 0 : -1) {
    this.options = options
    const groups = new Map()
    options.forEach((option, number) => {
      const place = groups.get(option.group) ?? this.#group(option.group)
      groups.set(option.group, place)
      place.append(this.#option(option, number))
    })
    this.list.replaceChildren(...groups.values())
    if (!options.length) this.list.append(make("p", { className: "quiet", textContent: this.nothing ?? "Nothing is called that." }))
    this.list.hidden = false
    this.field.setAttribute("aria-expanded", "true")
    this.point(at)
  }

  hide() {
    this.list.hidden = true
    this.at = -1
    this.field.setAttribute("aria-expanded", "false")
    this.field.removeAttribute("aria-activedescendant")
  }

  point(at) {
    this.at = at
    for (const option of this.list.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", String(Number(option.dataset.at) === at))
    const here = this.list.querySelector("[aria-selected=true]")
    if (here) {
      this.field.setAttribute("aria-activedescendant", here.id)
      here.scrollIntoView({ block: "nearest" })
    } else this.field.removeAttribute("aria-activedescendant")
  }

  take(at) {
    const option = this.options?.[at]
    if (!option) return false
    this.hide()
    this.onTake(option)
    return true
  }

  /** True when the key was the list's. */
  key(event) {
    const last = (this.options?.length ?? 0) - 1
    if (!this.open) return false
    const to = { ArrowDown: this.at >= last ? 0 : this.at + 1, ArrowUp: this.at <= 0 ? last : this.at - 1, PageDown: Math.min(last, this.at + 8), PageUp: Math.max(0, this.at - 8) }[event.key]
    if (to !== undefined) this.point(to)
    else if (event.key === "Enter" || (event.key === "Tab" && this.takesTab)) { if (!this.take(this.at)) return false }
    else return false
    event.preventDefault()
    return true
  }

  #group(name) {
    const group = make("div", {})
    if (!name) return group
    const title = make("div", { id: `listing-${++numbers}`, className: "listing-title", textContent: name })
    group.setAttribute("role", "group")
    group.setAttribute("aria-labelledby", title.id)
    group.append(title)
    return group
  }

  #option(option, number) {
    const made = make("div", { id: `${this.list.id}-${number}` }, make("b", { textContent: option.label }))
    made.setAttribute("role", "option")
    made.dataset.at = number
    if (option.detail) made.append(make("span", { className: "quiet", textContent: option.detail }))
    return made
  }
}

/**
 * A field whose value is one of what `find(text)` gives (options, or a promise of them).
 * `free(text)` makes an option of what was typed, or null where only the list counts. `onTake(option)` is told of the choice.
 */
export function combobox({ label, shown = "", find, free = () => null, onTake, placeholder = "", nothing }) {
  const field = make("input", { type: "text", value: shown, placeholder, autocomplete: "off", spellcheck: false })
  const box = make("span", { className: "combobox" }, field)
  let before = shown
  let turn = 0
  const listing = new Listing(field, {
    onTake: (option) => {
      field.value = before = option.label
      onTake(option)
    },
  })
  listing.nothing = nothing
  box.append(listing.list)
  field.setAttribute("role", "combobox")
  field.setAttribute("aria-label", label)
  field.setAttribute("aria-autocomplete", "list")
  field.setAttribute("aria-expanded", "false")
  field.setAttribute("aria-controls", listing.list.id)

  const look = async (text) => {
    const mine = ++turn
    const found = await find(text.trim())
    if (mine !== turn || document.activeElement !== field) return
    const own = text.trim() && free(text.trim())
    const options = own && !found.some((option) => option.value === own.value) ? [...found, own] : found
    listing.show(options, text.trim() ? (options.length ? 0 : -1) : -1)
  }
  /** Who is faster than the list gets what it would have shown first. */
  const enter = async () => {
    if (field.value.trim() === before) return
    if (!listing.open) await look(field.value)
    if (!listing.take(listing.at)) back()
  }
  const back = () => {
    turn += 1
    listing.hide()
    const own = field.value.trim() !== before && free(field.value.trim())
    if (own) { before = field.value = own.label; onTake(own) } else field.value = before
  }
  field.addEventListener("click", () => listing.open || look(""))
  field.addEventListener("focus", () => field.select())
  field.addEventListener("input", () => look(field.value))
  field.addEventListener("blur", back)
  field.addEventListener("keydown", (event) => {
    if (listing.key(event)) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); look("") }
    if (event.key === "Enter") { event.preventDefault(); enter() }
    if (event.key === "Escape" && (listing.open || field.value !== before)) {
      event.stopPropagation()
      field.value = before
      turn += 1
      listing.hide()
    }
  })
  box.field = field
  return box
}

export { make }
