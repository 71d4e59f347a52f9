// Holds all flags as a browser does: one request for all of them every so often. Prints a line of JSON when it is
// ready, one when the flags have changed, and one when the server has said ten times that nothing has.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const [baseUrl, token] = process.argv.slice(2);
const statuses = [];

async function counted(...asked) {
  const answer = await fetch(...asked);
  statuses.push(answer.status);
  return answer;
}

function say(event, extra = {}) {
  const client = OpenFeature.getClient();
  console.log(
    JSON.stringify({
      event,
      backend: client.getStringDetails("backend", "none"),
      theme: client.getStringDetails("theme", "none"),
      beta: client.getBooleanDetails("beta/search", false),
      missing: client.getStringDetails("nosuch", "fallback"),
      asNumber: client.getNumberDetails("LOG_DATABASE_CALLS", 7),
      asBoolean: client.getBooleanDetails("theme", true),
      ...extra,
    }),
  );
}

const provider = new OFREPWebProvider({
  baseUrl,
  headers: [["X-API-Key", token]],
  pollInterval: 50,
  changeDetection: "polling",
  cacheMode: "disabled",
  fetchImplementation: counted,
});
await OpenFeature.setContext({ targetingKey: "crm@web", module: "syncScripts" });
try {
  await OpenFeature.setProviderAndWait(provider);
} catch (error) {
  say("refused", { statuses, error: String(error) });
  process.exit(0);
}
say("ready");
OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, async () => {
  say("changed");
  const before = statuses.length;
  while (statuses.slice(before).filter((status) => status === 304).length < 10)
    await new Promise((done) => setTimeout(done, 20));
  say("unchanged", { statuses });
  await OpenFeature.close();
  process.exit(0);
});
