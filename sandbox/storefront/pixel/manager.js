/* A stand-in of Shopify's web pixels manager: publishes the store's standard events, and runs the app's built pixel in a worker once the
   visitor has granted every purpose that its extension declares. */
(() => {
  "use strict";
  const told = JSON.parse(document.getElementById("web-pixel").textContent);
  const published = [];
  let worker;

  Shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], () => {});
  const privacy = () => ({
    analyticsProcessingAllowed: Shopify.customerPrivacy.analyticsProcessingAllowed(),
    marketingAllowed: Shopify.customerPrivacy.marketingAllowed(),
    preferencesProcessingAllowed: Shopify.customerPrivacy.preferencesProcessingAllowed(),
    saleOfDataAllowed: Shopify.customerPrivacy.saleOfDataAllowed(),
  });
  const isGranted = () => {
    const now = privacy();
    const { analytics, marketing, preferences, sale_of_data: sale } = told.purposes;
    return (!analytics || now.analyticsProcessingAllowed) && (!marketing || now.marketingAllowed) && (!preferences || now.preferencesProcessingAllowed) && (sale !== "enabled" || now.saleOfDataAllowed);
  };

  function clientId() {
    const kept = document.cookie.match(/(?:^|; )_shopify_y=([^;]*)/);
    const id = kept ? kept[1] : crypto.randomUUID();
    document.cookie = `_shopify_y=${id}; path=/; max-age=31536000; samesite=lax`;
    return id;
  }

  const place = () => Object.fromEntries(["href", "hash", "host", "hostname", "origin", "pathname", "port", "protocol", "search"].map((name) => [name, location[name]]));
  const context = () => ({
    document: { title: document.title, referrer: document.referrer, characterSet: document.characterSet, location: place() },
    navigator: { language: navigator.language, cookieEnabled: navigator.cookieEnabled, languages: [...navigator.languages], userAgent: navigator.userAgent },
    window: { innerWidth, innerHeight, origin: location.origin, location: place() },
  });

  function publish(name, data) {
    const event = { id: `sh-${crypto.randomUUID()}`, name, clientId: clientId(), timestamp: new Date().toISOString(), seq: published.length, type: "standard", context: context(), data };
    published.push(JSON.parse(JSON.stringify(event)));
    if (worker) worker.postMessage({ event: published.at(-1) });
  }

  function start() {
    if (worker || !isGranted()) return;
    worker = new Worker("/web-pixel/worker.js");
    worker.onmessage = ({ data }) => answer(data);
    worker.postMessage({ begin: { settings: told.settings, init: { context: context(), data: told.init, customerPrivacy: privacy() }, shop: location.origin } });
    for (const event of published) worker.postMessage({ event }); // whoever comes late hears what was on this page
  }

  /* What the worker asks of the page: `browser.localStorage`, `browser.sessionStorage`, `browser.cookie`. */
  function answer({ call, area, method, given, complaint }) {
    if (complaint) return console.error("The web pixel:", complaint);
    const stores = {
      localStorage, sessionStorage,
      cookie: {
        get: (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "",
        set: (name, value) => { document.cookie = value === undefined ? name : `${name}=${value}`; return document.cookie; },
      },
    };
    worker.postMessage({ call, answer: stores[area][method](...given) ?? null });
  }

  document.addEventListener("visitorConsentCollected", () => {
    if (worker) worker.postMessage({ consent: privacy() });
    else start();
  });
  window.webPixels = { publish };
  for (const [name, data] of told.events) publish(name, data);
  start();
})();
