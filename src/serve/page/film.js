// The settings that only films have: how the frames become one dream, and the kind of file.

import { h, name } from "./dom.js";
import { Form, declared } from "./settings.js";

const PLAYED = ["mp4", "webm"];
const SHOWN = ["gif", "png"];
/** The codecs of those files that browsers play. */
const CODECS = ["h264", "av1", "vp9"];
const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m?ts|flv|asf|wmv|og[vg]|mxf|nut|ivf)$/i;

/** Whether a file is a film, going by its name and its type. The server detects animated pictures. */
export function isFilm(file) {
  return file.type.startsWith("video/") || ENDINGS.test(file.name);
}

/** How the film of a job can be shown: by a player, as a picture, or not at all. */
export function way({ file = "mp4", codec }) {
  if (PLAYED.includes(file) && (!codec || CODECS.includes(codec))) return "player";
  return SHOWN.includes(file) ? "picture" : null;
}

/** The part of a film that is dreamed. */
const PART = [
  { key: "from", title: "start", about: "A time (90 or 1:30.5) or a frame (250f, where the first is 0f); empty for the beginning" },
  { key: "to", title: "end before", about: "A time or a frame; empty for the end" },
];

/** The settings of films, from the program's single declaration of them, and the kind of file. */
export class FilmSettings {
  constructor(known) {
    this.defaults = known.settings.film.defaults;
    this.kinds = known.capabilities.films;
    this.changed = {};
    this.form = new Form(declared(known.settings.film.schema), (path, value) => this.change(path, value));
    this.part = PART.map(({ key }) => [key, h("input", { type: "text", autocomplete: "off", spellcheck: false })]);
    this.file = h("select", { on: { change: () => this.offer() } }, this.kinds.map((it) => h("option", { value: it.name }, it.name)));
    this.codec = h("select");
    const parts = this.part.map(([, input], at) => field(PART[at].title, input, `${PART[at].about}.`));
    this.coded = field("codec", this.codec, "How its pictures are encoded; this browser may not play every one.");
    const fields = this.form.element.querySelector("fieldset");
    fields.querySelector("legend").after(...parts);
    fields.append(field("film format", this.file), this.coded);
    this.element = h("div", { class: "films", hidden: true }, this.form.element);
    this.offer();
    this.show();
  }

  /** The codecs of the chosen kind of file, if it has any. */
  codecs() {
    return this.kinds.find((it) => it.name === this.file.value).codecs;
  }

  /** Offers the codecs of the chosen kind of file, the default first. */
  offer(codec = "") {
    const codecs = this.codecs();
    this.codec.replaceChildren(...codecs.map((it) => h("option", { value: it }, it)));
    if (codecs.includes(codec)) this.codec.value = codec;
    this.coded.hidden = codecs.length === 0;
  }

  change(path, value) {
    if (value === undefined || value === "") delete this.changed[path];
    else this.changed[path] = value;
    this.show();
  }

  show() {
    this.form.show({ ...this.defaults, ...this.changed });
  }

  /** The part of an order that these settings make. */
  order() {
    const order = { carrying: { ...this.changed }, file: this.file.value };
    if (this.codec.value !== (this.codecs()[0] ?? "")) order.codec = this.codec.value;
    for (const [key, input] of this.part) if (input.value.trim()) order[key] = input.value.trim();
    return order;
  }

  /** Takes over the settings of another film. */
  restore({ carrying = {}, file, codec = "", ...part }) {
    this.changed = { ...carrying };
    const find = (fits) => this.kinds.find(fits);
    const kind = find((it) => it.name === file) ?? find((it) => it.codecs[0] === codec) ?? find((it) => it.codecs.includes(codec));
    this.file.value = (kind ?? this.kinds[0]).name;
    this.offer(codec);
    for (const [key, input] of this.part) input.value = part[key] ?? "";
    this.show();
  }
}

function field(title, control, about) {
  control.id = name("film");
  const hint = about && h("p", { class: "hint", id: `${control.id}-about` }, about);
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return h("div", { class: "field" }, h("label", { htmlFor: control.id }, title), control, hint);
}
