// Choosing a plan: Shopify's page on which it is approved cannot stand in a frame, so it is opened at the top.
customElements.define("b-plan", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#choose(event.target, event.submitter)
    })
  }

  async #choose(form, button) {
    button.disabled = true
    try {
      const fields = new URLSearchParams({ [button.name]: button.value })
      const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } })
      const told = await answer.json()
      if (answer.ok && told.open) return open(told.open, "_top")
      this.#say(told.error ?? "Shopify named no page for this plan. Try again in a few minutes.")
    } catch {
      this.#say("Beckon cannot be reached, so nothing was changed. Try again.")
    }
    button.disabled = false
  }

  #say(words) {
    const place = this.querySelector("[data-problem]")
    place.textContent = words
    place.hidden = false
  }
})
