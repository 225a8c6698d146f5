// Each source machine beside its replication and what came of it on the other side.

import { Rows, byId, byText, h, say, tag } from "./dom.js";
import { clock, span } from "./time.js";

const HEALTH = { Normal: "good", Warning: "warn", Critical: "bad" };
const POWER = { running: "good", starting: "warn", stopping: "warn", deallocating: "warn" };
const LONG = 40; // rows; a longer table scrolls by itself, so that what follows is in reach
let world, rows;

export function showMachines(given, changed) {
  world = given;
  const { machines, networks } = world.tables;
  rows ||= new Rows(byId("machines"), row, (a, b) =>
    byText(networkOf(a), networkOf(b)) || byText(a.name, b.name));
  rows.show(machines, changed);
  const box = byId("machines-box"), long = machines.size > LONG;
  box.classList.toggle("long", long);
  box.tabIndex = long ? 0 : -1;
  if (networks.size || machines.size) find();
}

const networkOf = (row) => nameOf((row.source || row.target)?.network);
const region = (name) => world.tables.regions.get(name)?.title || name;
const nameOf = (key) => world.tables.networks.get(key)?.name || "";

function row(row, key) {
  return h("tr", { id: `m-${key}`, "data-words": words(row) },
    h("td", { headers: "c-source" }, row.source ? machine(row.source, row) :
      h("span", { class: "muted" }, row.item ? "The source is gone." : "")),
    h("td", { headers: "c-item", class: row.item && row.source ? "link" : "" }, row.item ? item(row.item, key) :
      h("span", { class: "muted" }, "not protected")),
    h("td", { headers: "c-target", class: row.item && row.target ? "link" : "" },
      row.target ? machine(row.target, row) :
      row.item ? h("span", { class: "muted" }, `none in ${region(row.item.to)}`) : ""));
}

function words(row) {
  const sides = [row.source, row.target].filter(Boolean);
  const found = sides.flatMap((vm) => [vm.name, nameOf(vm.network), vm.subnet, vm.power, vm.kind]);
  if (row.item) found.push(row.item.text, row.item.health, row.item.test_text, row.item.vault);
  return [row.name, ...found].join(" ").toLowerCase();
}

function machine(vm, row) {
  const network = world.tables.networks.get(vm.network), reach = network?.reach || "";
  const isCopy = vm.kind === "copy";
  return h("div", { class: isCopy ? `vm copy ${reach}` : "vm" },
    h("p", { class: "name" }, h("b", null, vm.name), " ",
      isCopy ? tag("test copy", "copy") : vm.kind === "recovered" ? tag("failed over", "blue") : "",
      " ", tag(vm.power, POWER[vm.power] || "")),
    h("p", { class: "small" }, h("span", { class: "muted" }, `${region(vm.region)} · `),
      network ? network.name : "no network",
      vm.subnet ? ` / ${vm.subnet} ` : " ", h("span", { class: "mono" }, vm.address)),
    isCopy ? h("p", { class: reach === "isolated" ? "small good" : "small bad" },
      reach === "isolated" ? "in an isolated network" : "in a network that is not isolated") : "",
    state(vm),
    row.source && vm !== row.source && vm.as_of
      ? h("p", { class: "small muted" }, `data as of ${clock(vm.as_of)}`) : "");
}

function state(vm) {
  const found = [];
  if (vm.provisioning && vm.provisioning !== "Succeeded") found.push(vm.provisioning);
  if (vm.never_boots) found.push("its system never boots");
  if ((vm.kind === "copy" || vm.kind === "recovered") && vm.boots_at) {
    found.push(h("span", { "data-until": vm.boots_at, "data-before": "system up in ",
                           "data-after": `system up since ${clock(vm.boots_at)}` }));
  }
  return found.length ? h("p", { class: "small muted" }, found.flatMap((one) => [one, " "])) : "";
}

function item(item, key) {
  const test = item.test !== "None";
  return h("div", { class: "item" },
    h("p", { class: "name" }, tag(item.health, HEALTH[item.health] || "warn"), " ", item.text,
      item.percent ? ` ${item.percent} %` : ""),
    h("p", { class: "small muted" }, "RPO ", h("span", { "data-rpo": key }, rpo(key)),
      ` · ${item.vault}`),
    test ? h("p", { class: "small blue" }, `${item.test_text}`) : "",
    item.busy && !test ? h("p", { class: "small blue" }, `${item.busy} is under way`) : "",
    item.faults.length ? h("p", { class: "small bad" },
      `made to fail: ${item.faults.join(", ").replaceAll("_", " ")}`) : "");
}

const rpo = (key) => {
  const known = world.tables.rpo.get(key);
  return known ? span(known[0]) : "none yet";
};

export function showRpo(given, changed) {
  world = given;
  for (const key of changed) {
    const cell = byId(`m-${key}`)?.querySelector("[data-rpo]");
    if (cell) say(cell, rpo(key));
  }
}

export function find() {
  const wanted = byId("find").value.trim().toLowerCase();
  let shown = 0;
  for (const element of rows?.elements.values() || []) {
    element.hidden = wanted !== "" && !element.dataset.words.includes(wanted);
    shown += !element.hidden;
  }
  const { machines } = world.tables, more = world.head.counts.machines - machines.size;
  const told = !machines.size ? "This world has no machine."
    : !shown ? `No machine has “${wanted}” in its name, networks or states.`
    : more > 0 ? `${more} more machines are not shown.` : "";
  say(byId("no-machines"), told);
  byId("no-machines").hidden = !told;
}
