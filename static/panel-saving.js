// Words that are not saved yet. A form with data-save-bar lets App Bridge show the admin's save bar; whoever leaves is
// asked first, there by the admin, stand-alone by our own dialog.

const first = new WeakMap() // what each form held when it came
const told = (form) => new URLSearchParams(new FormData(form)).toString()
const forms = () => [...document.querySelectorAll("form[data-save-bar]")]
const changed = (form) => first.get(form) !== told(form)
const bar = () => window.shopify?.saveBar

function remember() {
  for (const form of forms()) {
    if (first.has(form)) continue
    first.set(form, form.querySelector("[aria-invalid=true]") ? null : told(form)) // refused: nothing of it is saved
    form.addEventListener("reset", () => setTimeout(() => redraw(form)))
  }
}

/** After "Discard" the counters, previews and colours follow. */
function redraw(form) {
  for (const field of form.elements) if (field.name) field.dispatchEvent(new Event("input", { bubbles: true }))
}

document.addEventListener("turbo:load", remember)
document.addEventListener("turbo:render", remember)

document.addEventListener("turbo:submit-start", ({ target }) => {
  if (target.matches("form[data-save-bar]")) first.set(target, told(target))
})
document.addEventListener("turbo:submit-end", ({ target, detail }) => {
  if (target.matches("form[data-save-bar]") && !detail.success) first.set(target, null)
})

document.addEventListener("turbo:before-visit", (event) => {
  if (!forms().some(changed)) return
  event.preventDefault()
  asked().then((leaves) => {
    if (!leaves) return
    for (const form of forms()) first.set(form, told(form))
    window.Turbo.visit(event.detail.url)
  })
})

addEventListener("beforeunload", (event) => {
  if (!bar() && forms().some(changed)) event.preventDefault()
})

/** Does the merchant leave without saving? */
async function asked() {
  if (bar()) return bar().leaveConfirmation().then(() => true, () => false)
  const dialog = document.getElementById("leave")
  dialog.returnValue = ""
  dialog.showModal()
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }))
  return dialog.returnValue === "leave"
}
