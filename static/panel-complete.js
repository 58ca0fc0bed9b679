// What can stand at the place where one writes a query: filters, operators, values, from the server, which knows the language.
import { Listing } from "./panel-choose.js"
import { calls } from "./panel-values.js"

/** Makes the text area a combobox while there is something to choose. Returns what undoes it. */
export function attachCompletion(text, mirror) {
  let turn = 0
  let told = null
  let timer
  const listing = new Listing(text, {
    label: "What can stand here",
    onTake: ({ value }) => {
      const after = text.value.slice(told.end)
      const space = /^[\s,)]/.test(after) || value.endsWith("(") ? "" : " "
      text.setRangeText(value + space, told.start, told.end, "end")
      text.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  listing.takesTab = true
  text.after(listing.list)
  listing.hide()
  text.removeAttribute("aria-expanded")

  const close = () => {
    turn += 1
    clearTimeout(timer)
    listing.hide()
    for (const name of ["role", "aria-multiline", "aria-autocomplete", "aria-controls", "aria-expanded"]) text.removeAttribute(name)
  }
  const look = async (asked) => {
    const mine = ++turn
    const at = text.selectionEnd
    if (text.selectionStart !== at) return close()
    try {
      const answer = await fetch("/segments/complete", {
        method: "POST", body: JSON.stringify({ query: text.value, at }), headers: { Accept: "application/json", "Content-Type": "application/json" },
      })
      const found = await answer.json()
      if (mine !== turn || document.activeElement !== text || text.selectionEnd !== at) return
      const written = text.value.slice(found.start, found.end)
      const options = (found.options ?? []).map((option) => ({ ...option, label: calls(found.source, option.label) }))
      const done = options.length === 1 && options[0].value === written
      if (!options.length || done || (!asked && !written && found.what === "joiner")) return close()
      told = found
      text.setAttribute("role", "combobox")
      text.setAttribute("aria-multiline", "true")
      text.setAttribute("aria-autocomplete", "list")
      text.setAttribute("aria-controls", listing.list.id)
      listing.show(options, asked || written ? 0 : -1)
      place()
    } catch { close() }
  }
  /** Below the word that is being written: the mirror behind the text has the same lines. */
  const place = () => {
    const range = document.createRange()
    let left = told.start
    const walk = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (left <= node.length) { range.setStart(node, left); range.setEnd(node, left); break }
      left -= node.length
    }
    const box = text.parentElement.getBoundingClientRect()
    const { left: x, bottom } = range.getClientRects()[0] ?? text.getBoundingClientRect()
    listing.list.style.left = `${Math.max(0, Math.min(x - box.left, box.width - listing.list.offsetWidth))}px`
    listing.list.style.top = `${bottom - box.top + 4}px`
  }

  const typed = () => {
    clearTimeout(timer)
    turn += 1
    timer = setTimeout(look, 120, false)
  }
  const pressed = (event) => {
    if (listing.at < 0 && (event.key === "Enter" || event.key === "Tab")) return close()
    if (listing.key(event)) return
    if (event.key === "Escape" && listing.open) { event.preventDefault(); event.stopPropagation(); close() }
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); clearTimeout(timer); look(true) }
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) close()
  }
  text.addEventListener("input", typed)
  text.addEventListener("keydown", pressed)
  text.addEventListener("blur", close)
  return () => {
    close()
    listing.list.remove()
    text.removeEventListener("input", typed)
    text.removeEventListener("keydown", pressed)
    text.removeEventListener("blur", close)
  }
}
