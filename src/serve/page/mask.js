// Painting a mask: the dream appears where it is painted.

import { button, h, name } from "./dom.js";

/** How many strokes can be undone. */
const MOST_UNDONE = 30;
/** The darkening of what is not painted. */
const VEIL = "rgb(10 6 20 / 0.6)";

/** Lets the user paint a mask; `done` receives it as PNG. */
export class Painter {
  constructor(done) {
    this.done = done;
    this.strokes = [];
    this.erases = false;
    this.canvas = h("canvas", { tabIndex: 0, role: "application", "aria-describedby": "mask-help" });
    this.canvas.setAttribute("aria-label", "Mask. Arrows move the brush, space paints.");
    this.sizes = h("input", { type: "range", min: 2, max: 40, value: 12, id: name("brush"), on: { input: () => this.draw() } });
    this.modes = ["Paint", "Erase"].map((mode) =>
      button(mode, () => this.turn(mode === "Erase"), { "aria-pressed": String(mode === "Paint") }));
    this.undoes = button("Undo", () => this.undo());
    this.dialog = h("dialog", { class: "painter", "aria-label": "Paint where to dream" },
      h("h2", {}, "Paint where to dream"),
      h("div", { class: "easel" }, this.canvas),
      h("div", { class: "buttons" }, ...this.modes,
        h("label", { htmlFor: this.sizes.id }, "Brush"), this.sizes, this.undoes,
        button("Clear", () => this.clear())),
      h("p", { class: "hint", id: "mask-help" },
        "With the keyboard: arrows move the brush, space paints or erases, E switches between the two, + and - change the size of the brush, U undoes a stroke."),
      h("div", { class: "buttons" }, button("Use this mask", () => this.finish(), { class: "main" }),
        button("Cancel", () => this.dialog.close(), { class: "quiet" })));
    document.body.append(this.dialog);
    this.listen();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.keep();
      this.stroke = this.point(event);
      this.dab(this.stroke, this.stroke);
    });
    canvas.addEventListener("pointermove", (event) => {
      this.place = this.point(event);
      if (this.stroke) {
        this.dab(this.stroke, this.place);
        this.stroke = this.place;
      }
      this.draw();
    });
    for (const ended of ["pointerup", "pointercancel"]) canvas.addEventListener(ended, () => (this.stroke = null));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** Opens over a picture of this size. */
  async open(url, width, height) {
    this.picture = new Image();
    this.picture.src = url;
    await this.picture.decode();
    Object.assign(this.canvas, { width, height });
    this.mask = new OffscreenCanvas(width, height);
    this.brush = this.mask.getContext("2d", { willReadFrequently: true });
    Object.assign(this.brush, { lineCap: "round", lineJoin: "round" });
    this.place = { x: width / 2, y: height / 2 };
    this.strokes = [];
    this.turn(false);
    this.dialog.showModal();
    this.canvas.focus();
    this.draw();
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.canvas.height,
    };
  }

  key(event) {
    const reach = this.width() / 2;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    const acts = {
      " ": () => { this.keep(); this.dab(this.place, this.place); },
      e: () => this.turn(!this.erases),
      u: () => this.undo(),
      "+": () => this.sizes.stepUp(),
      "-": () => this.sizes.stepDown(),
    };
    if (move) {
      const limit = (value, most) => Math.min(Math.max(value, 0), most);
      const { width, height } = this.canvas;
      this.place = { x: limit(this.place.x + move[0] * reach, width), y: limit(this.place.y + move[1] * reach, height) };
    } else if (acts[event.key]) {
      acts[event.key]();
    } else {
      return;
    }
    event.preventDefault();
    this.draw();
  }

  /** The diameter of the brush in pixels. */
  width() {
    return (Math.max(this.canvas.width, this.canvas.height) * Number(this.sizes.value)) / 100;
  }

  turn(erases) {
    this.erases = erases;
    this.modes.forEach((mode, at) => mode.setAttribute("aria-pressed", String((at === 1) === erases)));
  }

  dab(from, to) {
    const { brush } = this;
    brush.globalCompositeOperation = this.erases ? "destination-out" : "source-over";
    brush.strokeStyle = "#fff";
    brush.lineWidth = this.width();
    brush.beginPath();
    brush.moveTo(from.x, from.y);
    brush.lineTo(to.x + 0.01, to.y);
    brush.stroke();
    this.draw();
  }

  keep() {
    this.strokes.push(this.brush.getImageData(0, 0, this.mask.width, this.mask.height));
    if (this.strokes.length > MOST_UNDONE) this.strokes.shift();
    this.undoes.disabled = false;
  }

  undo() {
    const last = this.strokes.pop();
    if (last) this.brush.putImageData(last, 0, 0);
    this.draw();
  }

  clear() {
    this.keep();
    this.brush.clearRect(0, 0, this.mask.width, this.mask.height);
    this.draw();
  }

  /** Draws the picture, dark where it is not painted, and the outline of the brush. */
  draw() {
    const { canvas } = this;
    const veil = new OffscreenCanvas(canvas.width, canvas.height);
    const dark = veil.getContext("2d");
    dark.fillStyle = VEIL;
    dark.fillRect(0, 0, veil.width, veil.height);
    dark.globalCompositeOperation = "destination-out";
    dark.drawImage(this.mask, 0, 0);
    const paper = canvas.getContext("2d");
    paper.drawImage(this.picture, 0, 0, canvas.width, canvas.height);
    paper.drawImage(veil, 0, 0);
    for (const [colour, width] of [["#000", 3], ["#fff", 1.5]]) {
      paper.strokeStyle = colour;
      paper.lineWidth = (width * canvas.width) / (canvas.clientWidth || canvas.width);
      paper.beginPath();
      paper.arc(this.place.x, this.place.y, this.width() / 2, 0, 2 * Math.PI);
      paper.stroke();
    }
    this.undoes.disabled = this.strokes.length === 0;
  }

  /** White where it is painted, black elsewhere. */
  async finish() {
    const paper = new OffscreenCanvas(this.mask.width, this.mask.height);
    const ink = paper.getContext("2d");
    ink.fillRect(0, 0, paper.width, paper.height);
    ink.drawImage(this.mask, 0, 0);
    this.dialog.close();
    await this.done(await paper.convertToBlob({ type: "image/png" }));
  }
}
