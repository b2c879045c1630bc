// The controls of a dream: a preset, what to look for, the settings that matter most, and all others under one
// fold.

import { button, h, name } from "./dom.js";
import { Channels } from "./channels.js";
import { FilmSettings } from "./film.js";
import { Steering } from "./steering.js";
import { Form, at, declared, put, written } from "./settings.js";

/** The settings that matter most. */
const SLIDERS = [
  { path: "controls.strength", label: "Strength of the dream", min: 0, max: 2, step: 0.05 },
  { path: "iterations", label: "Steps at each size", min: 1, max: 60, step: 1 },
  { path: "octaves", label: "Sizes", min: 1, max: 8, step: 1 },
  { path: "step", label: "How far a step goes", min: 0.25, max: 6, step: 0.25 },
];
const SIZES = [256, 512, 768, 1024, 1536, 2048, 4096];
/** The longer side to which films are fitted by default: small, because every frame is a dream. */
const FILM = 512;
/** How many suggestions are shown. */
const MOST = 12;

export class Controls {
  constructor(root, known, act) {
    this.known = known;
    this.preset = null;
    this.changed = new Map();
    this.fit = known.capabilities.fit;
    /** Whether a size was chosen since the last dream was loaded. */
    this.resized = false;
    /** Whether a size was chosen at all. */
    this.sized = false;
    /** Whether a film is to be dreamed over. */
    this.moves = false;
    this.settings = declared(known.settings.schema);
    this.build(root, act);
    this.show();
  }

  build(root, act) {
    const size = name("size");
    this.sizes = h("select", { id: size, on: { change: () => this.resize() } },
      SIZES.map((side) => h("option", { value: side, selected: side === this.fit }, `${side} pixels`)),
      h("option", { value: 0 }, "original size"));
    this.presets = h("fieldset", { class: "presets" }, h("legend", {}, "Look"), this.presetChoices());
    this.sliders = SLIDERS.map((slider) => this.slider(slider));
    this.form = new Form(this.settings.filter((it) => it.path !== "objectives"), (path, value) => this.change(path, value));
    this.films = new FilmSettings(this.known);
    this.channels = new Channels();
    this.steering = new Steering({ ...act, changed: () => this.show() });
    this.again = button("Dream", () => act.dream(), { class: "main", disabled: true });
    this.restored = h("p", { class: "hint", hidden: true });
    root.append(
      h("h2", {}, "How to dream"),
      this.presets,
      this.search(),
      ...this.sliders.map((it) => it.element),
      h("div", { class: "field" }, h("label", { htmlFor: size }, "Longer side, at most"), this.sizes),
      this.films.element,
      this.steering.element,
      h("details", {}, h("summary", {}, "All settings"), this.form.element,
        button("Reset to the look", () => this.reset(), { class: "quiet" })),
      this.restored,
      h("div", { class: "buttons" }, this.again),
    );
  }

  resize() {
    this.fit = Number(this.sizes.value);
    this.resized = this.sized = true;
  }

  /** Notes whether a film is to be dreamed over, or something else. */
  over(film) {
    this.films.element.hidden = !film;
    if (this.moves === film) return;
    this.moves = film;
    if (!this.sized) this.sizes.value = this.fit = film ? FILM : this.known.capabilities.fit;
  }

  presetChoices() {
    const choice = (value, title, about) => {
      const input = h("input", { type: "radio", name: "preset", value, on: { change: () => this.choose(value) } });
      const picture = h("img", { src: `/preset-${value || "plain"}.jpg`, alt: "", width: 200, height: 132 });
      return h("label", { class: "preset" }, input, picture, h("span", { class: "name" }, title), h("span", { class: "hint" }, about));
    };
    return [
      choice("", "plain", "what suits the network"),
      ...this.known.presets.presets.map((preset) => choice(preset.name, preset.name.replaceAll("-", " "), preset.about)),
    ];
  }

  slider({ path, label, min, max, step }) {
    const id = name("slider");
    const output = h("output", { htmlFor: id });
    const input = h("input", { type: "range", id, min, max, step, on: { input: () => this.change(path, Number(input.value)) } });
    const element = h("div", { class: "field slider" }, h("label", { htmlFor: id }, label), output, input);
    return { path, input, output, element };
  }

