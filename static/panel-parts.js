// Small parts of pages: definitions, tabs, counters, downloads.

/** A definition that appears under its word, stays within the window, and goes away with Escape. */
customElements.define("b-tip", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerenter", this)
    this.addEventListener("focusin", this)
    this.addEventListener("keydown", this)
    this.addEventListener("pointerleave", this)
    this.addEventListener("focusout", this)
  }

  handleEvent(event) {
    if (event.type === "keydown") {
      if (event.key === "Escape") this.dataset.closed = ""
    } else if (event.type === "pointerenter" || event.type === "focusin") this.#keepInside()
    else delete this.dataset.closed
  }

  #keepInside() {
    const tip = this.querySelector(".tip")
    tip.style.setProperty("--shift", "0px")
    const { left, right } = tip.getBoundingClientRect()
    const width = document.documentElement.clientWidth
    const shift = right > width - 8 ? width - 8 - right : left < 8 ? 8 - left : 0
    tip.style.setProperty("--shift", `${shift}px`)
  }
})

/** Tabs as ARIA describes them: one in the tab order, arrows move, the shown panel follows. The choice is remembered. */
customElements.define("b-tabs", class extends HTMLElement {
  connectedCallback() {
    this.tabs = [...this.querySelectorAll("[role=tab]")]
    this.addEventListener("click", (event) => event.target.closest("[role=tab]") && this.#show(event.target.closest("[role=tab]")))
    this.addEventListener("keydown", (event) => this.#move(event))
    for (const picture of this.querySelectorAll("img")) {
      picture.addEventListener("error", () => { picture.hidden = true })
      if (picture.getAttribute("src") && picture.complete && !picture.naturalWidth) picture.hidden = true
    }
    const kept = this.#kept ?? this.getAttribute("first")
    const first = this.tabs.find((tab) => tab.id === kept)
    if (first) this.#show(first)
  }

  #move(event) {
    const at = this.tabs.indexOf(event.target)
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: this.tabs.length - 1 - at }[event.key]
    if (at < 0 || step === undefined) return
    event.preventDefault()
    const next = this.tabs[(at + step + this.tabs.length) % this.tabs.length]
    this.#show(next)
    next.focus()
  }

  #show(chosen) {
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen))
      tab.tabIndex = tab === chosen ? 0 : -1
      this.querySelector(`#${tab.getAttribute("aria-controls")}`).hidden = tab !== chosen
    }
    try { sessionStorage.setItem(this.#name, chosen.id) } catch { /* without storage nothing is remembered */ }
  }

  get #name() { return this.getAttribute("remember") ?? "system" }

  get #kept() {
    try { return sessionStorage.getItem(this.#name) } catch { return null }
  }
})

/** Characters written, beside how many every system shows. */
customElements.define("b-count", class extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute("for"))
    this.update = () => {
      const length = this.field.value.length
      this.textContent = `${length} / ${this.getAttribute("best")}`
      this.classList.toggle("over", length > Number(this.getAttribute("limit")))
    }
    this.field.addEventListener("input", this.update)
    this.update()
  }

  disconnectedCallback() {
    this.field.removeEventListener("input", this.update)
  }
})

/** A plain download would carry no session token inside the admin: it is fetched, then handed to the browser. */
customElements.define("b-download", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", async (event) => {
      const link = event.target.closest("a[download]")
      if (!link || link.protocol === "blob:") return
      event.preventDefault()
      const answer = await fetch(link.href)
      if (!answer.ok) return location.reload()
      const address = URL.createObjectURL(await answer.blob())
      const handing = Object.assign(document.createElement("a"), { href: address, download: link.download })
      handing.dataset.turbo = "false"
      handing.click()
      setTimeout(() => URL.revokeObjectURL(address), 10_000)
    })
  }
})

export const count = (number) => number.toLocaleString("en-GB")

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`

/** Calls `deed` once `wait` milliseconds have passed without another call. */
export function later(wait, deed) {
  let timer
  const call = (...values) => {
    clearTimeout(timer)
    timer = setTimeout(deed, wait, ...values)
  }
  call.not = () => clearTimeout(timer)
  return call
}
