// The dashboard: asks for its state every second while jobs run and the page is seen, else less often.
import { words } from "./words.js";

const KEY = "aiserver-token";
const HOME = new URL("..", import.meta.url).href.replace(/\/$/, ""); // a proxy may have put the server below a path
const LOOK_AGAIN = { busy: 1000, idle: 3000, lost: 3000 };
const ORDER = [
  "segment", "background", "composite", "refine", "self_check", "analyse", "design", "render", "export",
  "look", "locate", "edit", "check", "finish",
];
const ICONS = { ok: "M3 8.5l3.5 3.5L13 4.5", care: "M8 3v6M8 12.5v.01", bad: "M4 4l8 8M12 4l-8 8" };
const say = words(navigator.language);
const at = (id) => document.getElementById(id);
const pictures = new Map();

function put(kind, attributes = {}, ...children) {
  const svg = ["svg", "rect", "path", "title"].includes(kind);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", kind) : document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function headers() {
  const token = sessionStorage.getItem(KEY);
  const bytes = token ? new TextEncoder().encode(token) : null;
  const ascii = bytes ? String.fromCharCode(...bytes) : "";
  return { "Accept-Language": document.documentElement.lang, ...(token ? { Authorization: `Bearer ${ascii}` } : {}) };
}

async function fetched(path) {
  const answer = await fetch(HOME + path, { headers: headers() });
  return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
}

// An <img> can't carry the token. Known pictures are set at once, so that a new drawing doesn't flicker.
async function picture(image, path) {
  if (!pictures.has(path)) pictures.set(path, await fetched(path));
  if (pictures.get(path)) image.src = pictures.get(path);
}

