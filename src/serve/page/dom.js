// Elements without markup as text: nothing that is shown can become code.

/** An element: `on` has its listeners, `class` and everything else are attributes, or properties where they exist. */
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

/** A button with words on it. */
export function button(words, act, attributes = {}) {
  return h("button", { type: "button", ...attributes, on: { click: act } }, words);
}

/** Says something to whoever does not see the page. */
export function announce(words) {
  document.getElementById("news").textContent = words;
}

let serial = 0;

/** A name for an element that another one points to. */
export function name(stem) {
  serial += 1;
  return `${stem}-${serial}`;
}
