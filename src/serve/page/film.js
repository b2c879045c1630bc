// What a film has beside a picture: how its frames become one dream, and what kind of file it becomes.

import { h, name } from "./dom.js";
import { Form, declared } from "./settings.js";

const PLAYED = ["mp4", "webm"];
const SHOWN = ["gif", "png"];
const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m?ts|flv|asf|wmv|og[vg]|mxf|nut|ivf)$/i;

/** Whether a file is a film, as far as its name and the system say. Pictures that move are found out by the server. */
export function isFilm(file) {
  return file.type.startsWith("video/") || ENDINGS.test(file.name);
}

/** How a film of this kind is shown: by a player, as a picture, or not at all. */
export function way(file) {
  if (PLAYED.includes(file)) return "player";
  return SHOWN.includes(file) ? "picture" : null;
}

/** The settings of films, from the one declaration that the program has of them. */
export class FilmSettings {
  constructor(known) {
    this.defaults = known.settings.film.defaults;
    this.changed = {};
    this.form = new Form(declared(known.settings.film.schema), (path, value) => this.change(path, value));
    const id = name("file");
    this.file = h("select", { id }, known.capabilities.films.map((it) => h("option", { value: it }, it)));
    this.form.element.querySelector("fieldset").append(
      h("div", { class: "field" }, h("label", { htmlFor: id }, "kind of file"), this.file));
    this.element = h("div", { class: "films", hidden: true }, this.form.element);
    this.show();
  }

  change(path, value) {
    if (value === undefined || value === "") delete this.changed[path];
    else this.changed[path] = value;
    this.show();
  }

  show() {
    this.form.show({ ...this.defaults, ...this.changed });
  }

  /** What of an order it makes. */
  order() {
    return { carrying: { ...this.changed }, file: this.file.value };
  }

  /** Takes the settings of another film. */
  restore({ carrying = {}, file = this.file.value }) {
    this.changed = { ...carrying };
    this.file.value = file;
    this.show();
  }
}
