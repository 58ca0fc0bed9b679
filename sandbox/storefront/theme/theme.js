/* Adds to the cart without leaving the page; without this script the form does the same with a page load. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-add]")) return;
  event.preventDefault();
  const answer = await fetch("/cart/add.js", { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) return say((await answer.json()).description);
  const cart = await (await fetch("/cart.js")).json();
  document.querySelector("[data-cart-count]").textContent = cart.item_count;
  say("It is in your cart.");
});

let waiting;
function say(sentence) {
  const toast = document.querySelector(".toast");
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(waiting);
  waiting = setTimeout(() => { toast.hidden = true; }, 3000);
}
