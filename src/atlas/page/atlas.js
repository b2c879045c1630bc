// What an atlas does: cells instead of sheets, a search, and a panel for the channel that the address names.
// It needs nothing but the document that it stands in, and loads nothing.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { about, layers } = JSON.parse(byId("atlas-data").textContent);
  const panel = byId("atlas-panel");
  const search = byId("atlas-search");
  const said = byId("atlas-said");
  const number = new Map(layers.map((layer, index) => [layer.name, index]));

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") element.textContent = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  // A sheet as an address that many cells can share; made when it is first looked at.
  const sheets = new Map();
  const sheet = (id) => {
    if (!sheets.has(id)) {
      const bytes = atob(byId(id).src.split(",")[1]);
      const blob = new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))], { type: "image/jpeg" });
      sheets.set(id, `url(${URL.createObjectURL(blob)})`);
    }
    return sheets.get(id);
  };

  const show = (element, id, place) => {
    const columns = Number(byId(id).dataset.columns);
    element.style.setProperty("--columns", columns);
    element.style.setProperty("--x", place % columns);
    element.style.setProperty("--y", Math.floor(place / columns));
    return element;
  };

  const nameOf = (layer, channel) => `${layers[layer].name}:${channel}`;
  const isDead = (layer, channel) => layers[layer].units[channel].dead;

  // --- cells

  const cells = [];
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        target.style.setProperty("--sheet", sheet(`sheet-${target.dataset.layer}`));
        seen.unobserve(target);
      }
    }
  }, { rootMargin: "800px" });

  layers.forEach((layer, index) => {
    const image = byId(`sheet-${index}`);
    const section = image.closest(".layer");
    const grid = make("div", { class: "grid" });
    cells.push(layer.units.map((unit, channel) => {
      const name = nameOf(index, channel);
      const dead = unit.dead;
      const cell = make("a", { class: dead ? "unit dead" : "unit", id: name, href: `#${name}`, tabindex: channel ? -1 : 0,
        title: name, "aria-label": dead ? `${name}, dead` : name });
      return show(cell, image.id, channel);
    }));
    grid.append(...cells[index]);
    image.hidden = true;
    section.append(grid);
    seen.observe(section);
  });

  // --- the panel

  const thumb = (layer, channel, caption) => {
    const name = nameOf(layer, channel);
    const cell = show(make("a", { class: isDead(layer, channel) ? "unit dead" : "unit", href: `#${name}`, "aria-label": name }), `sheet-${layer}`, channel);
    cell.style.setProperty("--sheet", sheet(`sheet-${layer}`));
    return make("li", {}, cell, make("span", { text: `${channel} ${caption}` }));
  };

  const few = (value) => (value > 0 ? "+" : "") + value.toPrecision(2);

  const part = (title, note, content) => [make("h3", { text: title }), make("p", { text: note }), content];

  const command = (name) => {
    const weights = about.embedded ? "" : ` --weights ${about.weights}`;
    const text = `puppyslug dream PICTURE --objective channel:${name}${weights}`;
    const copy = make("button", { type: "button", text: "Copy" });
    copy.addEventListener("click", async () => {
      await navigator.clipboard?.writeText(text);
      copy.textContent = "Copied";
    });
    return [make("h3", { text: "Dream with it" }), make("pre", { tabindex: 0, text }), copy];
  };

  const classes = (unit) => make("table", {}, make("tbody", {}, ...unit.classes.map(([index, value]) =>
    make("tr", {}, make("th", { scope: "row", text: about.classes[index] ?? `class ${index}` }), make("td", { text: few(value) })))));

  const examples = (layer, channel) => {
    const units = layers[layer].units;
    const before = units.slice(0, channel).reduce((sum, unit) => sum + (unit.examples?.length ?? 0), 0);
    const id = `examples-${layer}`;
    return make("ul", { class: "row examples" }, ...units[channel].examples.map(([file, value], index) => {
      const cell = show(make("div", { class: "unit", role: "img", "aria-label": `crop of ${file}` }), id, before + index);
      cell.style.setProperty("--sheet", sheet(id));
      return make("li", {}, cell, make("span", { text: `${file} ${few(value)}` }));
    }));
  };

  const fill = (layer, channel) => {
    const unit = layers[layer].units[channel];
    const name = nameOf(layer, channel);
    const step = (by, text) => {
      const to = channel + by;
      const button = make("button", { type: "button", text });
      button.disabled = !layers[layer].units[to];
      button.addEventListener("click", () => { location.hash = nameOf(layer, to); });
      return button;
    };
    const close = make("button", { type: "button", text: "Close", id: "atlas-close" });
    close.addEventListener("click", shut);
    const content = [make("div", { class: "bar" }, step(-1, "Previous"), step(1, "Next"), close), make("h2", { id: "atlas-name", tabindex: -1, text: name })];
    if (unit.dead) {
      content.push(make("p", { text: "Dead: a climb of its value before ReLU did not make it fire." }));
    } else {
      const picture = show(make("div", { class: "unit picture", role: "img", "aria-label": `what ${name} likes to see` }), `sheet-${layer}`, channel);
      picture.style.setProperty("--sheet", sheet(`sheet-${layer}`));
      content.push(picture);
    }
    content.push(...command(name));
    if (unit.classes.length) {
      content.push(...part("Classes", "By how much each logit rises with the channel at this picture (gradient times activation).", classes(unit)));
    }
    if (unit.feeders.length) {
      const from = layers[layer].fed_by;
      const source = number.get(from);
      const list = source === undefined
        ? make("p", { text: unit.feeders.map(([other, value]) => `${other} (${few(value)})`).join(", ") })
        : make("ul", { class: "row" }, ...unit.feeders.map(([other, value]) => thumb(source, other, few(value))));
      content.push(...part(`Fed by ${from}`, "By weights alone; less than 0 holds it down.", list));
    }
    if (unit.neighbours.length) {
      content.push(...part("Neighbours", "Channels of this layer that fire at the same pictures of it, by correlation.",
        make("ul", { class: "row" }, ...unit.neighbours.map(([other, value]) => thumb(layer, other, few(value))))));
    }
    if (unit.examples?.length) {
      content.push(...part("Examples", "Crops of your own pictures that excite it most; what a cell sees is framed.", examples(layer, channel)));
    }
    panel.replaceChildren(...content);
  };

  let current = null;
  const mark = (cell) => {
    current?.removeAttribute("aria-current");
    current = cell;
    current?.setAttribute("aria-current", "true");
  };

  const shut = () => {
    panel.hidden = true;
    document.body.classList.remove("open");
    history.replaceState(null, "", location.pathname + location.search);
    const cell = current;
    mark(null);
    cell?.focus({ preventScroll: true });
  };

  const follow = () => {
    const [, name, channel] = decodeURIComponent(location.hash).match(/^#(.*):(\d+)$/) ?? [];
    const layer = number.get(name);
    if (layer === undefined || !layers[layer].units[channel]) return;
    if (cells[layer][channel].hidden) { search.value = ""; find(); }
    fill(layer, Number(channel));
    mark(cells[layer][channel]);
    current.scrollIntoView({ block: "nearest" });
    panel.hidden = false;
    document.body.classList.add("open");
    byId("atlas-name").focus({ preventScroll: true });
    panel.scrollTop = 0;
  };

  // --- search

  const texts = layers.map((layer, index) => layer.units.map((unit, channel) =>
    [nameOf(index, channel), unit.dead ? "dead" : "", ...unit.classes.map(([one]) => about.classes[one] ?? "")].join("\n").toLowerCase()));

  const matches = (text, channel, words) => words.every((word) => (/^\d+$/.test(word) ? channel === Number(word) : text.includes(word)));

  const find = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    texts.forEach((layer, index) => {
      let any = false;
      layer.forEach((text, channel) => {
        const found = matches(text, channel, words);
        cells[index][channel].hidden = !found;
        count += found;
        any ||= found;
      });
      byId(`sheet-${index}`).closest(".layer").hidden = !any;
    });
    said.textContent = words.length ? `${count} ${count === 1 ? "channel" : "channels"} found` : "";
  };
  search.addEventListener("input", find);

  // --- size and colours

  const size = byId("atlas-size");
  const resize = () => document.documentElement.style.setProperty("--tile", `${size.value}px`);
  size.addEventListener("input", resize);
  const zoom = (by) => { size.value = Number(size.value) + by; resize(); };
  byId("atlas-theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // --- keyboard

  const move = (cell, key) => {
    const row = [...cell.parentElement.children].filter((other) => !other.hidden);
    const at = row.indexOf(cell);
    const across = Math.max(1, row.filter((other) => other.offsetTop === row[0].offsetTop).length);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - across, ArrowDown: at + across, Home: 0, End: row.length - 1 }[key];
    if (to === undefined) return false;
    const next = row[to];
    if (next) {
      row.forEach((other) => { other.tabIndex = -1; });
      next.tabIndex = 0;
      next.focus();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (!panel.hidden) shut();
      else if (search.value) { search.value = ""; find(); }
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "+" || event.key === "-") {
      zoom(event.key === "+" ? 16 : -16);
    } else if (event.target.closest?.(".grid .unit") && move(event.target, event.key)) {
      event.preventDefault();
    }
  });

  addEventListener("hashchange", follow);
  byId("atlas-tools").hidden = false;
  follow();
})();
