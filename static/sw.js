/* Beckon's service worker. The app proxy serves it below its own path, so it controls no page of the shop: it shows
   messages, opens what they point to, and reports both. Every push shows something, whatever goes wrong: a browser
   takes the permission away from a site that stays silent. */
"use strict";

const PROXY = self.registration.scope;
const NEWS = { title: self.location.hostname, navigate: "/", body: "", data: {} };
const closedByUs = new Set();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
self.addEventListener("notificationclose", (event) => event.waitUntil(dismissed(event.notification)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(resubscribe(event)));

async function show(pushed) {
  const message = { ...NEWS, ...read(pushed) };
  try {
    await notify(message);
  } catch {
    await notify({ ...NEWS, title: String(message.title), data: message.data });
  }
  await report(message.data, "shown");
}

/* The payload is a declarative push message: browsers that know the format show it without us. */
function read(pushed) {
  try {
    const { notification } = pushed.json();
    return notification && notification.title ? { ...notification, data: { ...notification.data } } : {};
  } catch {
    return {};
  }
}

/* The same tag again replaces what is shown, without a second sound. */
function notify({ title, navigate, body, tag, icon, image, lang, silent, data }) {
  const options = { body, tag, icon, image, lang, silent, data: { ...data, navigate } };
  for (const name of Object.keys(options)) if (options[name] === undefined || options[name] === null) delete options[name];
  return self.registration.showNotification(title, options);
}

async function open(notification) {
  const { navigate, delivery } = notification.data || {};
  closedByUs.add(delivery); // Firefox tells of this closing too
  notification.close();
  await Promise.all([visit(address(navigate)), report({ delivery }, "clicked")]);
}

/* Brings forward the tab that already shows the page, or opens one. */
async function visit(url) {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = tabs.find((open) => same(open.url, url));
  if (tab) return tab.focus();
  return self.clients.openWindow(url.href).catch(() => self.clients.openWindow("/"));
}

function address(navigate) {
  try {
    const url = new URL(navigate, self.location.origin);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {} // the shop's front door instead
  return new URL("/", self.location.origin);
}

/* The same page, whichever message led there. */
function same(one, other) {
  const [a, b] = [one, other].map((text) => {
    const url = new URL(text);
    for (const name of ["bk", "utm_source", "utm_medium", "utm_campaign"]) url.searchParams.delete(name);
    return url.origin + url.pathname + url.search;
  });
  return a === b;
}

async function dismissed({ data }) {
  if (data && !closedByUs.delete(data.delivery)) await report(data, "dismissed");
}

/* The browser gave the subscription a new endpoint, or lost it. */
async function resubscribe({ oldSubscription, newSubscription }) {
  const { public_key: key } = await (await fetch(`${PROXY}config.json`)).json();
  if (!key) return;
  const fresh =
    newSubscription || (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const { endpoint, keys } = fresh.toJSON();
  const kept = await (await caches.open("beckon")).match(new URL("visitor", PROXY));
  const former = oldSubscription && oldSubscription.endpoint !== endpoint ? oldSubscription.toJSON() : {};
  await post("subscribe", {
    visitor: kept ? await kept.text() : crypto.randomUUID(),
    subscription: { endpoint, keys },
    replaces: former.endpoint,
    replaces_auth: former.keys && former.keys.auth, // proves that it was ours, should the visitor's token be lost
  });
}

async function report(data, kind) {
  if (!data || !data.delivery) return;
  try {
    await post("receipt", { delivery: data.delivery, kind });
  } catch {
    await new Promise((later) => setTimeout(later, 2000));
    await post("receipt", { delivery: data.delivery, kind }).catch(() => undefined); // offline: the proof is lost, not the message
  }
}

async function post(path, body) {
  const answer = await fetch(PROXY + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true,
  });
  if (answer.status >= 500) throw new Error(`${path}: ${answer.status}`);
}
