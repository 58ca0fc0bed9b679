/* A stand-in of Shopify's App Bridge, for development: session tokens for fetch, the bounce page, the menu, toasts.
   It talks to the pretend admin around it by postMessage, as the real one does, and never to the store itself. */
(() => {
  "use strict";
  if (window.shopify) return;
  const bounced = new URLSearchParams(location.search).get("shopify-reload");
  const inside = window.parent !== window;
  const waiting = new Map();
  let calls = 0;

  function ask(bridge, told = {}) {
    if (!inside) return Promise.reject(new Error("App Bridge works inside the admin only."));
    const call = ++calls;
    window.parent.postMessage({ bridge, call, ...told }, "*"); // names no secret: the frame answers only its own iframe
    return new Promise((resolve) => waiting.set(call, resolve));
  }

  const tell = (bridge, told) => inside && window.parent.postMessage({ bridge, ...told }, "*");

  addEventListener("message", ({ data, source }) => {
    if (source !== window.parent || !data) return;
    if (data.bridge === "answer" && waiting.has(data.call)) {
      waiting.get(data.call)(data.told);
      waiting.delete(data.call);
    }
    if (data.bridge === "go") go(data.path);
    if (data.bridge === "save") held?.requestSubmit();
    if (data.bridge === "discard") held?.reset();
  });

  window.shopify = {
    config: { apiKey: document.querySelector('meta[name="shopify-api-key"]')?.content || document.currentScript?.dataset.apiKey || "", shop: new URLSearchParams(location.search).get("shop") || "", locale: "en" },
    environment: { embedded: inside, mobile: false, intents: false },
    ready: Promise.resolve(),
    idToken: () => ask("token"),
    toast: { show: (text, { isError = false } = {}) => { tell("toast", { text, isError }); return ""; }, hide() {} },
    saveBar: { show: async () => tell("bar", { shown: true }), hide: async () => tell("bar", { shown: false }), leaveConfirmation },
    loading() {},
    app: { extensions: () => ask("extensions") },
  };
  if (!inside) return;

  /* fetch to our own origin carries a session token; a refused one is renewed once. */
  const plain = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin !== location.origin || request.headers.has("Authorization")) return plain(request);
    const again = request.clone();
    const answer = await plain(signed(request, await shopify.idToken()));
    if (answer.status !== 401 || !answer.headers.has("X-Shopify-Retry-Invalid-Session-Request")) return answer;
    return plain(signed(again, await shopify.idToken()));
  };

  function signed(request, token) {
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${token}`);
    headers.set("X-Requested-With", "XMLHttpRequest");
    return new Request(request, { headers });
  }

  if (bounced) {
    const back = new URL(bounced, location.origin);
    if (back.origin === location.origin) {
      shopify.idToken().then((token) => {
        back.searchParams.set("id_token", token);
        location.replace(back);
      });
    }
    return;
  }

  /* Links of the frame's menu: with Turbo as a visit, else as a click of a link. */
  function go(path) {
    const url = new URL(path, location.origin);
    if (url.origin !== location.origin) return;
    if (window.Turbo) return void window.Turbo.visit(url.href);
    for (const name of ["shop", "host", "embedded", "locale"]) {
      const value = new URLSearchParams(location.search).get(name) ?? sessionStorage.getItem(`bridge:${name}`);
      if (value) url.searchParams.set(name, value);
    }
    location.assign(url);
  }

  function remember() {
    const here = new URLSearchParams(location.search);
    try { for (const name of ["shop", "host", "embedded", "locale"]) if (here.get(name)) sessionStorage.setItem(`bridge:${name}`, here.get(name)); } catch {} // no storage in some private windows
  }

  function announce() {
    remember();
    const links = [...document.querySelectorAll("s-app-nav a[href], ui-nav-menu a[href]")];
    const menu = links.filter((link) => link.rel !== "home").map((link) => ({ href: link.getAttribute("href").split("?")[0], text: link.textContent.trim() }));
    if (menu.length) tell("menu", { links: menu });
    tell("place", { path: location.pathname, title: document.title });
    watchForms();
  }

  /* A form with data-save-bar: the admin shows its save bar while the form differs from what it was. */
  let held; // the form that the bar speaks for
  const written = new WeakMap();
  const content = (form) => new URLSearchParams(new FormData(form)).toString();

  function watchForms() {
    for (const form of document.querySelectorAll("form[data-save-bar]")) {
      if (written.has(form)) continue;
      written.set(form, content(form));
      const differs = () => showBar(content(form) === written.get(form) ? undefined : form);
      form.addEventListener("input", differs);
      form.addEventListener("change", differs);
      form.addEventListener("submit", () => { written.set(form, content(form)); showBar(undefined); });
      form.addEventListener("reset", () => setTimeout(differs));
    }
    if (held && !held.isConnected) showBar(undefined);
  }

  function showBar(form) {
    held = form;
    tell("bar", { shown: Boolean(form), confirms: Boolean(form?.hasAttribute("data-discard-confirmation")) });
  }

  /* Resolves when there is no bar or the merchant leaves all the same; rejects when they stay. */
  async function leaveConfirmation() {
    if (!held) return;
    if ((await ask("leaving")) !== "leave") throw new Error("The merchant stays.");
    showBar(undefined);
  }

  const style = document.createElement("style");
  style.textContent = "s-app-nav, ui-nav-menu { display: none }"; // the admin shows the menu
  document.head.append(style);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", announce) : announce();
  for (const event of ["turbo:load", "turbo:render", "popstate"]) addEventListener(event, announce);
})();
