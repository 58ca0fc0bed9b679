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
  });

  window.shopify = {
    config: { apiKey: document.querySelector('meta[name="shopify-api-key"]')?.content || document.currentScript?.dataset.apiKey || "", shop: new URLSearchParams(location.search).get("shop") || "", locale: "en" },
    environment: { embedded: inside, mobile: false, intents: false },
    ready: Promise.resolve(),
    idToken: () => ask("token"),
    toast: { show: (text, { isError = false } = {}) => { tell("toast", { text, isError }); return ""; }, hide() {} },
    saveBar: { show: async () => {}, hide: async () => {}, leaveConfirmation: async () => {} },
    loading() {},
    app: { extensions: async () => [] },
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
  }

  const style = document.createElement("style");
  style.textContent = "s-app-nav, ui-nav-menu { display: none }"; // the admin shows the menu
  document.head.append(style);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", announce) : announce();
  for (const event of ["turbo:load", "turbo:render", "popstate"]) addEventListener(event, announce);
})();
