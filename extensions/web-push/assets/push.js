/* Beckon on the storefront: a bell that asks only after a click, and the visits that make its messages worth reading.
   One file, no dependency. Its <script> says where it is (data-proxy, data-product-id, data-locale…); see blocks/bell.liquid. */
(() => {
  "use strict";

  const DAY = 86_400_000;
  const QUIET = 30 * DAY; // after "Not now"
  const FRESH = 600_000; // so long a tab goes by what it was told
  const PATIENCE = 20_000; // a push service out of reach leaves subscribe() pending for ever
  const script = document.currentScript;
  if (!script || document.querySelector("beckon-bell")) return;

  const said = script.dataset;
  const who = said.customer || ""; // the customer who is logged in, or nobody
  const proxy = `/${(said.proxy || "/apps/beckon").replace(/^\/+|\/+$/g, "")}/`;
  const shopify = window.Shopify;
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const pad = navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1; // an iPad, which says that it is a Mac
  const ios = pad || /iPhone|iPad|iPod/.test(navigator.userAgent);

  const editing = Boolean(shopify?.designMode); // the theme editor: the bell is shown, nobody is asked and nothing is told

  if (!editing) reportClick();
  window.Beckon = Object.freeze({
    favourite: (product) => declare("favourited", product),
    unfavourite: (product) => declare("unfavourited", product),
    answer: (question, answer) => tell("answer", { id: crypto.randomUUID(), question: String(question), answer: String(answer) }),
    shareLocation,
  });
  begin().catch(complain);

  async function begin() {
    const { public_key: key, bell: words } = await configuration();
    if (key === null) return farewell();
    if (!key) return; // Beckon does not answer
    if (editing) return void new Bell(words, key);
    if (Date.now() - (keep("left") || Date.now()) > 2 * DAY) keep("endpoint", null); // its data was erased: ask anew
    keep("left", null);
    if (can) new Bell(words, key);
    else if (ios && !navigator.standalone) new Bell(words, key, offerHomeScreen());
    if (can) resync(key).catch(complain);
    if (pad) keep("tablet", 1);
    track().catch(complain);
    document.addEventListener("visitorConsentCollected", () => track().catch(complain));
    document.addEventListener("visibilitychange", leaving);
    watchCart();
  }

  // --- Beckon's end of the app proxy

  async function configuration() {
    const name = `beckon:config:${proxy}`;
    try {
      const kept = JSON.parse(sessionStorage.getItem(name));
      if (kept && Date.now() - kept.at < FRESH) return kept;
    } catch {} // no storage: ask again
    const answer = await fetch(`${proxy}config.json?locale=${encodeURIComponent(language())}`);
    if (!answer.ok) return {};
    const config = await answer.json();
    try { sessionStorage.setItem(name, JSON.stringify({ ...config, at: Date.now() })); } catch {}
    return config;
  }

  async function post(path, body) {
    const answer = await fetch(proxy + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
    if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  }

  /* The landing after a click on a message. The token then leaves the address, so that a copied link names nobody. */
  function reportClick() {
    const here = new URL(location.href);
    const delivery = here.searchParams.get("bk");
    if (!delivery) return;
    post("receipt", { delivery, kind: "clicked" }).catch(complain);
    here.searchParams.delete("bk");
    history.replaceState(history.state, "", here);
  }

  // --- the subscription

  /* Never navigator.serviceWorker.ready: the worker lives under the proxy's path and controls no page of the shop. */
  async function worker() {
    const registration = await navigator.serviceWorker.register(`${proxy}sw.js`, { updateViaCache: "none" });
    const coming = registration.installing || registration.waiting;
    if (registration.active || !coming) return registration;
    return new Promise((resolve, reject) => {
      coming.addEventListener("statechange", () => {
        if (coming.state === "activated") resolve(registration);
        if (coming.state === "redundant") reject(new Error("the worker did not start"));
      });
    });
  }

  async function obtain(key) {
    const { pushManager } = await worker();
    const found = await pushManager.getSubscription();
    if (found && keyOf(found) === key) return found;
    if (found) await found.unsubscribe(); // made with another key: nobody could write to it
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }

  async function subscribe(key) {
    const subscription = await within(PATIENCE, obtain(key));
    const { endpoint, keys } = subscription.toJSON();
    const before = keep("endpoint");
    const told = post("subscribe", {
      visitor: visitor(),
      subscription: { endpoint, keys },
      page: location.origin + location.pathname,
      wording: keep("wording") || "",
      locale: language(),
      language: navigator.language,
      tablet: pad || undefined,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
      cart_token: await cartToken(),
      replaces: before && before !== endpoint ? before : undefined,
    });
    await told.catch(async (error) => {
      if (error.status !== 410) throw error;
      await subscription.unsubscribe(); // erased on the person's request: it is not renewed behind their back
      keep("endpoint", null);
      throw error;
    });
    keep("endpoint", endpoint);
    keep("told", Date.now());
    keep("who", who);
    const shelf = await caches.open("beckon"); // where the worker finds the visitor when the endpoint changes
    await shelf.put(`${proxy}visitor`, new Response(visitor()));
  }

  /* Each page view: a changed endpoint or key is told at once, a lost subscription comes back, a kept one is told once a day.
     So is at once who logs in or out: Shopify tells Beckon who it is, and the messages of the former shopper stay away. */
  async function resync(key) {
    if (Notification.permission !== "granted" || !keep("endpoint")) return;
    const registration = await navigator.serviceWorker.getRegistration(proxy);
    const found = registration && (await registration.pushManager.getSubscription());
    const same = found && found.endpoint === keep("endpoint") && keyOf(found) === key;
    if (!same || keep("who") !== who || Date.now() - keep("told") > DAY) await subscribe(key);
  }

  async function unsubscribe() {
    const registration = await navigator.serviceWorker.getRegistration(proxy);
    const found = registration && (await registration.pushManager.getSubscription());
    const endpoint = (found && found.endpoint) || keep("endpoint");
    if (found) await found.unsubscribe();
    keep("endpoint", null);
    if (endpoint) post("unsubscribe", { visitor: visitor(), endpoint }).catch(complain); // or the push service tells, with its 410
  }

  /* The shop has left Beckon: the subscription is given back, the worker goes. A shop that is back within two days finds
     its subscribers again at their next visit: they agreed, and did not take it back. */
  async function farewell() {
    if (!can) return;
    const registration = await navigator.serviceWorker.getRegistration(proxy);
    if (!registration) return;
    const found = await registration.pushManager.getSubscription();
    if (found) await found.unsubscribe();
    await registration.unregister();
    keep("left", Date.now());
  }

  const keyOf = (subscription) =>
    btoa(String.fromCharCode(...new Uint8Array(subscription.options.applicationServerKey)))
      .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  // --- visits: views only as far as the shopper's privacy choice allows, the cart also for who asked to be reminded

  const told = new Set(); // what this page has told already
  let sign = 0; // when this page told of itself last

  async function track() {
    const allowed = await may("analytics");
    if (!allowed && !keep("endpoint")) return;
    const views = [];
    const once = (kind, about) => told.has(kind) || (told.add(kind), views.push(view(kind, about)));
    if (allowed && !pixelTells()) {
      once("page_viewed", { page: page() });
      if (/^\d+$/.test(said.productId || "")) once("product_viewed", { product_id: said.productId });
    }
    if (allowed && /^\d+$/.test(said.articleId || "")) once("article_read", article());
    const cart = await cartToken();
    const news = cart && cart !== keep("cart") ? cart : undefined;
    sign = allowed ? Date.now() : 0;
    if (!views.length && !news) return;
    await post("track", { visitor: visitor(), cart_token: news, views });
    if (news) keep("cart", news);
  }

  const view = (kind, about) => ({ id: crypto.randomUUID(), kind, at: new Date().toISOString(), ...about });

  const article = () => ({ article_id: said.articleId, handle: said.article, title: said.articleTitle || undefined, tags: (said.articleTags || "").split(",").filter(Boolean).slice(0, 50) });

  /* Where this is, without tokens and what follows the question mark but for UTM words, and which host led here. */
  function page() {
    const asked = new URLSearchParams(location.search);
    const word = (name) => asked.get(name)?.slice(0, 100) || undefined;
    const from = document.referrer && new URL(document.referrer).host;
    return {
      path: location.pathname.replace(/(\/(checkouts|orders|account)\b).*/, "$1").slice(0, 200),
      referrer: from && from !== location.host ? from : undefined,
      utm_source: word("utm_source"), utm_medium: word("utm_medium"), utm_campaign: word("utm_campaign"),
      language: navigator.language,
      tablet: pad || undefined,
    };
  }

  /* How long somebody stayed shows when they look away; a glance adds nothing. */
  function leaving() {
    if (document.visibilityState !== "hidden" || !sign || Date.now() - sign < 5_000) return;
    sign = Date.now();
    post("track", { visitor: visitor(), stayed_at: new Date().toISOString() }).catch(complain);
  }

  // --- what a theme may tell for its shopper (docs/storefront.md): each gives whether it was kept

  async function declare(kind, product) {
    return tell("track", { views: [view(kind, { product_id: String(product) })] });
  }

  /* Call it in a click that says so: the browser then asks the shopper. Two decimals, about a kilometre, leave the browser. */
  async function shareLocation() {
    const { coords } = await new Promise((found, failed) =>
      navigator.geolocation.getCurrentPosition(found, failed, { maximumAge: DAY, timeout: PATIENCE }));
    const round = (degrees) => Math.round(degrees * 100) / 100;
    return tell("location", { latitude: round(coords.latitude), longitude: round(coords.longitude) });
  }

  /* Only where the shopper lets the shop remember choices, or has turned the bell on. */
  async function tell(path, body) {
    const { public_key: key } = editing ? {} : await configuration();
    if (!key || !(keep("endpoint") || (await may("preferences")) || (await may("analytics")))) return false;
    await post(path, { visitor: visitor(), ...body });
    return true;
  }

  /* The web pixel notes when Beckon took an event of this browser; while it works, it alone tells what was looked at. */
  const pixelTells = () => Date.now() - keep("pixel") < DAY;

  /* Whether the shopper allows a purpose: "analytics", "preferences". */
  function may(purpose) {
    return new Promise((resolve) => {
      if (!shopify || !shopify.loadFeatures) return resolve(false); // nobody to ask: nothing is tracked
      const name = `${purpose}ProcessingAllowed`;
      const answer = () => resolve(Boolean(shopify.customerPrivacy?.[name]?.()));
      if (shopify.customerPrivacy?.[name]) return answer();
      shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], (error) => (error ? resolve(false) : answer()));
    });
  }

  async function cartToken() {
    try {
      const cart = await (await fetch(`${shopify?.routes?.root || "/"}cart.js`, { cache: "no-store" })).json();
      return cart.item_count ? cart.token : undefined;
    } catch {
      return undefined;
    }
  }

  /* Themes add to the cart without a page view; the network tells. */
  function watchCart() {
    if (!window.PerformanceObserver) return;
    new PerformanceObserver((seen) => {
      if (seen.getEntries().some(({ name }) => /\/cart\/(add|change|update)/.test(name))) track().catch(complain);
    }).observe({ type: "resource" });
  }

  // --- the bell

  function Bell(words, key, only) {
    if (said.title) words.ask_title = said.title;
    if (said.promise) words.ask_text = said.promise;
    const host = document.createElement("beckon-bell");
    host.lang = words.lang || "";
    const root = host.attachShadow({ mode: "open" });
    root.innerHTML = `
      <div class="corner" hidden>
        <button class="bell" type="button" aria-expanded="false" aria-controls="panel"><svg viewBox="0 0 24 24" width="22" height="22"
          aria-hidden="true"><path d="M6 9.5a6 6 0 0 1 12 0c0 4.5 1.8 6 1.8 6H4.2S6 14 6 9.5M10 19a2.2 2.2 0 0 0 4 0"/></svg></button>
        <section class="panel" id="panel" role="dialog" aria-labelledby="title" aria-describedby="text" hidden>
          <h2 id="title" tabindex="-1" dir="auto"></h2><p id="text" dir="auto"></p><p role="status" dir="auto"></p>
          <div class="buttons"><button class="yes" type="button"></button><button class="no" type="button"></button></div>
        </section>
      </div>`;
    const part = (css) => root.querySelector(css);
    const [corner, bell, panel, status] = [".corner", ".bell", ".panel", "[role=status]"].map(part);
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = said.style || new URL("push.css", script.src);
    style.onload = () => { corner.hidden = false; };
    root.prepend(style);
    corner.dataset.side = said.side === "left" ? "left" : "right";
    if (said.lift) corner.style.setProperty("--lift", `${parseInt(said.lift, 10)}px`);
    paint(said.color);
    bell.setAttribute("aria-label", words.label);
    bell.title = words.label;
    calm();

    const acts = { // what the two buttons of each screen do
      ask: [agree, later],
      on: [close, leave],
      off: [close],
      denied: [close],
      ios: [close],
      failed: [() => again(), later],
    };
    let again = agree;

    /* The merchant's color, with a text on it and an icon on white that can be read. */
    function paint(color) {
      if (!/^#[0-9a-f]{6}$/i.test(color || "")) return;
      const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
      const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2;
      corner.style.setProperty("--color", color);
      corner.style.setProperty("--on-color", light ? "#1a1a1a" : "#fff");
      corner.style.setProperty("--icon", light ? "#1a1a1a" : color);
    }

    function show(name) {
      panel.dataset.screen = name;
      status.textContent = "";
      part("#title").textContent = words[`${name}_title`];
      part("#text").textContent = words[`${name}_text`];
      for (const [index, css] of ["yes", "no"].entries()) {
        const button = part(`.${css}`);
        button.textContent = words[`${name}_${css}`] || "";
        button.hidden = !acts[name][index];
        button.onclick = acts[name][index];
      }
      calm();
      if (!panel.hidden) part("#title").focus();
    }

    function open() {
      panel.hidden = false;
      bell.setAttribute("aria-expanded", "true");
      show(editing ? "ask" : only || (Notification.permission === "denied" ? "denied" : Notification.permission === "granted" && keep("endpoint") ? "on" : "ask"));
    }

    function close() {
      panel.hidden = true;
      bell.setAttribute("aria-expanded", "false");
      bell.focus();
    }

    /* The browser's own question comes first: it must be asked inside the click. */
    async function agree() {
      if (panel.ariaBusy === "true") return;
      if (editing) return void (status.textContent = words.editor);
      again = agree;
      const question = Notification.requestPermission();
      busy(true);
      try {
        const permission = await question;
        if (permission === "denied") show("denied");
        if (permission !== "granted") return;
        keep("wording", `${words.ask_title}: ${words.ask_text}`.slice(0, 1000));
        keep("later", null);
        await subscribe(key);
        show("on");
        track().catch(complain);
      } catch (error) {
        complain(error);
        show("failed");
      } finally {
        busy(false);
      }
    }

    function later() {
      if (!editing) keep("later", Date.now());
      calm();
      close();
    }

    async function leave() {
      again = leave;
      busy(true);
      try {
        await unsubscribe();
        show("off");
      } catch (error) {
        complain(error);
        show("failed");
      } finally {
        busy(false);
      }
    }

    function busy(now) {
      panel.ariaBusy = String(now);
      status.textContent = now ? words.working : "";
    }

    /* After an answer of any kind the bell keeps small. */
    function calm() {
      const answered = Date.now() - (keep("later") || 0) < QUIET || keep("endpoint") || (can && Notification.permission === "denied");
      bell.classList.toggle("calm", Boolean(answered && !editing));
    }

    bell.onclick = () => (panel.hidden ? open() : close());
    corner.onkeydown = (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
    };
    document.body.append(host);
  }

  /* iOS has push only for web apps on the Home Screen, and a web app needs a manifest. */
  function offerHomeScreen() {
    if (!document.querySelector("link[rel=manifest]")) {
      const manifest = document.createElement("link");
      manifest.rel = "manifest";
      manifest.href = `${proxy}manifest.json`;
      document.head.append(manifest);
    }
    return "ios";
  }

  // --- small things

  function visitor() {
    return keep("visitor") || keep("visitor", crypto.randomUUID());
  }

  function language() {
    return said.locale || navigator.language || "en";
  }

  /* keep(name) reads, keep(name, value) writes, null forgets; without storage it forgets by itself. */
  const memory = {};
  function keep(name, value) {
    try {
      if (value === null) localStorage.removeItem(`beckon:${name}`);
      else if (value !== undefined) localStorage.setItem(`beckon:${name}`, value);
      else return localStorage.getItem(`beckon:${name}`);
    } catch {
      if (value === undefined) return memory[name] ?? null;
      memory[name] = value;
    }
    return value;
  }

  function within(time, promise) {
    return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("the push service does not answer")), time))]);
  }

  function complain(error) {
    console.warn("Beckon:", error);
  }
})();
