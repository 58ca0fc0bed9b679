// Composing: the draft saves itself and says so, the preview follows, the consequence stands in the sentence that asks.
import { later } from "./panel-parts.js"

const NOT_THE_DRAFTS = ["when", "at"]

customElements.define("b-compose", class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form[id]")
    this.save = later(600, () => this.#save())
    this.form.addEventListener("input", (event) => this.#changed(event.target))
    this.form.addEventListener("submit", () => { this.save.not(); this.unsaved = false })
    this.blockers = []
    if (this.dataset.meaning) this.#show(JSON.parse(this.dataset.meaning)) // what stands in the way is known from the start
  }

  disconnectedCallback() {
    this.save.not()
    if (this.unsaved) this.#send() // leaving the page keeps the last words
  }

  #changed(field) {
    if (NOT_THE_DRAFTS.includes(field.name)) return this.#askSentence()
    if (field.name === "name") this.querySelector("h1").textContent = field.value.trim() || "New campaign"
    this.unsaved = true
    this.#status("Unsaved …")
    this.save()
  }

  async #save() {
    const slow = setTimeout(() => this.#status("Saving …"), 500)
    try {
      const answer = await this.#send()
      const told = await answer.json()
      if (!answer.ok) return this.#status(told.error ?? "Not saved")
      this.#status("Saved")
      this.#show(told)
    } catch {
      this.#status("Not saved: Beckon cannot be reached. It tries again when you write on.")
    } finally {
      clearTimeout(slow)
    }
  }

  #send() {
    this.unsaved = false
    const fields = new URLSearchParams(new FormData(this.form))
    for (const name of NOT_THE_DRAFTS) fields.delete(name)
    return fetch(this.dataset.save ?? this.dataset.preview, {
      method: "POST", body: fields, keepalive: true, headers: { Accept: "application/json" },
    })
  }

  #status(words) {
    const place = this.querySelector("[data-saved]")
    if (place && place.textContent !== words) place.textContent = words
  }

  #show(told) {
    this.#problems(told.problems)
    for (const name of ["title", "body"]) {
      for (const place of this.querySelectorAll(`[data-shown=${name}]`)) place.textContent = told.preview[name] || (name === "title" ? "Title" : "Text")
    }
    for (const picture of this.querySelectorAll("[data-shown=image]")) {
      if (!told.preview.image) picture.hidden = true
      else if (picture.getAttribute("src") !== told.preview.image) Object.assign(picture, { hidden: false, src: told.preview.image })
    }
    if (told.audience === undefined) return
    this.told = told
    this.querySelector("[data-audience]").textContent = told.audience
    for (const place of this.querySelectorAll("[data-plan]")) {
      place.hidden = !told.plan
      const says = place.querySelector("[data-plan-says]")
      if (says.textContent !== told.plan) says.textContent = told.plan
    }
    this.querySelector("[data-seen-by]").textContent = told.seen_by
    this.#askSentence()
  }

  /** Beside each field that has been touched or filled; an empty new draft is not scolded. */
  #problems(problems) {
    this.blockers = problems.filter((problem) => !problem.warning)
    for (const box of this.querySelectorAll("[data-field]")) {
      const field = box.querySelector("input, textarea, select")
      const place = box.querySelector(".error")
      if (!field || !place || NOT_THE_DRAFTS.includes(field.name)) continue
      const problem = problems.find((found) => found.field === field.name && field.value.trim())
      place.textContent = problem?.sentence ?? ""
      place.hidden = !problem
      place.classList.toggle("quiet", Boolean(problem?.warning))
      if (problem && !problem.warning) field.setAttribute("aria-invalid", "true")
      else field.removeAttribute("aria-invalid")
    }
  }

  /** The one sentence that asks before sending: to whom, when, and how long it can be taken back. */
  #askSentence() {
    const dialog = this.querySelector("dialog#send")
    if (!dialog) return
    const later = this.form.elements.when.value === "at"
    this.querySelector("[data-at]").hidden = !later
    dialog.querySelector("[data-name]").textContent = this.form.elements.name.value.trim() || "New campaign"
    const audience = this.told?.audience ?? this.querySelector("[data-audience]").textContent
    const at = this.form.elements.at.value
    const when = later ? (at ? `It goes out on ${inWords(at)} (${this.dataset.zone}).` : "") : "It goes out now."
    dialog.querySelector("[data-sentence]").textContent = `${audience} ${when}`.trim()
    dialog.querySelector("[data-undo-says]").textContent = later
      ? "You can take it back and change it until then."
      : `You can take it back for ${this.dataset.undo}.`
    const reasons = this.blockers.map((problem) => problem.sentence)
    if (later && !at) reasons.push("Choose a day and a time.")
    if (!later && this.told?.plan) reasons.push(this.told.plan) // another month may hold it: then the server says
    dialog.querySelector("[data-blockers]").replaceChildren(...reasons.map((words) => Object.assign(document.createElement("li"), { textContent: words })))
    dialog.querySelector("button[type=submit]").disabled = reasons.length > 0
  }
})

function inWords(wallClock) {
  const moment = new Date(`${wallClock}Z`) // read and shown as UTC: the wall clock is the shop's, not this browser's
  const day = moment.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" })
  return `${day}, ${moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" })}`
}
