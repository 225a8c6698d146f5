// The last calls, newest first, by client and by answer.

import { byId, h, say } from "./dom.js";
import { clock } from "./time.js";

const KEPT = 600, SHOWN = 60;
let calls = [], clients = new Set();

export function addCalls(given, whole, count) {
  if (whole) calls = [];
  const last = calls[0]?.n || 0;
  const fresh = given.filter((call) => call.n > last).reverse();
  calls = [...fresh, ...calls].slice(0, KEPT);
  for (const call of fresh) addClient(call.client);
  say(byId("call-count"), count ? count.toLocaleString("en") : "");
  if (whole) return showCalls();
  const box = byId("calls");
  box.prepend(...fresh.filter(wanted).slice(0, SHOWN).map(row));
  while (box.childElementCount > SHOWN) box.lastElementChild.remove();
  return sayEmpty();
}

export function showCalls() {
  byId("calls").replaceChildren(...calls.filter(wanted).slice(0, SHOWN).map(row));
  sayEmpty();
}

function addClient(name) {
  if (clients.has(name)) return;
  clients.add(name);
  byId("by-client").append(h("option", { value: name || "-" }, name || "nobody known"));
}

function wanted(call) {
  const client = byId("by-client").value, status = byId("by-status").value;
  return (!client || (call.client || "-") === client)
    && String(call.status).startsWith(status)
    && !(byId("acts").checked && call.read);
}

function sayEmpty() {
  const empty = !byId("calls").childElementCount;
  say(byId("no-calls"), calls.length ? "No call of late is such a one."
    : "Nobody has asked for anything since the simulator started.");
  byId("no-calls").hidden = !empty;
}

function row(call) {
  const kind = call.status >= 500 || call.status === 429 ? "bad" : call.status >= 400 ? "warn" : "";
  return h("tr", { class: kind },
    h("td", { class: "mono" }, clock(call.at)),
    h("td", null, call.client || h("span", { class: "muted" }, "nobody known")),
    h("td", { title: call.kind }, h("span", { class: "verb" }, call.method), ` ${call.operation}`),
    h("td", null, call.on),
    h("td", { class: kind }, String(call.status)),
    h("td", { class: "n" }, call.ms < 10 ? `${call.ms.toFixed(1)} ms` : `${Math.round(call.ms)} ms`));
}
