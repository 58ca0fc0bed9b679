// A push service that takes everything, over HTTP/1.1 and HTTP/2: node push_sink.mjs PORT KEY CHAIN.
// /slow/… is answered after 40 to 120 ms, as services far away do, anything else at once.
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";

const [port, key, cert] = process.argv.slice(2);
const options = {
  allowHTTP1: true,
  key: readFileSync(key),
  cert: readFileSync(cert),
  settings: { maxConcurrentStreams: 100 },
  keepAliveTimeout: 60_000,
};

createSecureServer(options, (request, response) => {
  const answer = () => response.writeHead(201).end();
  request.resume().on("end", () => {
    if (request.url.startsWith("/slow/")) setTimeout(answer, 40 + 80 * Math.random());
    else answer();
  });
}).listen(Number(port), "127.0.0.1", 1024);
