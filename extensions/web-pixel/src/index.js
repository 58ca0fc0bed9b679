/* Beckon's web pixel: what a shopper looks at and how far they get, told to Beckon itself, never to anybody else.
   It runs in Shopify's strict sandbox: no page, no cookies of its own, storage only by asking. Sent are ids, instants, the page's path and
   a checkout's token, by which Shopify tells of it too; no name, no e-mail, no price. A shopper who has not allowed analytics, or whom the bell's script does not know, is not told of. */
import { register } from "@shopify/web-pixels-extension";

/* Each event that is told, and the one thing it is about. */
const TOLD = {
  page_viewed: (_, context) => ({ page: page(context) }),
  product_viewed: ({ productVariant }) => ({ product: productVariant?.product?.id }),
  collection_viewed: ({ collection }) => ({ collection: collection?.id }),
  search_submitted: ({ searchResult }) => ({ words: harmless(searchResult?.query) }),
  cart_viewed: () => ({}),
  product_added_to_cart: ({ cartLine }) => ({ product: cartLine?.merchandise?.product?.id }),
  product_removed_from_cart: ({ cartLine }) => ({ product: cartLine?.merchandise?.product?.id }),
  checkout_started: ({ checkout }) => ({ checkout: checkout?.token }),
  checkout_completed: () => ({}),
};

register(({ analytics, browser, init, settings, customerPrivacy }) => {
  const address = `${settings.endpoint}/${settings.key}`;
  let privacy = init.customerPrivacy;

  customerPrivacy.subscribe("visitorConsentCollected", (event) => {
    privacy = event.customerPrivacy;
  });
  for (const name of Object.keys(TOLD)) analytics.subscribe(name, tell);

  async function tell(event) {
    const consent = privacy; // as it is now, whatever is answered while we wait
    if (!consent?.analyticsProcessingAllowed) return;
    const visitor = await browser.localStorage.getItem("beckon:visitor");
    if (!visitor) return;
    const about = TOLD[event.name](event.data, event.context);
    if (about.page && (await browser.localStorage.getItem("beckon:tablet"))) about.page.tablet = true; // an iPad says Macintosh
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "text/plain" }, // asks no leave beforehand
      body: JSON.stringify({
        id: event.id,
        name: event.name,
        at: event.timestamp,
        visitor,
        consent: {
          analytics: consent.analyticsProcessingAllowed,
          marketing: consent.marketingAllowed,
          preferences: consent.preferencesProcessingAllowed,
          sale_of_data: consent.saleOfDataAllowed,
        },
        ...about,
      }),
      keepalive: true,
    });
    if (answer.status === 202) await browser.localStorage.setItem("beckon:pixel", String(Date.now())); // the bell's script may rest
  }
});

/* Where it is, without tokens and what follows the question mark but for UTM words, and which host led there. */
function page({ document, navigator }) {
  const { pathname, search, host } = document.location;
  const from = /^https?:\/\/([^/?#]+)/.exec(document.referrer || "")?.[1];
  const found = { path: pathname.replace(/(\/(checkouts|orders|account)\b).*/, "$1").slice(0, 200), referrer: from === host ? undefined : from, language: navigator.language };
  for (const [, name, word] of search.matchAll(/[?&](utm_source|utm_medium|utm_campaign)=([^&]{1,300})/g)) found[name] = readable(word);
  return found;
}

function readable(word) {
  try { return decodeURIComponent(word.replace(/\+/g, " ")).slice(0, 100); } catch { return undefined; } // half a letter
}

/* What somebody typed may be a name or a number of theirs: only words that look like goods are told. */
function harmless(query) {
  const words = String(query ?? "").trim().slice(0, 100);
  return /@|\d{5}/.test(words) ? undefined : words || undefined;
}
