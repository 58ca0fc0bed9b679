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

/* What a theme tells the app through window.Beckon: favourites, answers, where the shopper is. */
document.addEventListener("click", async ({ target }) => {
  const heart = target.closest("[data-favourite]");
  if (heart) {
    const on = heart.getAttribute("aria-pressed") !== "true";
    const kept = await window.Beckon?.[on ? "favourite" : "unfavourite"](heart.dataset.favourite);
    if (!kept) return say("Allow us to remember choices, then we keep your favourites.");
    heart.setAttribute("aria-pressed", String(on));
    heart.textContent = on ? "♥ One of your favourites" : "♡ Add to favourites";
  }
  if (target.closest("[data-location]")) {
    try {
      say((await window.Beckon?.shareLocation()) ? "Thank you: we know roughly where you are." : "Allow us to remember choices first.");
    } catch {
      say("Your browser did not tell us where you are.");
    }
  }
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form[data-answers]")) return;
  event.preventDefault();
  for (const [question, answer] of new FormData(event.target)) {
    if (answer) say((await window.Beckon?.answer(question, answer)) ? "Saved." : "Allow us to remember choices first.");
  }
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
