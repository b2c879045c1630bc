// What steers a dream besides the settings: a mask for where to dream, and reference pictures.

import { send } from "./api.js";
import { button, h, name } from "./dom.js";
import { Painter } from "./mask.js";

const ROLES = [
  { key: "guide", title: "Be guided by a picture", about: "what is in that one is brought out in this one" },
  { key: "like", title: "Be like a picture", about: "the whole dream is drawn towards it" },
];

/** The pictures that steer. `act` tells what is dreamed over, runs actions that may fail, and shows errors. */
export class Steering {
  constructor(act) {
    this.act = act;
    this.given = {};
    this.painter = new Painter((png) => act.attempt(async () => this.give("mask", await send(png))));
    this.slots = new Map();
    const mask = this.slot("mask", "Paint where to dream", "elsewhere the picture stays as it is",
      button("Paint", () => this.paint()));
    this.element = h("details", {}, h("summary", {}, "Masks and pictures to follow"),
      h("div", { class: "form" }, mask, ROLES.map((role) => this.picture(role)), this.box()));
  }

  picture({ key, title, about }) {
    const input = h("input", { type: "file", id: name(key), accept: "image/*", class: "unseen", on: { change: () => {
      const file = input.files[0];
      input.value = "";
      if (file) this.act.attempt(async () => this.give(key, await send(file)));
    } } });
    const label = h("label", { class: "file", htmlFor: input.id }, "Choose", h("span", { class: "unseen" }, `: ${title}`));
    return this.slot(key, title, about, input, label);
  }

  slot(key, title, about, ...controls) {
    const image = h("img", { alt: `${title}: chosen`, hidden: true });
    const drop = button("Remove", () => this.give(key, null), { class: "quiet small", hidden: true });
    this.slots.set(key, { image, drop });
    return h("div", { class: "slot" }, h("span", { class: "title" }, title), h("span", { class: "hint" }, about), image,
      h("div", { class: "buttons" }, ...controls, drop));
  }

  box() {
    const id = name("box");
    this.region = h("input", { type: "text", id, placeholder: "left, top, width, height", autocomplete: "off" });
    return h("div", { class: "field" }, h("label", { htmlFor: id }, "Only this part of it, in pixels"), this.region);
  }

  paint() {
    return this.act.attempt(async () => {
      const { url, width, height } = await this.act.canvas();
      await this.painter.open(url, width, height);
    });
  }

  /** Sets the picture for a role, or removes it. */
  give(key, picture) {
    if (key === "mask") this.several = null;
    if (picture) this.given[key] = picture.sha256;
    else delete this.given[key];
    const { image, drop } = this.slots.get(key);
    image.hidden = drop.hidden = !picture;
    if (picture) image.src = `/api/pictures/${picture.sha256}/view`;
    this.act.changed();
  }

  /** The part of an order that these pictures make; the mask applies to the objectives. */
  order(objectives) {
    const { mask, guide, like } = this.given;
    const order = {};
    if (guide) order.guide = guide;
    if (like) order.like = like;
    const sides = this.region.value.split(",").map(Number);
    if (like && sides.length === 4) {
      const [x, y, width, height] = sides;
      order.like_box = { x, y, width, height };
    }
    if (mask) {
      order.masks = this.several ?? [mask];
      order.objectives = objectives.map((spec) => (spec.includes("#") ? spec : `${spec}#1`));
    }
    return order;
  }

  /** Takes over what steered another dream. */
  restore({ guide, like, like_box: box, masks }) {
    const of = (sha256) => (sha256 ? { sha256 } : null);
    this.give("guide", of(guide));
    this.give("like", of(like));
    this.give("mask", of(masks?.[0]));
    this.region.value = box ? [box.x, box.y, box.width, box.height].join(", ") : "";
    // Only recipes have several masks: all are kept until one is painted or removed.
    this.several = masks?.length > 1 ? masks : null;
  }
}
