/* Beckon's web pixel: what a shopper looks at and how far they get, told to Beckon itself, never to anybody else.
   It runs in Shopify's strict sandbox: no page, no cookies of its own, storage only by asking. Sent are ids and instants; no name, no
   e-mail, no address, no price. A shopper who has not allowed analytics, or whom the bell's script does not know, is not told of. */
import { register } from "@shopify/web-pixels-extension";

/* Each event that is told, and the one thing it is about. */
const TOLD = {
  page_viewed: () => ({}),
  product_viewed: ({ productVariant }) => ({ product: productVariant?.product?.id }),
  collection_viewed: ({ collection }) => ({ collection: collection?.id }),
  search_submitted: ({ searchResult }) => ({ words: harmless(searchResult?.query) }),
  cart_viewed: () => ({}),
  product_added_to_cart: ({ cartLine }) => ({ product: cartLine?.merchandise?.product?.id }),
  product_removed_from_cart: ({ cartLine }) => ({ product: cartLine?.merchandise?.product?.id }),
  checkout_started: () => ({}),
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
        ...TOLD[event.name](event.data),
      }),
      keepalive: true,
    });
    if (answer.status === 202) await browser.localStorage.setItem("beckon:pixel", String(Date.now())); // the bell's script may rest
  }
});

/* What somebody typed may be a name or a number of theirs: only words that look like goods are told. */
function harmless(query) {
  const words = String(query ?? "").trim().slice(0, 100);
  return /@|\d{5}/.test(words) ? undefined : words || undefined;
}
