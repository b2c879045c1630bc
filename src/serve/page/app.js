// The page: its state, and the actions on it.

import { ask, cancel, listen, order, remove, removeAll, send, sendFilm } from "./api.js";
import { Controls } from "./controls.js";
import { announce } from "./dom.js";
import { isFilm } from "./film.js";
import { Shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { Undo } from "./undo.js";

const jobs = new Map();
/** The job on the stage. */
let current = null;
/** What is dreamed over next: a picture or a film that was uploaded, or a sky. */
let source = null;
/** A dropped dream, while a picture that it was made from is missing. */
let missing = null;
let known = null;
let controls = null;
let shelf = null;
/** Milliseconds between two redraws for progress alone: drawing takes time from the dream. */
const PACE = 500;
let drawn = 0;
let pending = false;
let soon = null;
const undo = new Undo(document.body, (id) => attempt(() => remove(id)));

const stage = new Stage(document.getElementById("stage"), {
  take,
  sky: () => attempt(() => dream({ sky: controls.all().seed })),
  stop: (job) => attempt(() => cancel(job.id)),
  goOn: (job) => attempt(() => begin({ dream: job.id })),
  restore: (job) => attempt(() => restoreJob(job)),
  formats: () => known.capabilities.formats.map((it) => it.name),
});
/** Does something, and shows the error if it fails. */
async function attempt(act) {
  stage.complain(null);
  try {
    return await act();
  } catch (refused) {
    stage.complain(refused.message);
    return null;
  }
}

/** Handles a picture or a film that was dropped, pasted or chosen. */
function take(file) {
  return attempt(async () => {
    if (!controls) return;
    const last = current;
    const film = isFilm(file);
    stage.arrive(file, film);
    try {
      const sent = film ? await sendFilm(file) : await send(file);
      const given = over(sent, film || sent.frames > 1);
      if (missing) return await bring(sent, given);
      if (sent.recipe) return await restore(sent.recipe, given, file.name);
      await dream(given);
    } catch (refused) {
      open(last);
      throw refused;
    }
  });
}

/** An uploaded file as the source of an order. */
function over({ sha256, width, height }, film) {
  return { ...(film ? { film: sha256 } : { picture: sha256 }), width, height };
}

/** Orders a dream over it, with the settings of the controls. */
function dream(wanted) {
  source = wanted;
  return begin(wanted);
}

/** Orders a dream, and shows it on the stage. */
async function begin(wanted) {
  missing = null;
  controls.say(null);
  controls.over(wanted.film !== undefined);
  const { picture, film, sky, dream: id } = wanted;
  const source = [{ picture }, { film }, { sky }, { dream: id }].find((it) => Object.values(it)[0] !== undefined);
  const ordered = { source, ...controls.order() };
  const size = await sizeOf(wanted);
  if (size) ordered.size = size;
  const job = await order(ordered);
  jobs.set(job.id, job);
  open(job.id);
  announce("Dreaming.");
}

/**
 * The size to order. A dream that is dreamed again keeps its size, unless another was chosen since. Pictures
 * larger than the chosen size are scaled to fit; smaller ones stay as they are.
 */
async function sizeOf(wanted) {
  const { fit, resized } = controls;
  if (wanted.size !== undefined && !resized) return wanted.size;
  if (wanted.sky !== undefined) return resized && fit ? String(fit) : null;
  const job = wanted.dream && jobs.get(wanted.dream);
  const { width, height } = wanted.width ? wanted : (job ?? (await about(wanted)));
  return fit && Math.max(width, height) > fit ? String(fit) : null;
}

/** The server's description of an uploaded file. */
const about = ({ picture, film }) => ask(film ? `/api/films/${film}` : `/api/pictures/${picture}`);

function open(id) {
  current = id;
  const job = jobs.get(id) ?? null;
  stage.show(job);
  if (job) {
    const { picture, film, sky } = job.order.source;
    source = { picture, film, sky, size: job.order.size ?? null };
    controls.over(film !== undefined);
    controls.ready("Dream again");
    controls.resized = false;
    sessionStorage.setItem("current", id);
  }
  render();
}

function restoreJob(job) {
  controls.restore(job.order);
  controls.say(`These are the settings of dream ${job.number}.`);
}

/** Handles a dropped dream: takes over its settings, and what it was dreamed over if the server has that. */
async function restore(recipe, given, name) {
  open(current);
  const { film } = recipe;
  controls.restore({ settings: recipe.dream, ...(film && filmOf(film, name)) });
  const wanted = { size: film ? (film.size ?? null) : { width: recipe.width, height: recipe.height } };
  if (recipe.weights.sha256 !== known.capabilities.network.sha256) {
    throw new Error(`This was dreamed by the network ${recipe.weights.name}, and another is at work here. Its settings are loaded all the same.`);
  }
  if (recipe.source.sky) return ready({ ...wanted, sky: recipe.source.sky.seed });
  source = given;
  controls.ready(given.film ? "Dream over this film instead" : "Dream over this picture instead");
  missing = { wanted, marks: needed(recipe), box: recipe.references?.like_box, film: Boolean(film) };
  return look();
}

/** The settings of a film's dream in the form of an order; the file name tells the kind of file. */
function filmOf({ carry, per_frame, every = 1, cuts, codec, from, to }, name) {
  const file = name.split(".").pop().toLowerCase();
  return { carrying: { carry, per_frame, every, cuts }, file, codec, from, to };
}

/** The hashes of all pictures that a recipe needs, each with its role. */
function needed({ source: { picture }, references, film }) {
  const marks = [{ role: `the ${film ? "film" : "picture"} it was made from`, ...picture }];
  if (references?.guide) marks.push({ role: "its guide", key: "guide", ...references.guide });
  if (references?.like) marks.push({ role: "the picture it is to be like", key: "like", ...references.like });
  references?.masks?.forEach((mask) => mask.picture && marks.push({ role: "its mask", key: "masks", ...mask.picture }));
  return marks;
}

/** Checks which pictures of a dropped dream the server has, and asks the user for the first that it lacks. */
async function look() {
  const { wanted, marks, box, film } = missing;
  for (const mark of marks) {
    const here = await about(film && mark === marks[0] ? { film: mark.sha256 } : { picture: mark.sha256 }).catch((refused) => {
      if (refused.status === 404) return null;
      throw refused;
    });
    if (!here) {
      const words = `This is a dream; its settings are loaded. To dream it again, drop ${mark.role} (${mark.width} by ${mark.height} pixels).`;
      controls.say(words);
      announce(words);
      return;
    }
  }
  const also = { masks: [] };
  for (const { key, sha256 } of marks) {
    if (key === "masks") also.masks.push(sha256);
    else if (key) also[key] = sha256;
  }
  missing = null;
  controls.steering.restore({ ...also, like_box: box });
  ready({ ...wanted, ...over(marks[0], film) });
}

/** Takes an uploaded picture: one that the dropped dream lacks, or another one to dream over. */
async function bring(sent, given) {
  open(current);
  if (missing.marks.some((mark) => mark.sha256 === sent.sha256)) return look();
  return dream(given);
}

function ready(wanted) {
  source = wanted;
  controls.over(wanted.film !== undefined);
  controls.say(`This is a dream, and everything it was made from is here: it can be dreamed again${wanted.film ? "" : ", to the same bytes"}.`);
  controls.ready("Dream it again");
  controls.resized = false;
  announce("The settings of this dream are loaded.");
}

/** The picture over which a mask is painted. */
async function canvas() {
  const sent = source?.picture ?? source?.film;
  if (!sent) throw new Error("There is no picture to paint on yet; drop one first.");
  const { width, height } = source.width ? source : await about(source);
  const scale = 1024 / Math.max(width, height);
  return {
    url: `/api/pictures/${sent}/view`,
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Redraws the page, once for all calls that come together. */
function render() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    drawn = performance.now();
    const shown = new Map(jobs);
    shown.delete(undo.id);
    shelf.show(shown, current);
    if (current && jobs.has(current)) stage.show(jobs.get(current));
  });
}

