/* The strict sandbox of a web pixel: a worker that has the language itself, and of the web only what Shopify promises. */
(() => {
  "use strict";
  const PROMISED = "self console setTimeout clearTimeout setInterval clearInterval fetch Headers Request Response".split(" ");
  const LANGUAGE = `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error
    AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl ArrayBuffer Atomics Uint8Array
    Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView
    Map BigInt Set WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect decodeURI decodeURIComponent encodeURI encodeURIComponent escape
    unescape eval isFinite isNaN Iterator WebAssembly SharedArrayBuffer`.split(/\s+/);
  const load = self.importScripts.bind(self);
  const tell = self.postMessage.bind(self);
  const plain = self.fetch.bind(self);
  const Address = self.URL;
  const here = self.location.href;
  const waiting = new Map();
  const hears = { events: [], consent: [], past: [] };
  let calls = 0;
  let extend;

  self.addEventListener("message", ({ data }) => {
    if (data.begin) return begin(data.begin);
    if (data.call) return waiting.get(data.call)(data.answer);
    if (data.consent) return hears.consent.forEach((deed) => run(deed, { customerPrivacy: data.consent }));
    hears.past.push(data.event);
    for (const [name, deed] of hears.events) if (name === data.event.name) run(deed, data.event);
  });

  function begin({ settings, init, shop }) {
    close(shop);
    self.shopify = { extend: (point, callback) => { if (point === "WebPixel::Render") extend = callback; } };
    load("/web-pixel/bundle.js");
    run(extend, {
      settings, init, browser: browser(),
      analytics: { subscribe: (name, deed) => { hears.events.push([name, deed]); hears.past.filter((event) => event.name === name).forEach((event) => run(deed, event)); return () => true; } },
      customerPrivacy: { subscribe: (name, deed) => { if (name === "visitorConsentCollected") hears.consent.push(deed); return () => true; } },
    });
  }

  async function run(deed, given) {
    try { await deed(given); } catch (error) { tell({ complaint: String(error) }); }
  }

  function browser() {
    const ask = (area, method) => (...given) => new Promise((resolve) => { waiting.set(++calls, resolve); tell({ call: calls, area, method, given }); });
    const store = (area) => Object.fromEntries(["getItem", "setItem", "removeItem", "key", "clear"].map((method) => [method, ask(area, method)]));
    return { localStorage: store("localStorage"), sessionStorage: store("sessionStorage"), cookie: { get: ask("cookie", "get"), set: ask("cookie", "set") } };
  }

  /* Takes away everything else, and guards the shop's own origin. */
  function close(shop) {
    for (let place = self; place && place !== Object.prototype; place = Object.getPrototypeOf(place)) {
      for (const name of Object.getOwnPropertyNames(place)) {
        if (PROMISED.includes(name) || LANGUAGE.includes(name) || name === "constructor") continue;
        try { Object.defineProperty(self, name, { value: undefined, writable: true, configurable: true }); } catch {} // not ours to take
      }
    }
    self.fetch = async (input, init) => {
      const url = new Address(typeof input === "string" ? input : input.url, here);
      if (url.origin === shop) throw Object.assign(new Error(`${url.pathname} is on the shop's own origin`), { name: "RestrictedUrlError" });
      return plain(input, init);
    };
  }
})();
