// One line that says what happened last, also to people who hear the page: never more often than
// every two seconds.

import { byId, say } from "./dom.js";
import { azureNow, clock } from "./time.js";

const PAUSE = 2_000;
const waiting = new Map(); // what happened -> to which machines
let timer = 0;

export function tellNews(world, before, changed) {
  if (!before) return;
  for (const key of changed) {
    const was = before.get(key), is = world.tables.machines.get(key);
    for (const what of differences(was, is)) note(what, (is || was).name);
  }
  if (waiting.size && !timer) timer = setTimeout(tell, 200);
}

function* differences(was, is) {
  const had = was?.target?.kind === "copy", has = is?.target?.kind === "copy";
  if (!had && has) yield "test copy appeared";
  if (had && !has) yield "test copy is gone";
  if (had && has && was.target.power !== "running" && is.target.power === "running") {
    yield "test copy has power";
  }
  if (was?.item && is?.item && was.item.health !== is.item.health) {
    yield `replication health ${is.item.health}`;
  }
}

function note(what, name) {
  waiting.set(what, [...(waiting.get(what) || []), name]);
}

function tell() {
  const words = [...waiting].map(([what, names]) =>
    `${names.slice(0, 4).join(", ")}${names.length > 4 ? ` and ${names.length - 4} more` : ""}: ${what}`);
  waiting.clear();
  say(byId("news"), `${clock(azureNow())} ${words.join(" · ")}`);
  timer = setTimeout(() => {
    timer = 0;
    if (waiting.size) tell();
  }, PAUSE);
}
