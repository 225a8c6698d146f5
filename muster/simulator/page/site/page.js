// The page: hears what changes in the world, and lets each part show it.

import { byId, byText, h, say } from "./dom.js";
import { addCalls, showCalls } from "./calls.js";
import { showJobs } from "./jobs.js";
import { find, showMachines, showRpo } from "./machines.js";
import { tellNews } from "./news.js";
import { drawPeerings, many, showNetworks } from "./networks.js";
import { azureNow, clock, day, keepTime, span, tick } from "./time.js";

const TABLES = ["regions", "networks", "machines", "rpo", "jobs", "buckets", "throttled", "faults"];
const SILENCE = 8_000; // ms without a word, which comes every two seconds at the least
const world = { head: null, tables: {} };
for (const name of TABLES) world.tables[name] = new Map();
let stream = null, heard = 0, lostAt = 0, version = null, paused = false;

function take(message) {
  if (version && version !== message.page) return location.reload(); // a newer simulator
  version = message.page;
  keepTime(message.head, message.wall);
  const before = world.head ? new Map(world.tables.machines) : null;
  world.head = message.head;
  const changed = {};
  for (const name of TABLES) changed[name] = merge(name, message);
  show(message, changed);
  tellNews(world, before, changed.machines);
  return null;
}

// The keys that changed or went; in a whole message everything did.
function merge(name, { whole, set, gone }) {
  const table = world.tables[name], keys = new Set(gone[name] || []);
  if (whole) {
    for (const key of table.keys()) keys.add(key);
    table.clear();
  }
  for (const key of gone[name] || []) table.delete(key);
  for (const [key, row] of Object.entries(set[name] || {})) {
    table.set(key, row);
    keys.add(key);
  }
  return keys;
}

function show({ whole, calls }, changed) {
  const { head } = world;
  showHead(head);
  const places = changed.networks.size + changed.regions.size > 0;
  if (whole || places) showNetworks(world);
  if (places) for (const key of world.tables.machines.keys()) changed.machines.add(key);
  if (whole || changed.machines.size) showMachines(world, changed.machines);
  showRpo(world, changed.rpo);
  if (whole || changed.jobs.size) showJobs(world, changed.jobs);
  if (whole || changed.faults.size) showFaults();
  if (whole || changed.buckets.size || changed.throttled.size) showThrottling();
  addCalls(calls, whole, head.counts.calls);
  showTime();
}

function showHead(head) {
  const { counts } = head;
  document.title = `${head.world}: simulator`;
  say(byId("world"), head.world);
  say(byId("counts"), [
    many(counts.machines, "machine"), `${counts.protected.toLocaleString("en")} protected`,
    many(counts.copies, "test copy", "test copies"), many(counts.networks, "network"),
    `${many(counts.running, "job")} running`,
  ].join(" · "));
  say(byId("speed"), `${head.speed}×`);
  say(byId("pace"), head.stands_at !== null ? "time stands still (POST time/resume)"
    : head.speed === 1 ? "as Azure" : `a minute takes ${span(60 / head.speed)}`);
  say(byId("status"), head.status);
  byId("status").className = `big ${head.status === "running" ? "good" : "bad"}`;
  say(byId("health"), head.status === "running" ? "no error of its own" : "see below");
  const alarm = head.mishaps.map((one) => `${one.at}: ${one.what}`).join("; ");
  byId("alarm").hidden = !alarm;
  say(byId("alarm"), alarm && "The simulator itself went wrong, and its world may be half changed "
    + `(${many(head.mishap_count, "error")}). The last: ${alarm}`);
}

function showFaults() {
  const faults = [...world.tables.faults.values()].sort((a, b) => byText(a.title, b.title));
  byId("no-faults").hidden = faults.length > 0;
  byId("faults").replaceChildren(...faults.map((fault) => h("li", null,
    h("p", { class: "name" }, h("b", null, fault.title)),
    h("p", { class: "small muted" }, [fault.does, fault.origin,
      fault.fired === null ? "" : `fired ${many(fault.fired, "time")}`]
      .filter(Boolean).join(" · ")))));
}

function showThrottling() {
  const buckets = [...world.tables.buckets.values()];
  buckets.sort((a, b) => byText(a.who, b.who) || byText(a.kind, b.kind));
  byId("no-buckets").hidden = buckets.length > 0;
  byId("buckets").replaceChildren(...buckets.map((one) => h("li", { class: "bucket" },
    h("span", null, `${one.who}, ${one.kind} of the ${one.scope}`),
    h("span", { class: one.left < one.size / 10 ? "n bad" : "n muted" },
      `${one.left.toLocaleString("en")} of ${one.size.toLocaleString("en")} left`),
    h("meter", { min: 0, max: one.size, low: one.size / 10, value: one.left,
                 "aria-label": `Left for ${one.who}, ${one.kind}` }))));
  const refused = [...world.tables.throttled].map(([who, n]) => `${who || "nobody known"} ${n}`);
  say(byId("throttled"), refused.length ? `Refused with 429: ${refused.join(", ")}.` : "");
}

function showLink() {
  const now = Date.now(), live = stream && heard && now - heard < SILENCE;
  if (live) lostAt = 0;
  else lostAt ||= now;
  const words = paused ? "paused" : live ? "live" : heard ? "reconnecting" : "connecting";
  say(byId("link"), words);
  byId("link").className = `big ${live && !paused ? "good" : paused ? "muted" : "bad"}`;
  document.body.classList.toggle("stale", !live && heard > 0);
  if (!paused && !live && now - lostAt > SILENCE) connect();
}

function connect() {
  stream?.close();
  lostAt = Date.now();
  stream = new EventSource("stream");
  stream.onmessage = (event) => {
    heard = Date.now();
    take(JSON.parse(event.data));
    showLink();
  };
  stream.onerror = () => {
    heard = Math.min(heard, Date.now() - SILENCE); // it tries again by itself, once a second
    showLink();
  };
}

function disconnect() {
  stream?.close();
  stream = null;
  showLink();
}

function beat() {
  if (!world.head) return showLink();
  if (!paused) showTime();
  return showLink();
}

function showTime() {
  const now = azureNow();
  say(byId("clock"), clock(now));
  say(byId("date"), day(now));
  tick(document);
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  say(byId("pause"), paused ? "Go on" : "Pause");
  if (paused) disconnect();
  else connect();
});
// A browser has six connections for one address: pages that nobody looks at give theirs back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) disconnect();
  else if (!paused) connect();
});
byId("find").addEventListener("input", find);
for (const id of ["by-client", "by-status", "acts"]) byId(id).addEventListener("change", showCalls);
new ResizeObserver(() => world.head && drawPeerings(world)).observe(byId("map"));
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
setInterval(beat, calm ? 1000 : 250);
connect();
