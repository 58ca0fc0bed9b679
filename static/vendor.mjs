// Copies what the panel's pages need out of node_modules into static/vendor (ignored by git): `npm ci && npm run vendor`.
// Three files: tokens.css (Polaris' tokens, its dark scheme following the system's), icons.svg (one sprite of
// the icons that templates name), turbo.js. Each package's licence goes with it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const ICONS = [
  "home", "send", "automation", "person-segment", "person", "chart-vertical", "settings", "check", "x", "plus", "search", "arrow-left",
  "alert-circle", "alert-triangle", "info", "notification", "cart-abandoned", "chevron-left", "chevron-right", "export", "delete", "clock", "external",
]

const here = dirname(fileURLToPath(import.meta.url))
const npm = join(here, "..", "node_modules")
const vendor = join(here, "vendor")

mkdirSync(vendor, { recursive: true })
writeFileSync(join(vendor, "tokens.css"), tokens())
writeFileSync(join(vendor, "icons.svg"), sprite(ICONS))
copyFileSync(join(npm, "@hotwired/turbo/dist/turbo.es2017-esm.js"), join(vendor, "turbo.js"))
for (const name of ["@shopify/polaris-tokens", "@shopify/polaris-icons", "@hotwired/turbo"]) copyLicence(name)

/** Polaris ships its dark scheme as a class; pages follow the system, so it becomes a media query. */
function tokens() {
  const css = readFileSync(join(npm, "@shopify/polaris-tokens/dist/css/styles.css"), "utf8")
  const dark = css.match(/\.p-theme-dark-experimental\{([^}]*)\}/)
  if (!dark) throw new Error("@shopify/polaris-tokens no longer has .p-theme-dark-experimental; see static/vendor.mjs")
  return `${css}\n@media (prefers-color-scheme:dark){:root{${dark[1]}}}\n`
}

function sprite(names) {
  const symbols = names.map((name) => {
    const file = name.replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase()) + "Icon.svg"
    const svg = readFileSync(join(npm, "@shopify/polaris-icons/dist/svg", file), "utf8")
    return svg.replace(/<svg[^>]*>/, `<symbol id="${name}" viewBox="0 0 20 20">`).replace("</svg>", "</symbol>")
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`
}

function copyLicence(name) {
  const file = readdirSync(join(npm, name)).find((entry) => /^(mit-)?licen[cs]e/i.test(entry))
  if (file) copyFileSync(join(npm, name, file), join(vendor, `LICENSE-${name.split("/").pop()}`))
}
