// Makes elements without HTML as text, so nothing that is shown can become code.

/**
 * Makes an element: `on` has its listeners; `class` and all others are set as properties where these exist, else
 * as attributes.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name in element && !["list", "form", "role"].includes(name)) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes a button with this label. */
export function button(words, act, attributes = {}) {
  return h("button", { type: "button", ...attributes, on: { click: act } }, words);
}

/** Announces something to screen readers. */
export function announce(words) {
  document.getElementById("news").textContent = words;
}

let serial = 0;

/** A unique id for an element to which another one refers. */
export function name(stem) {
  serial += 1;
  return `${stem}-${serial}`;
}
