// The segment editor: query and builder are two views of one tree; whom it means is said and counted while one types.
import "./panel-builder.js"
import { attachCompletion } from "./panel-complete.js"
import { count, later } from "./panel-parts.js"

const TOKEN = /('(?:[^'\\]|\\.)*'?)|\b(AND|OR|NOT|CONTAINS|STARTS|WITH|MATCHES|BETWEEN|IS|NULL|IN)\b|(-?\d[\w.:-]*|\b(?:true|false|today|yesterday)\b)|([a-z_][\w.]*)/gi
const CLASS = ["v", "o", "v", "k"]

customElements.define("b-query", class extends HTMLElement {
  connectedCallback() {
    this.classList.add("live")
    this.turn = 0
    this.lane = Promise.resolve()
    this.text = this.querySelector("textarea")
    this.built = this.querySelector("[name=rules]")
    this.builder = this.querySelector("b-builder")
    this.problem = this.querySelector("[data-error]")
    this.says = this.querySelector("[data-says]")
    this.ask = later(150, () => this.#ask())
    this.text.addEventListener("input", () => this.#written())
    this.addEventListener("built", () => this.#clicked())
    this.addEventListener("click", (event) => this.#click(event.target))
    this.querySelector("form").addEventListener("submit", (event) => this.#submit(event), { capture: true })
    this.querySelector("form").addEventListener("reset", () => this.builder.forget())
    this.detach = attachCompletion(this.text, this.querySelector("[data-backdrop]"))
    const { start, end } = this.problem.dataset
    this.#paint(this.problem.hidden ? null : { start: Number(start), end: Number(end) })
    customElements.whenDefined("b-builder").then(() => this.builder.show(JSON.parse(this.dataset.rules || "null") ?? { all: [] }))
    if (!this.problem.hidden) this.ask() // the builder's row and the button that mends
  }

  disconnectedCallback() {
    this.turn += 1
    this.ask.not()
    this.detach()
  }

  #written() {
    this.built.value = ""
    this.turn += 1
    this.#paint()
    this.ask()
  }

  /** Until the server has made text of it, what was clicked goes as it is. */
  #clicked() {
    this.built.value = JSON.stringify(this.builder.rules)
    this.turn += 1
    this.ask()
  }

  #click(target) {
    const example = target.closest("[data-example]")
    if (example) {
      const before = this.text.value.trim()
      this.#write(before ? `${before}\nAND ${example.dataset.example}` : example.dataset.example)
    }
    if (target.closest("[data-mends]")) {
      const { start, end, suggestion } = this.wrong
      this.#write(this.text.value.slice(0, start) + suggestion + this.text.value.slice(end))
    }
  }

  #write(query) {
    this.text.value = query
    this.text.dispatchEvent(new Event("input", { bubbles: true }))
    if (this.text.offsetParent) this.text.focus()
  }

  /** A condition without its value would be lost: it is finished, or removed, first. */
  #submit(event) {
    const [row] = this.builder.offsetParent ? this.builder.unfinished : []
    if (!row) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const place = row.querySelector(".error")
    place.hidden = false
    place.textContent = "Finish this condition or remove it; then save."
    place.classList.remove("quiet")
    const empty = [...row.querySelectorAll("[data-key=value] :is(input, select)")].find((field) => !field.value)
    ;(empty ?? row.querySelector("[data-key=filter]"))?.focus()
  }

  async #ask() {
    const turn = this.turn
    const clicked = this.built.value
    const question = clicked ? { rules: JSON.parse(clicked) } : { query: this.text.value }
    try {
      const answer = await fetch(this.getAttribute("reads"), {
        method: "POST", body: JSON.stringify(question), headers: { Accept: "application/json", "Content-Type": "application/json" },
      })
      const told = await answer.json()
      if (turn !== this.turn) return
      if (!answer.ok) throw new Error(told.error)
      this.#show(told, Boolean(clicked))
      if (!told.error) this.#count(turn, told.query)
    } catch (error) {
      if (turn === this.turn) this.says.textContent = "Beckon cannot be reached just now. The count is the last one known."
    }
  }

  #show(told, clicked) {
    if (clicked && told.query !== null) {
      this.text.value = told.query
      this.built.value = ""
      this.text.dispatchEvent(new Event("change", { bubbles: true })) // the save bar compares
    }
    if (!clicked && told.rules) this.builder.show(told.rules)
    this.wrong = told.error
    this.#paint(told.error)
    this.text.setAttribute("aria-invalid", String(Boolean(told.error)))
    this.problem.hidden = !told.error
    this.says.hidden = Boolean(told.error)
    this.problem.replaceChildren(told.error?.message ?? "")
    if (told.error?.suggestion) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: `Use ${told.error.suggestion}` })
      button.dataset.mends = ""
      this.problem.append(" ", button)
    }
    this.builder.mark(told.error ? told.error.clause : null, told.error)
    this.#warn(told.warnings)
    this.querySelector("[data-counts]").toggleAttribute("data-stale", Boolean(told.error))
    if (!told.error) this.says.textContent = told.sentence
  }

  #warn(warnings) {
    const place = this.querySelector("[data-warnings]")
    place.hidden = !warnings.length
    place.querySelector("ul").replaceChildren(...warnings.map((words) => Object.assign(document.createElement("li"), { textContent: words })))
  }

  /** One question after the other, the cheap ones first; a page never has two under way, however fast one types. */
  #count(turn, query) {
    this.lane = this.lane.then(async () => {
      const slow = setTimeout(() => turn === this.turn && this.#counting("Being counted …"), 400)
      for (const of of ["members", "reachable", "sample"]) {
        if (turn !== this.turn) break
        const told = await this.#told(of, query)
        if (turn !== this.turn) break
        if (told.too_long) { this.#tooLong(of, told.too_long); break }
        this.#put(told)
      }
      clearTimeout(slow)
      if (turn === this.turn && this.querySelector("[data-counting]").textContent === "Being counted …") this.#counting("")
    })
  }

  async #told(of, query) {
    try {
      const answer = await fetch(`${this.getAttribute("counts")}?${new URLSearchParams({ query, of })}`, { headers: { Accept: "application/json" } })
      return answer.ok ? await answer.json() : { too_long: "Counting did not work just now. Write on to try again." }
    } catch {
      return { too_long: "Beckon cannot be reached just now." }
    }
  }

  #counting(words) {
    const place = this.querySelector("[data-counting]")
    place.textContent = words
    place.hidden = !words
    this.querySelector("[data-counts]").toggleAttribute("data-stale", Boolean(words))
  }

  #tooLong(of, words) {
    if (of === "members") for (const name of ["count", "share"]) this.#say(name, name === "count" ? "–" : "")
    if (of !== "sample") for (const name of ["reachable", "rest"]) this.#say(name, name === "reachable" ? "–" : "")
    this.#sample([])
    this.#counting(words)
    this.querySelector("[data-counts]").toggleAttribute("data-stale", false)
  }

  #put({ count: members, reachable, sample }) {
    if (members !== undefined) {
      this.#counting("")
      this.members = members
      const everybody = Number(this.dataset.everybody)
      this.#say("count", count(members))
      this.#say("share", everybody ? `${share(members, everybody)} of everybody` : "")
    }
    if (reachable !== undefined) {
      const rest = this.members - reachable
      this.#say("reachable", count(reachable))
      this.#say("rest", rest > 0 ? `${count(rest)} of them cannot be reached` : "")
    }
    if (sample) this.#sample(sample)
  }

  #say(name, words) {
    const place = this.querySelector(`[data-${name}]`)
    if (place.textContent !== words) place.textContent = words
  }

  #sample(people) {
    const rows = people.map((person) => {
      const row = document.createElement("tr")
      const link = Object.assign(document.createElement("a"), { className: "row", href: person.href, textContent: person.label })
      row.insertCell().append(link)
      Object.assign(row.insertCell(), { className: "n", textContent: person.detail })
      return row
    })
    if (!rows.length) {
      const row = document.createElement("tr")
      Object.assign(row.insertCell(), { colSpan: 2, className: "quiet", textContent: "Nobody to show." })
      rows.push(row)
    }
    this.querySelector("[data-sample]").replaceChildren(...rows)
  }

  /** Colours behind the text, which itself is transparent; a mistake's place (a character at least) is marked. */
  #paint(mistake = null) {
    const text = this.text.value
    const from = mistake ? Math.min(mistake.start, Math.max(0, text.length - 1)) : -1
    const to = mistake ? Math.max(mistake.end, from + 1) : -1
    const parts = []
    const add = (start, end, kind) => {
      for (const [a, b, wrong] of [[start, Math.min(end, from), false], [Math.max(start, from), Math.min(end, to), true], [Math.max(start, to), end, false]]) {
        if (a >= b) continue
        const part = document.createElement(wrong && mistake ? "mark" : "span")
        part.className = kind
        part.textContent = text.slice(a, b)
        parts.push(part)
      }
    }
    let done = 0
    for (const match of text.matchAll(TOKEN)) {
      add(done, match.index, "")
      add(match.index, match.index + match[0].length, CLASS[match.slice(1).findIndex((group) => group !== undefined)])
      done = match.index + match[0].length
    }
    add(done, text.length, "")
    for (const place of this.querySelectorAll("[data-backdrop], [data-written]")) {
      place.replaceChildren(...parts.map((part) => part.cloneNode(true)), "\u200b")
    }
  }
})

function share(part, whole) {
  const percent = (100 * part) / whole
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}
