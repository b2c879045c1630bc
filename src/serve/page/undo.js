// Deletions, while they can still be undone.

import { button, h } from "./dom.js";

/** Milliseconds until a deletion is final, not counting while the button is hovered or focused. */
const GRACE = 10_000;

export class Undo {
  /** `remove` makes a deletion final. */
  constructor(root, remove) {
    this.remove = remove;
    this.id = null;
    this.words = h("span", { role: "status" });
    this.back = button("Undo", () => this.take(), { class: "main" });
    this.element = h("div", { class: "undo", hidden: true }, this.words, this.back,
      button("Delete now", () => this.settle(), { class: "quiet" }));
    root.append(this.element);
    const wait = () => this.wait();
    for (const event of ["focusin", "pointerenter"]) this.element.addEventListener(event, () => clearTimeout(this.timer));
    for (const event of ["focusout", "pointerleave"]) this.element.addEventListener(event, wait);
    // Leaving the page makes the deletion final.
    addEventListener("pagehide", () => this.settle());
  }

  /** Hides a dream, which is deleted unless this is undone. `back` shows it again. */
  offer(job, back) {
    this.settle();
    this.id = job.id;
    this.show = back;
    this.element.hidden = false;
    this.words.textContent = `Dream ${job.number} is deleted.`;
    this.back.focus({ preventScroll: true });
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    if (!this.element.hidden && !this.element.matches(":hover, :focus-within")) this.timer = setTimeout(() => this.settle(), GRACE);
  }

  take() {
    const { show } = this;
    this.close();
    show?.();
  }

  /** Makes the deletion final. */
  settle() {
    const { id } = this;
    this.close();
    if (id) this.remove(id);
  }

  close() {
    clearTimeout(this.timer);
    this.id = null;
    this.element.hidden = true;
  }
}
