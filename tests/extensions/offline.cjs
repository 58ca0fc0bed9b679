/* Loaded into Shopify's tools (`node --require`): connections reach this machine alone. */
const net = require("node:net");

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...all) {
  const to = [all[0]].flat()[0];
  if (to && to.host && to.host !== "127.0.0.1") throw new Error(`${to.host} is outside: this runs without a network`);
  return connect.apply(this, all);
};