function state(job) {
  const kind = { completed: "ok", failed: "bad", stopped: "care" }[job.status] ?? "";
  const icon = kind ? put("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, put("path", { d: ICONS[kind] })) : null;
  return put("span", { class: `state ${kind}` }, icon, say(job.status));
}

function track(percent, label) {
  const svg = put("svg", { class: "track", role: "img", "aria-label": label, preserveAspectRatio: "none" });
  svg.append(put("rect", { class: "bed", width: "100%", height: 8, rx: 4 }));
  svg.append(put("rect", { class: "done", width: `${Math.max(0, Math.min(100, percent))}%`, height: 8, rx: 4 }));
  return svg;
}

function timing(steps) {
  const total = steps.reduce((sum, [, seconds]) => sum + seconds, 0);
  const svg = put("svg", { class: "timing", "aria-hidden": "true" });
  let from = 0;
  for (const [name, seconds] of steps) {
    const wide = (100 * seconds) / total;
    svg.append(put("rect", { x: `${from}%`, width: `${Math.max(0, wide - 0.3)}%`, height: 8 }, put("title", {}, say(name))));
    from += wide;
  }
  return svg;
}

function times(job) {
  const steps = Object.entries(job.step_seconds).filter(([, seconds]) => seconds >= 0.005);
  if (!steps.length) return [];
  const list = put("p", { class: "times" });
  for (const [name, seconds] of steps) list.append(put("span", {}, `${say(name)} `, put("b", {}, say.seconds(seconds))));
  return [timing(steps), list];
}

function left(job) {
  if (job.eta_seconds === null || job.eta_seconds === undefined) return "";
  return job.eta_seconds > 0 ? say("left", say.seconds(job.eta_seconds)) : say("soon");
}

function jobRow(job) {
  const image = put("img", { class: "thumb", alt: "", width: 96, height: 96 });
  if (job.thumbnail) picture(image, job.thumbnail);
  const place = put("span", { class: "thumb" }, job.thumbnail ? image : "");
  const moving = job.status === "running" || job.status === "pending";
  const said = moving || job.status === "failed" ? [job.message, moving ? left(job) : ""].filter(Boolean).join(" · ") : "";
  const first = put("div", { class: "first" }, put("span", { class: "what" }, job.words || say(job.kind)), state(job),
    put("span", { class: "small soft" }, `${say(job.kind)} · ${say.time(job.created_at)}${job.elapsed_sec ? ` · ${say.seconds(job.elapsed_sec)}` : ""}`));
  const bar = job.status === "running" ? track(job.progress_percent, `${Math.round(job.progress_percent)} %`) : null;
  const id = put("p", { class: "small soft" }, job.job_id);
  return put("li", { class: "job" }, place, first, put("p", { class: "said", ...(said ? {} : { hidden: "" }) }, said),
    put("div", {}, bar ?? "", ...times(job)), id);
}

function laneCard(lane, workers) {
  const slots = put("div", { class: "slots" });
  const places = Math.max(4, lane.slots * Math.max(1, workers));
  for (let place = 0; place < places; place += 1) {
    const waits = place - lane.running;
    const on = waits < 0;
    const wait = !on && waits < lane.waiting;
    const free = place < lane.slots * workers;
    if (!on && !wait && !free) continue;
    slots.append(put("span", { class: `slot ${on ? "on" : wait ? "wait" : ""}` },
      on ? say("working") : wait ? say("turn", waits + 1) : say("free")));
  }
  const more = lane.waiting + lane.running - places;
  const about = lane.waiting ? say("waits", lane.waiting, say.seconds(lane.expected_wait)) : say("nothingWaits");
  const head = put("p", { class: "line" }, say(lane.name), put("span", {}, about));
  return put("div", { class: "lane" }, head, slots, more > 0 ? put("p", { class: "small soft" }, say("andMore", more)) : null);
}

function workerRow(worker) {
  const mark = worker.alive ? "ok" : "bad";
  const icon = put("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, put("path", { d: ICONS[mark] }));
  const word = worker.alive ? say("alive") : say("silent", say.seconds(worker.age));
  return put("li", {}, put("span", {}, worker.id.replace(/-[^-]*$/, "")), put("span", { class: `state ${mark}` }, icon, word),
    put("span", { class: "under small soft" }, say("engineOf", worker.engine, worker.pid)), ...models(worker.state),
    worker.why ? put("span", { class: "under small soft" }, worker.why) : "");
}

// What lies where: the device's weights with their sizes, and those that wait in host memory.
function models(state) {
  const lying = (place) => (state.components ?? []).filter((one) => one.place === place);
  const line = (key, found) => found.length
    ? [put("span", { class: "under small soft" }, say(key, found.map((one) => `${one.name} ${gigabytes(one.bytes)}`).join(", ")))]
    : [];
  return [...line("inVram", lying("vram")), ...line("inHost", lying("host"))];
}

function gigabytes(bytes) {
  return `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)}GB`;
}

function gauge(name, value, percent) {
  return put("li", {}, put("span", {}, name), put("span", {}, value), track(percent, `${name} ${Math.round(percent)} %`));
}

function machineRows(machine) {
  const rows = [
    gauge(say("cpu"), `${Math.round(machine.cpu_percent)} %`, machine.cpu_percent),
    gauge(say("memory"), say("of", machine.ram_total_gb.toFixed(1), machine.ram_used_gb.toFixed(1)), machine.ram_percent),
  ];
  for (const gpu of machine.gpu_info) {
    const used = say("of", (gpu.vram_total_mb / 1024).toFixed(1), (gpu.vram_used_mb / 1024).toFixed(1));
    rows.push(gauge(`GPU ${gpu.index} · ${gpu.name} · ${Math.round(gpu.utilization)} %`, used, gpu.vram_percent));
  }
  if (!machine.gpu_info.length) rows.push(put("li", {}, put("span", { class: "soft" }, say("noGpu")), put("span")));
  return rows;
}

function stepRows(steps) {
  const order = (name) => ORDER.indexOf(name) + (ORDER.includes(name) ? 0 : 99);
  const entries = Object.entries(steps).filter(([, seconds]) => seconds > 0).sort(([a], [b]) => order(a) - order(b));
  const longest = Math.max(...entries.map(([, seconds]) => seconds));
  return entries.map(([name, seconds]) => gauge(say(name), say.seconds(seconds), (100 * seconds) / longest));
}

function headline(board) {
  const alive = board.workers.filter((worker) => worker.alive).length;
  if (!alive) return say("noWorkers");
  const waiting = board.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  const running = board.lanes.reduce((sum, lane) => sum + lane.running, 0);
  if (!running && !waiting) return say("allQuiet");
  return waiting ? say("busyWaiting", running, waiting) : say("busy", running);
}

function draw(board) {
  at("columns").hidden = false;
  at("headline").textContent = headline(board);
  at("total").textContent = say("total", board.total);
  at("none").hidden = board.jobs.length > 0;
  at("jobs").replaceChildren(...board.jobs.map(jobRow));
  const alive = board.workers.filter((worker) => worker.alive).length;
  at("lanes").replaceChildren(...board.lanes.map((lane) => laneCard(lane, alive)));
  at("workers").replaceChildren(...board.workers.map(workerRow));
  at("machine").replaceChildren(...machineRows(board.machine));
  const steps = stepRows(board.step_seconds);
  at("steps").replaceChildren(...steps);
  at("steps").closest("section").hidden = steps.length === 0;
  at("clock").textContent = say("asOf", new Date().toLocaleTimeString(document.documentElement.lang));
}

function show(open) {
  at("door").hidden = open;
  at("board").hidden = !open;
}

async function look() {
  const answer = await fetch(`${HOME}/dashboard/state`, { headers: headers(), cache: "no-store" });
  if (answer.status === 401) {
    at("wrong").hidden = !sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    show(false);
    return null;
  }
  const body = await answer.json();
  show(true);
  if (!answer.ok) {
    at("headline").textContent = body.error.message;
    return LOOK_AGAIN.lost;
  }
  draw(body);
  return body.lanes.some((lane) => lane.running + lane.waiting) ? LOOK_AGAIN.busy : LOOK_AGAIN.idle;
}

async function live() {
  let pause = document.hidden ? LOOK_AGAIN.idle : null;
  if (pause === null) {
    try {
      pause = await look();
    } catch {
      show(true);
      at("headline").textContent = say("lost");
      pause = LOOK_AGAIN.lost;
    }
  }
  if (pause !== null) setTimeout(live, pause);
}

document.documentElement.lang = say.language;
for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
at("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at("token").value.trim());
  at("token").value = "";
  live();
});
live();
