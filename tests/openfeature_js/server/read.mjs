// Evaluates flags as an application on a server does, one request each, and prints what it got as JSON.
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const [baseUrl, token] = process.argv.slice(2);
await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl, headers: [["Authorization", `Bearer ${token}`]] }),
);
const client = OpenFeature.getClient();
const sync = { targetingKey: "crm@js", module: "syncScripts", revision: 3, clientVersion: "js 1" };
const told = {
  backend: await client.getStringDetails("backend", "none", sync),
  bare: await client.getStringDetails("backend", "none"),
  slash: await client.getBooleanDetails("beta/search", false),
  theme: await client.getStringDetails("theme", "none"),
  missing: await client.getStringDetails("nosuch", "fallback"),
  asNumber: await client.getNumberDetails("LOG_DATABASE_CALLS", 7),
  asBoolean: await client.getBooleanDetails("theme", true),
  asObject: await client.getObjectDetails("theme", { a: 1 }),
};
await OpenFeature.close();
console.log(JSON.stringify(told));
