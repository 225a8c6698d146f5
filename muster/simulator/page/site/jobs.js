// Jobs with their tasks, how far they are, and how long they still take.

import { Rows, byId, h, say, tag } from "./dom.js";
import { clock, span } from "./time.js";

const MARK = { Succeeded: "✓", InProgress: "▸", Failed: "✗", NotStarted: "○", Suspended: "‖" };
const KIND = { Succeeded: "good", Completed: "good", Failed: "bad", Suspended: "warn",
               Cancelled: "warn", Cancelling: "warn" };
const runs = new Map(), over = new Map();
let running, ended;

export function showJobs(world, changed) {
  running ||= new Rows(byId("jobs"), job, (a, b) => a.starts - b.starts);
  ended ||= new Rows(byId("ended"), past, (a, b) => b.ends - a.ends);
  runs.clear();
  over.clear();
  for (const [key, row] of world.tables.jobs) (row.runs ? runs : over).set(key, row);
  running.show(runs, changed);
  ended.show(over, changed);
  const { counts } = world.head, more = counts.running - runs.size;
  byId("no-jobs").hidden = counts.running > 0;
  say(byId("running"), more > 0 ? `${counts.running}, the first ${runs.size} shown`
    : counts.running ? String(counts.running) : "");
  byId("ended-box").hidden = !over.size;
  say(byId("ended-count"), counts.ended > over.size ? `${over.size} of ${counts.ended}`
    : String(counts.ended));
}

function title(job) {
  return h("p", { class: "name" }, h("b", null, job.title), job.on ? ` · ${job.on}` : "");
}

function job(job) {
  const measured = job.ends !== null && job.starts !== null;
  return h("li", null,
    title(job),
    h("p", { class: "small muted" }, tag(job.text || job.state, KIND[job.state] || "blue"),
      ` ${job.kind} · `, time(job)),
    measured && job.state !== "Suspended"
      ? h("progress", { max: 1, value: 0, "data-starts": job.starts, "data-ends": job.ends,
                        "aria-label": `${job.title} of ${job.on}` }) : "",
    job.tasks.length ? h("details", { open: true },
      h("summary", null, `Tasks: ${done(job.tasks)}`), tree(job.tasks)) : "");
}

function time(job) {
  if (job.ends !== null && job.state !== "Suspended") {
    return h("span", { "data-until": job.ends, "data-before": "still ",
                       "data-after": "about to end" });
  }
  if (job.starts === null) return "waits for its turn";
  return h("span", { "data-since": job.starts });
}

function done(tasks) {
  const all = tasks.flatMap(leaves);
  return `${all.filter((one) => one.state === "Succeeded").length} of ${all.length} done`;
}

const leaves = (task) => (task.tasks.length ? task.tasks.flatMap(leaves) : [task]);

function tree(tasks) {
  return h("ul", { class: "tasks" }, tasks.map((task) =>
    h("li", { class: `task ${task.state}` },
      h("span", { "aria-hidden": "true" }, `${MARK[task.state] || "–"} `), task.name,
      h("span", { class: "unseen" }, ` ${task.state}`),
      task.tasks.length ? tree(task.tasks) : "")));
}

function past(job) {
  return h("li", null,
    title(job),
    h("p", { class: "small muted" }, tag(job.text || job.state, KIND[job.state] || ""),
      ` at ${clock(job.ends)}, took ${span(job.ends - job.starts)}`),
    job.error ? h("p", { class: "small bad" }, `${job.error.code}: ${job.error.message}`) : "");
}
