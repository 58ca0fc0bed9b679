/* A stand-in of Shopify's Customer Privacy API. A store without a cookie banner: everybody may be counted, until they say otherwise
   (the button in the footer, or setTrackingConsent). The choice is kept in a cookie. */
(() => {
  "use strict";
  const ALL = { analytics: true, marketing: true, preferences: true, sale_of_data: true };

  function choice() {
    const kept = document.cookie.match(/(?:^|; )privacy=([^;]*)/);
    try { return kept ? { ...ALL, ...JSON.parse(decodeURIComponent(kept[1])) } : ALL; } catch { return ALL; }
  }

  const answer = (yes) => (yes ? "yes" : "no");
  const privacy = {
    analyticsProcessingAllowed: () => choice().analytics,
    marketingAllowed: () => choice().marketing,
    preferencesProcessingAllowed: () => choice().preferences,
    saleOfDataAllowed: () => choice().sale_of_data,
    currentVisitorConsent: () => Object.fromEntries(Object.entries(choice()).map(([name, yes]) => [name, answer(yes)])),
    shouldShowBanner: () => false,
    setTrackingConsent(wanted, done = () => {}) {
      document.cookie = `privacy=${encodeURIComponent(JSON.stringify({ ...choice(), ...wanted }))}; path=/; max-age=31536000; samesite=lax`;
      const { analytics, marketing, preferences, sale_of_data: sale } = choice();
      const detail = { analyticsAllowed: analytics, marketingAllowed: marketing, preferencesAllowed: preferences, saleOfDataAllowed: sale };
      document.dispatchEvent(new CustomEvent("visitorConsentCollected", { detail }));
      done();
    },
  };
  Shopify.loadFeatures = (wanted, done) => { Shopify.customerPrivacy = privacy; done(); };

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-privacy]");
    const say = () => { button.textContent = choice().analytics ? "You are counted. Do not count me" : "You are not counted. Count me"; };
    button.addEventListener("click", () => privacy.setTrackingConsent({ analytics: !choice().analytics }));
    document.addEventListener("visitorConsentCollected", say);
    say();
  });
})();
