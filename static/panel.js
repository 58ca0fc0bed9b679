// The panel's behaviour. Pages are whole without it but for what must be live: the server renders, each element adds one thing.
// Turbo turns links and forms into window.fetch, to which App Bridge adds the session token (docs/decisions/0007-turbo.md).
import "./vendor/turbo.js"
import "./panel-parts.js"
import "./panel-compose.js"
import "./panel-progress.js"
import "./panel-saving.js"
import "./panel-plan.js"
import "./panel-embed.js"

// What few pages have is fetched where it stands.
const RARE = { "b-query": "./panel-query.js", "b-tally": "./panel-tally.js" }
const fetchRare = () => Object.entries(RARE).forEach(([name, file]) => document.querySelector(name) && import(file))
document.addEventListener("turbo:load", fetchRare)
document.addEventListener("turbo:render", fetchRare)
fetchRare()

// A button opens its dialog, another closes it. A click beside a dialog closes it too, as Escape does.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]")
  if (opener) document.getElementById(opener.dataset.opens)?.showModal()
  if (event.target.closest("[data-closes]") || event.target.matches("dialog[open]")) event.target.closest("dialog").close()
})

// A dialog must not stand open in the page that the back button brings.
document.addEventListener("turbo:before-cache", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close()
})

// On a phone the navigation scrolls sideways: the page one is on stays in sight.
document.addEventListener("turbo:load", () => {
  const here = document.querySelector(".nav [aria-current]")
  const row = here?.closest("ul")
  if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.clientWidth / 2 + here.clientWidth / 2
})

// App Bridge has asked again with a fresh token already; when that failed too, the page must be fetched anew, through the bounce page.
document.addEventListener("turbo:before-fetch-response", (event) => {
  const { response } = event.detail.fetchResponse
  if (response.status !== 401 || !response.headers.has("X-Shopify-Retry-Invalid-Session-Request")) return
  event.preventDefault()
  if (event.target.matches?.("form[method='post']")) return sayNothingWasSaved(event.target)
  const { pathname, search } = new URL(response.url)
  const framed = document.querySelector("meta[name='beckon-frame']") // embedded=1&shop=…&host=…: who may frame the bounce page
  location.assign(framed ? `/auth/bounce?${framed.content}&${new URLSearchParams({ "shopify-reload": pathname + search })}` : pathname + search)
})

function sayNothingWasSaved(form) {
  const banner = document.createElement("div")
  banner.className = "banner critical"
  banner.setAttribute("role", "alert")
  banner.textContent = "Shopify did not confirm who you are, so nothing was saved. Reload the page and repeat it; your text is still here until then."
  form.closest("dialog")?.close()
  document.querySelector("main").prepend(banner)
  banner.scrollIntoView({ block: "nearest" })
}
