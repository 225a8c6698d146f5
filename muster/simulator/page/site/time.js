// Azure's time, worked out from the wall clock as the simulator does; spans and clocks for people.

let epoch = 0, speed = 1, ahead = 0, standsAt = null;

export function keepTime(head, wall) {
  epoch = head.epoch;
  speed = head.speed;
  standsAt = head.stands_at; // paused over the control port
  ahead = wall - Date.now() / 1000;
}

export const azureNow = () => standsAt ?? epoch + (Date.now() / 1000 + ahead - epoch) * speed;

export const clock = (at) => new Date(at * 1000).toISOString().slice(11, 19);

export const day = (at) =>
  new Date(at * 1000).toLocaleDateString("en-GB", {
    weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
  });

export function span(seconds) {
  const s = Math.max(0, seconds);
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 60) return `${s < 10 && s % 1 ? s.toFixed(1) : Math.round(s)} s`;
  const minutes = Math.floor(s / 60), rest = Math.floor(s % 60);
  if (minutes < 60) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

// Azure seconds, whole, and what they are on the wall.
export function left(seconds) {
  if (speed === 1) return span(Math.ceil(seconds));
  return `${span(Math.ceil(seconds))} (here ${span(seconds / speed)})`;
}

// What moves with the clock alone: bars, and how long things still take.
export function tick(root) {
  const now = azureNow();
  for (const bar of root.querySelectorAll("progress[data-ends]")) {
    const starts = Number(bar.dataset.starts), ends = Number(bar.dataset.ends);
    bar.value = Math.min(1, Math.max(0, (now - starts) / (ends - starts || 1)));
  }
  for (const words of root.querySelectorAll("[data-until]")) {
    const rest = Number(words.dataset.until) - now;
    const told = rest > 0 ? `${words.dataset.before || ""}${left(rest)}` : words.dataset.after;
    if (words.textContent !== told) words.textContent = told;
  }
  for (const words of root.querySelectorAll("[data-since]")) {
    const told = `for ${span(Math.floor(Math.max(0, now - Number(words.dataset.since))))}`;
    if (words.textContent !== told) words.textContent = told;
  }
}
