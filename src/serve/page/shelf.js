// All dreams: those that wait, the one being dreamed and those that have ended; each below the one it was dreamed
// over.

import { button, h } from "./dom.js";
import { words } from "./stage.js";

export class Shelf {
  constructor(root, act) {
    this.act = act;
    this.cards = new Map();
    this.title = h("h2", {}, "Dreams");
    this.clear = button("Delete all finished", () => {
      if (confirm("Delete every finished dream? This cannot be undone.")) act.removeAll();
    }, { class: "quiet" });
    this.list = h("ul", { class: "dreams" });
    this.empty = h("p", { class: "hint" }, "Nothing yet. Your dreams are kept here, on this computer.");
    root.append(h("div", { class: "heading" }, this.title, this.clear), this.empty, this.list);
  }

  /** Shows these jobs, with one of them on the stage. */
  show(jobs, current) {
    const all = [...jobs.values()].sort((one, other) => one.number - other.number);
    this.empty.hidden = all.length > 0;
    this.clear.hidden = !all.some((job) => ["done", "stopped", "failed"].includes(job.state));
    for (const id of this.cards.keys()) if (!jobs.has(id)) this.drop(id);
    for (const job of all) {
      const card = this.cards.get(job.id) ?? this.add(job);
      this.fill(card, job, job.id === current, jobs.has(job.parent));
    }
    const roots = all.filter((job) => !jobs.has(job.parent)).reverse();
    this.place(this.list, roots, all);
  }

  place(list, jobs, all) {
    jobs.forEach((job, at) => {
      const card = this.cards.get(job.id);
      if (list.children[at] !== card.item) list.insertBefore(card.item, list.children[at] ?? null);
      const children = all.filter((other) => other.parent === job.id);
      card.below.hidden = children.length === 0;
      this.place(card.below, children, all);
    });
  }

  add(job) {
    const image = h("img", { alt: "", loading: "lazy", hidden: true });
    const title = h("span", { class: "title" });
    const state = h("span", { class: "state" });
    const open = h("button", { type: "button", class: "card", on: { click: () => this.act.open(job.id) } },
      image, h("span", { class: "about" }, title, state));
    const remove = button("Delete", () => this.act.remove(job.id), { class: "quiet small" });
    const below = h("ul", { hidden: true });
    const item = h("li", {}, h("div", { class: "row" }, open, remove), below);
    const card = { item, image, title, state, open, remove, below };
    this.cards.set(job.id, card);
    return card;
  }

  fill(card, job, current, below) {
    const { picture, film, sky } = job.order.source;
    const over = sky !== undefined ? "over a sky" : below ? "from the dream above" : film ? "over a film" : "over a picture";
    card.title.textContent = `Dream ${job.number} ${over}`;
    card.state.textContent = words(job);
    card.open.setAttribute("aria-current", current);
    const ended = ["done", "stopped", "failed"].includes(job.state);
    card.remove.hidden = !ended;
    card.remove.setAttribute("aria-label", `Delete dream ${job.number}`);
    const sent = picture ?? film;
    const url = job.result ? `/api/jobs/${job.id}/thumbnail` : sent && `/api/pictures/${sent}/view`;
    card.image.hidden = !url;
    if (url && card.url !== url) card.image.src = card.url = url;
  }

  /** Moves the focus to a dream. */
  focus(id) {
    requestAnimationFrame(() => this.cards.get(id)?.open.focus());
  }

  drop(id) {
    const { item, below } = this.cards.get(id);
    // Children move up before their parent is removed.
    for (const child of [...below.children]) this.list.append(child);
    item.remove();
    this.cards.delete(id);
  }
}
