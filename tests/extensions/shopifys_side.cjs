/* Loaded into Shopify's command line (`node --require`): every request it makes over https is answered here, on loopback, as Shopify
   would answer about an app that is linked but was never deployed. (offline.cjs lets nothing else out.) What is validated is the
   command line's own business: its schemas run as they are. */
const http = require("node:http");
const https = require("node:https");

const ORGANIZATION = "Z2lkOi8vb3JnYW5pemF0aW9uL09yZ2FuaXphdGlvbi8x"; // gid://organization/Organization/1

/* Shopify names the kinds of extensions and of configuration that an app may have; the command line knows how each is written. */
const kind = (identifier, experience) => ({
  name: identifier,
  identifier,
  externalIdentifier: `${identifier}_external`,
  experience,
  features: [],
  uidStrategy: { __typename: experience === "extension" ? "UidStrategiesClientProvided" : "UidStrategiesStatic", appModuleLimit: 50, isClientProvided: experience === "extension" },
  validationSchema: null,
});
const SPECIFICATIONS = [
  ...["app_home", "app_access", "app_proxy", "branding", "point_of_sale", "privacy_compliance_webhooks", "webhooks", "webhook_subscription"].map((each) => kind(each, "configuration")),
  ...["theme_app_extension", "web_pixel_extension"].map((each) => kind(each, "extension")),
];

const ANSWERS = {
  UserInfo: () => ({ currentUserAccount: { uuid: "u", email: "alice@example.com", organizations: { nodes: [{ name: "Alice", __typename: "Organization" }] } } }),
  FindOrganizations: () => ({ currentUserAccount: { organization: { id: ORGANIZATION, name: "Alice" } } }),
  ActiveAppReleaseFromApiKey: ({ apiKey }) => ({
    app: {
      id: "gid://shopify/App/1",
      key: apiKey,
      organizationId: "1",
      activeRoot: { clientCredentials: { secrets: [{ key: "hush" }] }, grantedShopifyApprovalScopes: [] },
      activeRelease: { id: "1", version: { name: "1", appModules: [] } },
    },
  }),
  fetchSpecifications: () => ({ specifications: SPECIFICATIONS }),
};

function answer(path, body) {
  if (path.startsWith("/oauth/token")) return { access_token: "a", refresh_token: "r", expires_in: 3600, scope: "", token_type: "Bearer" };
  let asked = {};
  try { asked = JSON.parse(body); } catch {} // a form, or nothing
  const known = ANSWERS[asked.operationName];
  return { data: known ? known(asked.variables || {}) : {} };
}

const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => { body += piece; });
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer(request.url, body)));
  });
});
server.listen(0, "127.0.0.1");
server.unref();

https.request = (first, second, third) => {
  const url = typeof first === "string" || first instanceof URL ? new URL(first) : null;
  const options = { ...(url ? second : first) };
  const told = [second, third].find((each) => typeof each === "function");
  const path = url ? url.pathname + url.search : options.path;
  return http.request({ method: options.method, headers: options.headers, signal: options.signal, host: "127.0.0.1", port: server.address().port, path }, told);
};
https.get = (...all) => https.request(...all).end();
