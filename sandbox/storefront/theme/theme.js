/* Adds to the cart without leaving the page; without this script the form does the same with a page load. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-add]")) return;
  event.preventDefault();
  const answer = await fetch("/cart/add.js", { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) return say((await answer.json()).description);
  tellPixels("product_added_to_cart", await answer.json());
  const cart = await (await fetch("/cart.js")).json();
  document.querySelector("[data-cart-count]").textContent = cart.item_count;
  say("It is in your cart.");
});

/* In the cart, "Remove" tells the pixels before the page comes anew. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-remove]")) return;
  event.preventDefault();
  const line = (await (await fetch("/cart.js")).json()).items.find((item) => String(item.id) === form.elements.id.value);
  const answer = await fetch("/cart/change.js", { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.ok && line) tellPixels("product_removed_from_cart", line);
  const page = new DOMParser().parseFromString(await (await fetch("/cart")).text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.querySelector("[data-cart-count]").textContent = page.querySelector("[data-cart-count]").textContent;
});

function tellPixels(name, line) {
  const merchandise = { id: String(line.variant_id), title: "Default Title", sku: line.sku, price: { amount: line.price / 100, currencyCode: "GBP" }, product: { id: String(line.product_id), title: line.title } };
  window.webPixels?.publish(name, { cartLine: { merchandise, quantity: line.quantity, cost: { totalAmount: { amount: line.line_price / 100, currencyCode: "GBP" } } } });
}

let waiting;
function say(sentence) {
  const toast = document.querySelector(".toast");
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(waiting);
  waiting = setTimeout(() => { toast.hidden = true; }, 3000);
}