  /** What to look for: classes by name, layers, and channels by their numbers. */
  search() {
    const id = name("search");
    const list = `${id}-list`;
    this.chips = h("ul", { class: "chips", "aria-label": "What the dream looks for" });
    this.found = h("ul", { class: "found", id: list, role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.query = h("input", {
      type: "text", id, role: "combobox", autocomplete: "off", spellcheck: false,
      placeholder: "dog, wave, eyes, inception_4c:447",
      "aria-expanded": "false", "aria-controls": list, "aria-autocomplete": "list",
      on: { input: () => this.suggest(), focus: () => this.suggest(), keydown: (event) => this.key(event), blur: () => setTimeout(() => this.close(), 150) },
    });
    return h("div", { class: "field search" }, h("label", { htmlFor: id }, "Look for"), this.chips, this.query, this.found);
  }

  suggest() {
    const text = this.query.value.trim().toLowerCase();
    if (!this.channels.known) this.channels.learn().then(() => document.activeElement === this.query && this.suggest());
    const rows = text ? this.matches(text).slice(0, MOST) : this.channels.best();
    this.rows = rows;
    this.at = -1;
    this.found.classList.toggle("gallery", !text);
    this.found.replaceChildren(...rows.map((row, at) =>
      h("li", { id: `${this.found.id}-${at}`, role: "option", "aria-selected": "false", "aria-label": row.label, on: { mousedown: () => this.add(row.spec) } },
        row.channel && this.channels.picture(row.channel),
        h("span", { class: "words" }, row.title), h("span", { class: "hint" }, row.about))));
    this.found.hidden = rows.length === 0;
    this.query.setAttribute("aria-expanded", String(rows.length > 0));
    this.query.removeAttribute("aria-activedescendant");
  }

  matches(text) {
    const found = [];
    const channel = /^(.+?):(\d+)$/.exec(text);
    const { layers } = this.known.layers;
    if (channel) {
      const [, layer, number] = channel;
      for (const it of layers) {
        if (it.name.includes(layer) && Number(number) < it.channels) {
          const pictured = this.channels.of(it.name, Number(number));
          found.push({ spec: `channel:${it.name}:${number}`, title: `${it.name}, channel ${number}`, about: "channel", channel: pictured });
        }
      }
      return found;
    }
    const classes = this.known.classes.classes.filter((it) => it.toLowerCase().includes(text));
    classes.sort((one, other) => one.toLowerCase().indexOf(text) - other.toLowerCase().indexOf(text) || one.length - other.length);
    found.push(...classes.map((it) => ({ spec: `logit:${it}`, title: it, about: "class" })));
    // Only this many classes, to leave room for channels, which have pictures.
    found.splice(MOST / 2);
    found.push(...this.channels.matching(text));
    found.push(...layers.filter((it) => it.name.includes(text)).map((it) => ({ spec: `l2:${it.name}`, title: it.name, about: `layer of ${it.channels} channels` })));
    return found;
  }

  key(event) {
    const rows = this.rows ?? [];
    if (event.key === "Escape") this.close();
    // Enter takes the first suggestion, but with nothing typed only one that was moved to.
    const meant = this.at < 0 && this.query.value.trim() ? 0 : this.at;
    if (event.key === "Enter" && rows[meant]) {
      event.preventDefault();
      this.add(rows[meant].spec);
    }
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move || rows.length === 0) return;
    event.preventDefault();
    this.at = this.at < 0 && move < 0 ? rows.length - 1 : (this.at + move + rows.length) % rows.length;
    [...this.found.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
    this.found.children[this.at].scrollIntoView({ block: "nearest" });
    this.query.setAttribute("aria-activedescendant", `${this.found.id}-${this.at}`);
  }

  close() {
    this.found.hidden = true;
    this.query.setAttribute("aria-expanded", "false");
  }

  add(spec) {
    const own = this.changed.get("objectives") ?? [];
    if (!own.includes(spec)) this.change("objectives", [...own, spec]);
    this.query.value = "";
    this.suggest();
  }

  choose(preset) {
    this.preset = preset || null;
    for (const path of [...this.changed.keys()]) if (path !== "controls.strength") this.changed.delete(path);
    this.show();
  }

  change(path, value) {
    if (value === undefined) this.changed.delete(path);
    else this.changed.set(path, value);
    this.show();
  }

  reset() {
    this.changed.clear();
    this.show();
  }

  /** The preset's settings; without a preset, defaults that depend on whether something to look for is named. */
  base() {
    const preset = this.known.presets.presets.find((it) => it.name === this.preset);
    const { defaults, defaults_of_objectives: ofObjectives } = this.known.settings;
    return preset?.settings ?? (this.changed.has("objectives") || this.implied() ? ofObjectives : defaults);
  }

  /** All settings as they are now. */
  all() {
    const settings = structuredClone(this.base());
    for (const [path, value] of this.changed) put(settings, path, value);
    return settings;
  }

  show() {
    const settings = this.all();
    for (const input of this.presets.querySelectorAll("input")) input.checked = input.value === (this.preset ?? "");
    for (const { path, input, output } of this.sliders) {
      const value = at(settings, path);
      if (typeof value === "number") input.value = value;
      output.textContent = written(value);
    }
    this.form.show(settings);
    const own = this.changed.has("objectives");
    const objectives = this.implied() ? ["what is in the picture to follow"] : settings.objectives;
    this.chips.replaceChildren(...objectives.map((spec) =>
      h("li", {}, spec.replace(/^logit:/, ""), own && button("×", () => this.drop(spec), { "aria-label": `Stop looking for ${spec}` }))));
  }

  drop(spec) {
    const rest = this.changed.get("objectives").filter((other) => other !== spec);
    this.change("objectives", rest.length > 0 ? rest : undefined);
    this.query.focus();
  }

  /** Whether a reference picture says what to look for. */
  implied() {
    return Boolean(this.steering.given.guide ?? this.steering.given.like) && !this.changed.has("objectives");
  }

  /** The part of an order that the controls make. */
  order() {
    const settings = {};
    for (const [path, value] of this.changed) put(settings, path, value);
    const { objectives, ...steering } = this.steering.order(this.all().objectives);
    if (objectives && (!this.implied() || settings.objectives)) settings.objectives = objectives;
    return { ...(this.preset && { preset: this.preset }), settings, ...steering, ...(this.moves && this.films.order()) };
  }

  /** Takes over the settings of a dream. */
  restore({ preset = null, settings, carrying, file, codec, from, to, ...steering }) {
    this.preset = preset;
    if (carrying || file) this.films.restore({ carrying, file, codec, from, to });
    this.steering.restore(steering);
    this.changed = new Map();
    // What to look for is set first: it decides which defaults the others are compared with.
    for (const { path } of this.settings) {
      const value = at(settings, path);
      if (value !== undefined && written(value) !== written(at(this.base(), path))) this.changed.set(path, value);
    }
    this.show();
  }

  say(words) {
    this.restored.textContent = words ?? "";
    this.restored.hidden = !words;
  }

  ready(words) {
    this.again.disabled = !words;
    this.again.textContent = words ?? "Dream";
  }
}
