// Channels with pictures: the best of the embedded network, and those of an atlas.

import { ask } from "./api.js";
import { h } from "./dom.js";

/** How many are shown before anything is typed. */
const MOST = 60;

export class Channels {
  constructor() {
    this.known = null;
    this.list = [];
    this.sheets = [];
  }

  /** Fetches the channels, once and only when first needed, for the search. */
  learn() {
    this.known ??= ask("/api/channels").then(({ channels, sheets }) => {
      this.list = channels;
      this.sheets = sheets;
    }).catch(() => (this.known = null));
    return this.known;
  }

  /** The picture of a channel, cut out of its sheet. */
  picture({ sheet, place }) {
    const { columns, rows } = this.sheets[sheet];
    const part = (at, of) => `${of > 1 ? (100 * at) / (of - 1) : 0}%`;
    const element = h("span", { class: "channel" });
    element.style.backgroundImage = `url(/api/channels/${sheet})`;
    element.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
    element.style.backgroundPosition = `${part(place % columns, columns)} ${part(Math.floor(place / columns), rows)}`;
    return element;
  }

  row(channel) {
    const { layer, channel: number, words } = channel;
    const about = `${layer.replace(/\/output$/, "")}:${number}`;
    const title = words || about;
    return { spec: `channel:${layer}:${number}`, title, about, channel, label: `${title}, channel ${number} of ${layer}` };
  }

  /** The channels that are shown before anything is typed. */
  best() {
    return this.list.slice(0, MOST).map((it) => this.row(it));
  }

  /** The channels whose words contain this text. */
  matching(text) {
    return this.list.filter((it) => it.words.toLowerCase().includes(text)).map((it) => this.row(it));
  }

  /** This channel, if it has a picture. */
  of(layer, channel) {
    return this.list.find((it) => it.layer === layer && it.channel === channel);
  }
}
