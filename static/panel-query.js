// The segment editor: colours the query, counts while one types, underlines the place of a mistake.
import { count, later } from "./panel-parts.js"

const TOKEN = /('(?:[^'\\]|\\.)*'?)|\b(AND|OR|NOT|CONTAINS|MATCHES|BETWEEN|IS|NULL|IN)\b|(-?\d[\w.:-]*|\b(?:true|false|today|yesterday)\b)|([a-z_][\w.]*)/gi
const CLASS = ["v", "o", "v", "k"]

customElements.define("b-query", class extends HTMLElement {
  connectedCallback() {
    this.classList.add("live")
    this.text = this.querySelector("textarea")
    this.backdrop = this.querySelector("[data-backdrop]")
    this.problem = this.querySelector("[data-error]")
    this.says = this.querySelector("[data-says]")
    this.ask = later(250, () => this.#ask())
    this.text.addEventListener("input", () => { this.#paint(); this.ask() })
    this.addEventListener("click", (event) => this.#takeExample(event.target.closest("[data-example]")))
    const { start, end } = this.problem.dataset
    this.#paint(this.problem.hidden ? null : { start: Number(start), end: Number(end) })
  }

  disconnectedCallback() {
    this.ask.not()
    this.asking?.abort()
  }

  #takeExample(button) {
    if (!button) return
    const before = this.text.value.trim()
    this.text.value = before ? `${before}\nAND ${button.dataset.example}` : button.dataset.example
    this.text.focus()
    this.text.dispatchEvent(new Event("input", { bubbles: true }))
  }

  async #ask() {
    this.asking?.abort()
    this.asking = new AbortController()
    const slow = setTimeout(() => this.querySelector("[data-counts]").toggleAttribute("data-stale", true), 500)
    try {
      const answer = await fetch(`${this.getAttribute("src")}?${new URLSearchParams({ query: this.text.value })}`, {
        headers: { Accept: "application/json" }, signal: this.asking.signal,
      })
      if (answer.ok) this.#show(await answer.json())
    } catch (error) {
      if (error.name !== "AbortError") this.says.textContent = "Beckon cannot be reached just now. The count is the last one known."
    } finally {
      clearTimeout(slow)
      this.querySelector("[data-counts]").toggleAttribute("data-stale", this.problem.hidden === false)
    }
  }

  #show(found) {
    this.#paint(found.error)
    this.text.setAttribute("aria-invalid", String(Boolean(found.error)))
    this.problem.hidden = !found.error
    this.says.hidden = Boolean(found.error)
    this.problem.textContent = found.error?.message ?? ""
    if (found.error) return
    this.says.textContent = found.sentence
    this.#say("count", count(found.count))
    this.#say("share", found.everybody ? `${share(found.count, found.everybody)} of everybody` : "")
    this.#say("reachable", count(found.reachable))
    const rest = found.count - found.reachable
    this.#say("rest", rest > 0 ? `${count(rest)} have not agreed to notifications` : "")
    this.#sample(found.sample)
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
      Object.assign(row.insertCell(), { colSpan: 2, className: "quiet", textContent: "Nobody now." })
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
    this.backdrop.replaceChildren(...parts, "\u200b")
  }
})

function share(part, whole) {
  const percent = (100 * part) / whole
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}
