// How many people a query finds, asked once it is seen, and one question at a time: a page of thirty must not ask thirty at once.
import { plural } from "./panel-parts.js"

let turn = Promise.resolve()

customElements.define("b-tally", class extends HTMLElement {
  connectedCallback() {
    if (this.textContent) return // brought back by the back button
    this.seen = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#ask(), { rootMargin: "100px" })
    this.seen.observe(this)
  }

  disconnectedCallback() {
    this.seen?.disconnect()
  }

  #ask() {
    this.seen.disconnect()
    this.textContent = "…"
    turn = turn.then(() => this.isConnected && this.#count())
  }

  async #count() {
    try {
      const answer = await fetch(`/segments/count?${new URLSearchParams({ query: this.dataset.query })}`, { headers: { Accept: "application/json" } })
      const told = await answer.json()
      this.textContent = told.count === undefined ? "not counted" : plural(told.count, "person", "people")
      this.title = told.too_long ?? ""
    } catch {
      this.textContent = ""
    }
  }
})