/** Redraws a little later, for changes that nobody is waiting for. */
function renderSoon() {
  soon ??= setTimeout(() => {
    soon = null;
    render();
  }, Math.max(0, drawn + PACE - performance.now()));
}

/** Deletes a dream, unless that is undone. */
function forget(id) {
  const at = current;
  undo.offer(jobs.get(id), () => {
    if (id === at) open(id);
    render();
    shelf.focus(id);
  });
  if (id === current) open(null);
  render();
}

function heard(job) {
  const before = jobs.get(job.id);
  jobs.set(job.id, job);
  if (job.id === current && before?.state !== job.state && job.state === "done") announce("The dream is done.");
  if (before?.state === job.state) renderSoon();
  else render();
}

function gone(id) {
  jobs.delete(id);
  if (id === undo.id) undo.close();
  if (id === current) open(null);
  render();
}

async function start() {
  const names = ["capabilities", "settings", "presets", "layers", "classes", "jobs"];
  const answers = await Promise.all(names.map((it) => ask(`/api/${it}`)));
  known = Object.fromEntries(names.map((it, at) => [it, answers[at]]));
  for (const job of known.jobs.jobs) jobs.set(job.id, job);
  controls = new Controls(document.getElementById("controls"), known, {
    dream: () => attempt(() => begin(source)),
    attempt,
    canvas,
  });
  // On a phone the shelf is below the controls: added after them, it does not make the page jump.
  shelf = new Shelf(document.getElementById("shelf"), {
    open: (id) => {
      open(id);
      document.getElementById("stage").scrollIntoView({ block: "start" });
    },
    remove: forget,
    removeAll: () => attempt(removeAll),
  });
  const last = sessionStorage.getItem("current");
  if (jobs.has(last)) open(last);
  render();
  listen({
    all: (ids) => {
      for (const id of [...jobs.keys()]) if (!ids.includes(id)) gone(id);
    },
    job: heard,
    gone,
    line: (there) => {
      document.getElementById("line").textContent = there ? known.capabilities.device : "The program is not answering";
      // The server may have been restarted, and no longer know this page's cookie.
      if (!there) ask("/api/jobs").catch((refused) => refused.status === 401 && stage.complain(refused.message));
    },
  });
}

start().catch((refused) => {
  document.body.classList.add("locked");
  stage.complain(refused.message);
});
