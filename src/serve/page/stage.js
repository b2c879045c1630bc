// The stage: where a picture is dropped, where the dream is shown, and the picture before it.

import { button, h, name } from "./dom.js";
import { way } from "./film.js";

const ACCEPTED = "image/*,video/*,.exr,.hdr,.qoi,.ppm,.pnm,.mkv,.nut,.ivf,.mxf";

/** The description of a job's state. */
export function words(job) {
  switch (job.state) {
    case "queued":
      return job.position > 1 ? `Waiting: number ${job.position} in the queue` : "Waiting for its turn";
    case "dreaming": {
      if (job.waiting) return "Waiting for memory that other dreams are using";
      const now = job.progress;
      if (!now) return "Falling asleep";
      return job.kind === "film" ? frames(now) : `Size ${now.octave} of ${now.octaves}, step ${now.iteration} of ${now.iterations}`;
    }
    case "done":
      return `Done in ${duration(job.seconds)}${job.error ? `; ${job.error}` : ""}`;
    case "stopped":
      return job.error ?? (job.result ? "Stopped; this is how far it got" : "Cancelled");
    default:
      return job.error ?? "This could not be dreamed";
  }
}

/** The description of a film's progress. */
function frames({ frame, frames: all, rate, left }) {
  const pace = rate ? `, ${rate < 1 ? `${duration(1 / rate)} each` : `${rate.toFixed(1)} per second`}` : "";
  return `Frame ${frame}${all ? ` of ${all}` : ""}${pace}${left ? `, about ${duration(left)} left` : ""}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** The fraction of a dream that is done, if known: the cost of an octave is about proportional to its pixels. */
export function part(job) {
  const now = job.progress;
  if (!now) return 0;
  if (job.kind === "film") return now.frames ? Math.min(1, now.frame / now.frames) : null;
  const scale = Number(job.order.settings.octave_scale ?? 1.4);
  const weight = (octave) => scale ** (2 * (octave - now.octaves));
  let all = 0;
  let done = 0;
  for (let octave = 1; octave <= now.octaves; octave += 1) {
    all += weight(octave);
    if (octave < now.octave) done += weight(octave);
  }
  return (done + (weight(now.octave) * now.iteration) / now.iterations) / all;
}

/** The stage. `act` has the actions of its buttons. */
export class Stage {
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.shown = null;
    this.url = null;
    this.file = h("input", {
      type: "file",
      id: "file",
      accept: ACCEPTED,
      "aria-label": "Choose a picture or a film",
      class: "unseen",
      on: { change: () => this.file.files.length && act.take(this.file.files[0], (this.file.value = "")) },
    });
    this.before = h("img", { class: "before", alt: "The picture before the dream" });
    this.after = h("img", { class: "after", alt: "" });
    this.slider = h("input", {
      type: "range",
      class: "wipe",
      min: 0,
      max: 100,
      value: 0,
      "aria-label": "How much of the original is shown, from the left",
      on: { input: () => this.wipe() },
    });
    this.player = h("video", { class: "player", controls: true, loop: true, playsInline: true, preload: "metadata", "aria-label": "The dreamed film", hidden: true });
    this.frame = h("div", { class: "frame" }, this.after, this.before, this.slider, this.player);
    this.status = h("p", { class: "status" });
    this.bar = h("progress", { max: 1, "aria-label": "Progress of the dream" });
    this.buttons = h("div", { class: "buttons" });
    this.figure = h("figure", { hidden: true }, this.frame, h("figcaption", {}, this.status, this.bar, this.buttons));
    const label = h("label", { class: "drop", htmlFor: "file" },
      h("strong", {}, "Drop a picture or a short film here"),
      h("span", {}, "or paste one, or click to choose one. It stays on this computer. Pictures are scaled to fit 1024 pixels, films 512."));
    this.welcome = h("div", { class: "welcome" }, this.file, label,
      button("No picture at hand? Start with a sky", () => act.sky(), { class: "quiet" }));
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    root.append(this.welcome, this.trouble, this.figure);
    this.listen();
  }

  listen() {
    const over = (event) => {
      event.preventDefault();
      document.body.classList.toggle("over", event.type === "dragover");
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", over);
    addEventListener("drop", (event) => {
      over(event);
      const file = event.dataTransfer.files[0];
      if (file) this.act.take(file);
    });
    addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (file) this.act.take(file);
    });
  }

  /** Shows an error message, or clears it. */
  complain(message) {
    this.trouble.textContent = message ?? "";
    this.trouble.hidden = !message;
  }

  /** Shows a picture or a film that is being uploaded. */
  arrive(file, film) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(file);
    this.root.classList.add("busy");
    this.show(null);
    this.figure.hidden = false;
    if (film) this.after.removeAttribute("src");
    else this.after.src = this.url;
    this.after.alt = film ? "" : "The picture that is about to dream";
    this.status.textContent = "Loading";
    this.bar.hidden = false;
    this.bar.removeAttribute("value");
  }

  /** Shows a job, or the welcome page if there is none. */
  show(job) {
    const same = job?.id === this.shown?.id;
    this.shown = job;
    this.figure.hidden = !job;
    this.root.classList.toggle("busy", Boolean(job));
    if (!job) return;
    if (!same) this.turnTo(job);
    this.load(job);
    this.status.textContent = words(job);
    this.status.classList.toggle("bad", job.state === "failed");
    const going = job.state === "queued" || job.state === "dreaming";
    // An indeterminate progress bar is animated all the time, which takes time from the dream.
    const done = job.state === "dreaming" ? part(job) : null;
    this.bar.hidden = done === null;
    this.bar.value = done ?? 0;
    this.play(job);
    this.slider.hidden = this.before.hidden || !job.preview;
    this.offer(job, going);
  }

  turnTo(job) {
    const { picture, film } = job.order.source;
    this.loading = null;
    this.slider.value = 0;
    this.wipe();
    this.before.hidden = !picture;
    if (picture) {
      this.before.src = `/api/pictures/${picture}/view`;
      if (!job.preview) this.after.src = this.before.src;
    } else if (film && !job.preview) {
      this.after.src = `/api/pictures/${film}/view`;
    } else if (!job.preview) {
      this.after.removeAttribute("src");
    }
    this.offered = null;
  }

  /** Shows a finished film in the player if the browser can play it; otherwise the image stays visible. */
  play(job) {
    const kind = job.kind === "film" && job.result ? way(job.order) : null;
    const url = `/api/jobs/${job.id}/result`;
    this.player.hidden = kind !== "player";
    this.after.hidden = kind === "player";
    if (kind !== "player") {
      if (!this.player.hasAttribute("src")) return;
      this.player.removeAttribute("src");
      this.player.load();
    } else if (!this.player.src.endsWith(url)) {
      this.player.src = url;
    }
  }

  /** Replaces the picture by the newest one once that has loaded, so nothing flickers. */
  async load(job) {
    const moving = job.kind === "film" && job.result && way(job.order) === "picture";
    const url = moving ? `/api/jobs/${job.id}/result` : job.preview && `/api/jobs/${job.id}/preview?rev=${job.preview}`;
    if (!url || url === this.loading) return;
    this.loading = url;
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => null);
    if (this.loading !== url || !image.naturalWidth) return;
    this.after.src = url;
    this.after.alt = job.state === "done" ? "The dream" : "The dream so far";
    this.after.dataset.rev = job.preview;
  }

  offer(job, going) {
    const kind = `${job.id} ${job.state} ${job.result}`;
    if (kind === this.offered) return;
    const held = this.buttons.contains(document.activeElement);
    this.offered = kind;
    const { act } = this;
    const format = name("format");
    const film = job.kind === "film";
    const save = () => {
      const chosen = film ? (job.order.file ?? "mp4") : this.buttons.querySelector("select").value;
      h("a", { href: `/api/jobs/${job.id}/result?format=${chosen}`, download: "" }).click();
    };
    const fetched = film
      ? [button(`Download ${job.order.file ?? "mp4"}`, save, { class: "main" })]
      : [
          button("Dream on from here", () => act.goOn(job), { class: "main" }),
          h("span", { class: "pair" },
            button("Download", save),
            h("label", { class: "unseen", htmlFor: format }, "File format"),
            h("select", { id: format }, act.formats().map((it) => h("option", { value: it }, it)))),
        ];
    this.buttons.replaceChildren(
      ...(going
        ? [button(job.state === "dreaming" ? "Stop here" : "Cancel", () => act.stop(job), { class: "main" })]
        : job.result
          ? [...fetched, button("Use its settings", () => act.restore(job))]
          : []),
      button("Another picture or film", () => this.file.click(), { class: "quiet" }),
    );
    if (held) this.buttons.querySelector("button").focus();
  }

  wipe() {
    this.frame.style.setProperty("--wipe", `${this.slider.value}%`);
  }
}
