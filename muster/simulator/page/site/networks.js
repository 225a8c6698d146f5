// The networks of each region beside each other, with peerings as lines between them.

import { byId, byText, h, svg, tag } from "./dom.js";

const WORDS = {
  production: ["production", "slate"],
  joined: ["leads to production", "warn"],
  elsewhere: ["leads out of this world", "warn"],
  isolated: ["isolated", "good"],
};

export function showNetworks(world) {
  const map = byId("map"), { regions, networks } = world.tables;
  const ordered = [...regions].sort((a, b) => a[1].order - b[1].order);
  const columns = ordered.map(([name, region]) => {
    const mine = [...networks].filter(([, network]) => network.region === name);
    mine.sort((a, b) => byText(a[1].name, b[1].name));
    return h("section", { class: "region", "aria-label": `Region ${region.title}` },
      h("h3", null, region.title, " ", h("span", { class: "muted" }, role(region))),
      mine.length ? mine.map(card) : h("p", { class: "empty" }, "No network in this region."));
  });
  const more = world.head.counts.networks - networks.size;
  map.replaceChildren(
    svg("svg", { class: "lines", "aria-hidden": "true" }),
    ...columns,
    more > 0 ? h("p", { class: "small" }, `${more} more networks are not shown.`) : "",
    ordered.length ? "" : h("p", { class: "empty" }, "This world has no network."));
  drawPeerings(world);
}

function role(region) {
  const words = [];
  if (region.source) words.push(`source of ${region.source.toLocaleString("en")}`);
  if (region.target) words.push(`target of ${region.target.toLocaleString("en")}`);
  return words.join(", ");
}

function card([key, network]) {
  const [words, kind] = WORDS[network.reach];
  const wrong = network.copies && network.reach !== "isolated";
  return h("article", { class: `net ${network.reach}`, "data-network": key },
    h("h4", null, network.name, " ", tag(words, kind)),
    h("p", { class: "mono" }, network.ranges.join(", ") || "no range",
      network.alike.length ? h("span", { class: "alike" }, ` = ${network.alike.join(", ")}`) : ""),
    wrong ? h("p", { class: "bad" }, "A test copy stands in a network that is not isolated.") : "",
    h("ul", { class: "subnets" }, network.subnets.map((subnet) =>
      h("li", { class: subnet.machines ? "" : "muted" },
        h("b", null, subnet.name), " ", h("span", { class: "mono" }, subnet.range),
        subnet.nsg ? h("span", { class: "muted" }, ` ${subnet.nsg}`) : "",
        subnet.machines ? h("span", { class: "count" }, subnet.machines.toLocaleString("en")) : ""))),
    h("p", { class: "small muted" }, summary(network)));
}

function summary(network) {
  const words = [];
  if (network.machines) words.push(many(network.machines, "machine"));
  if (network.copies) words.push(many(network.copies, "test copy", "test copies"));
  if (!words.length) words.push("no machine");
  if (network.state !== "Succeeded") words.push(network.state);
  words.push(network.peers.length
    ? `peered with ${network.peers.map((peer) => peer.name).join(", ")}` : "no peering");
  return words.join(" · ");
}

export const many = (n, one, more = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;

// Between columns from edge to edge; within a column as a bow beside it.
export function drawPeerings(world) {
  const map = byId("map"), lines = map.querySelector("svg.lines");
  if (!lines) return;
  const frame = map.getBoundingClientRect(), drawn = new Set(), paths = [];
  const box = (key) => map.querySelector(`[data-network="${key}"]`)?.getBoundingClientRect();
  for (const [key, network] of world.tables.networks) {
    for (const peer of network.peers) {
      const name = [key, peer.to].sort().join();
      const from = box(key), to = box(peer.to);
      if (drawn.has(name) || !from || !to) continue;
      drawn.add(name);
      const back = world.tables.networks.get(peer.to)?.peers.some((other) => other.to === key);
      paths.push(svg("path", { d: way(from, to, frame), class: back ? "" : "half" }));
    }
  }
  lines.replaceChildren(...paths);
}

function way(from, to, frame) {
  const [one, other] = from.left <= to.left ? [from, to] : [to, from];
  const y1 = one.top + one.height / 2 - frame.top, y2 = other.top + other.height / 2 - frame.top;
  const x1 = one.right - frame.left;
  if (Math.abs(one.left - other.left) < 20) {
    return `M${x1} ${y1}C${x1 + 34} ${y1} ${x1 + 34} ${y2} ${x1} ${y2}`;
  }
  const x2 = other.left - frame.left, bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
