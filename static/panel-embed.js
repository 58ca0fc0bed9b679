// Is the bell switched on in the published theme? Shopify's App Bridge knows. Stand-alone, or while it does not say, the page stays as it came.

const STATES = { active: "on", available: "off", unavailable: "impossible" }

/** Shows those of its `data-when` parts that are true: unknown (as it comes), on, off, impossible. */
customElements.define("b-embed", class extends HTMLElement {
  async connectedCallback() {
    const state = await stateOf(this.dataset.handle)
    if (!state || !this.isConnected) return
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state
  }
})

async function stateOf(handle) {
  try {
    const extensions = (await window.shopify?.app?.extensions()) ?? []
    const blocks = extensions.filter(({ type }) => type === "theme_app_extension").flatMap(({ activations }) => activations)
    return STATES[blocks.find((block) => block.handle === handle)?.status]
  } catch (error) {
    console.warn("Shopify does not say whether the bell is on:", error)
  }
}
