// Long work: how far it is.
import { plural } from "./panel-parts.js"

const EVERY = 2000

// A visit or a form under way: a page that draws itself anew must not overtake it.
let underWay = false
for (const event of ["turbo:visit", "turbo:submit-start"]) document.addEventListener(event, () => (underWay = true))
for (const event of ["turbo:load", "turbo:submit-end", "turbo:fetch-request-error"]) document.addEventListener(event, () => (underWay = false))

/** Asks `data-src` every two seconds while the page is seen. */
class Watch extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => document.hidden || this.ask(), EVERY)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  async ask() {
    if (this.asking) return
    this.asking = true
    try {
      const answer = await fetch(this.dataset.src, { headers: { Accept: "application/json" } })
      if (answer.ok && this.isConnected) this.show(await answer.json())
    } catch { /* the next try may succeed; what is shown stays true as of then */ } finally {
      this.asking = false
    }
  }

  /** The server draws the page of the new state; Turbo puts it in place at the same scroll position. */
  redraw() {
    // The merchant is on the way to another page, or asked something: if they stay, the next look draws.
    if (underWay || document.querySelector("dialog[open]")) return
    clearInterval(this.timer)
    window.Turbo.visit(location.href, { action: "replace" })
  }

  say(name, words) {
    const place = this.querySelector(`[data-${name}]`)
    if (place && place.textContent !== words) place.textContent = words
  }
}

// A campaign: its numbers stand in a frame that Turbo fetches anew and morphs; another state is another page.
customElements.define("b-progress", class extends Watch {
  connectedCallback() {
    if (!["scheduled", "sending", "paused"].includes(this.dataset.state)) return
    super.connectedCallback()
    this.frame = this.querySelector("turbo-frame")
    this.addEventListener("turbo:frame-missing", (event) => event.preventDefault()) // what is shown stays true as of then
    this.addEventListener("turbo:frame-load", () => this.show(this.frame.firstElementChild.dataset))
    const ahead = Date.parse(this.dataset.now) - Date.now() // this browser's clock may be wrong
    if (this.dataset.starts) this.ticking = setInterval(() => this.#countDown(Date.parse(this.dataset.starts) - Date.now() - ahead), 1000)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    clearInterval(this.ticking)
  }

  ask() {
    if (!this.frame) return super.ask() // it has not begun
    this.frame.reload()
  }

  show(found) {
    if (found.state !== this.dataset.state) this.redraw()
  }

  #countDown(left) {
    const seconds = Math.max(0, Math.round(left / 1000))
    this.say("countdown", seconds > 3600 ? "" : seconds ? `, in ${span(seconds)}` : ", any moment now")
  }
})

// Anything that is counted or read elsewhere: a bar, a sentence, and a new page when its state is another one.
customElements.define("b-watch", class extends Watch {
  show(found) {
    if (found.state !== this.dataset.state) return this.redraw()
    this.say("words", found.words ?? "")
    const bar = this.querySelector("progress")
    if (bar && found.of) Object.assign(bar, { max: found.of, value: found.done })
  }
})

customElements.define("b-history", class extends Watch {
  show(found) {
    for (const [kind, part] of Object.entries(found.history)) {
      if (part.state !== this.querySelector(`[data-kind=${kind}]`)?.dataset.state) return this.redraw()
      this.say(`objects-${kind}`, part.words)
      const bar = this.querySelector(`[data-kind=${kind}] progress`)
      if (bar && part.total && part.state === "loading") Object.assign(bar, { max: part.total, value: part.objects })
    }
    this.say("summary", found.history_words)
  }
})

function span(seconds) {
  if (seconds < 90) return plural(Math.max(1, Math.round(seconds)), "second")
  if (seconds < 5400) return plural(Math.round(seconds / 60), "minute")
  return plural(Math.round(seconds / 3600), "hour")
}
