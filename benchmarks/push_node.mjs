// node's web-push with a connection pool, a hundred under way: node push_node.mjs FILE. Prints CPU microseconds a message.
// FILE: {"subscriptions": […], "payload": "…", "vapidDetails": {…}, "ca": "path"}
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import webpush from "web-push";

const asked = JSON.parse(readFileSync(process.argv[2]));
const agent = new Agent({ keepAlive: true, maxSockets: 100, ca: readFileSync(asked.ca) });
const options = { agent, TTL: 86_400, urgency: "normal", vapidDetails: asked.vapidDetails };

async function send(subscriptions) {
  const waiting = subscriptions.values();
  const one = async () => {
    for (const subscription of waiting) await webpush.sendNotification(subscription, asked.payload, options);
  };
  await Promise.all(Array.from({ length: 100 }, one));
}

await send(asked.subscriptions.slice(0, 200)); // compiled and connected
const before = process.cpuUsage();
await send(asked.subscriptions);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / asked.subscriptions.length);
agent.destroy();
