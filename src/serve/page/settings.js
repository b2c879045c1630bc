// A form field for every setting, made from the program's single declaration of them.

import { h, name } from "./dom.js";

/** All settings of a schema with their paths, such as `controls.tv`, in order. */
export function declared(schema) {
  const found = [];
  const walk = (properties, above) => {
    for (const [key, property] of Object.entries(properties)) {
      const path = `${above}${key}`;
      if (property.group === undefined) walk(property.properties, `${path}.`);
      else found.push({ path, ...property });
    }
  };
  walk(schema.properties, "");
  return found.sort((one, other) => one.order - other.order);
}

/** The value at a path. */
export function at(settings, path) {
  return path.split(".").reduce((value, key) => value?.[key], settings);
}

/** Sets the value at a path. */
export function put(settings, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((inner, key) => (inner[key] ??= {}), settings)[last] = value;
}

/** Fields for these settings. `change` is called with a path and a value; `undefined` resets it. */
export class Form {
  constructor(settings, change) {
    this.fields = new Map();
    const groups = new Map();
    for (const setting of settings) {
      if (!groups.has(setting.group)) groups.set(setting.group, h("fieldset", {}, h("legend", {}, setting.group)));
      groups.get(setting.group).append(this.field(setting, change));
    }
    this.element = h("div", { class: "form" }, [...groups.values()]);
  }

  field(setting, change) {
    const id = name("setting");
    const about = `${id}-about`;
    const shared = { id, "aria-describedby": about };
    const control = controlOf(setting, shared, (value) => change(setting.path, value));
    this.fields.set(setting.path, { setting, control });
    return h("div", { class: "field" },
      h("label", { htmlFor: id }, setting.title),
      control,
      h("p", { class: "hint", id: about }, `${setting.description}.`));
  }

  /** Shows these values. */
  show(settings) {
    for (const [path, { setting, control }] of this.fields) {
      if (document.activeElement === control) continue;
      const value = at(settings, path);
      if (setting.type === "boolean") control.checked = value;
      else control.value = written(value);
    }
  }
}

function controlOf(setting, shared, change) {
  if (setting.type === "boolean") {
    return h("input", { ...shared, type: "checkbox", on: { change: (event) => change(event.target.checked) } });
  }
  const words = setting.enum ?? setting.oneOf?.find((it) => it.enum)?.enum;
  if (words) {
    const none = setting.oneOf ? [h("option", { value: "" }, "automatic")] : [];
    const options = [...none, ...words.map((word) => h("option", { value: word }, word))];
    return h("select", { ...shared, on: { change: (event) => change(event.target.value || null) } }, options);
  }
  const listener = (event) => change(read(event.target.value, setting));
  return h("input", { ...shared, type: "text", inputMode: "text", autocomplete: "off", spellcheck: false, on: { change: listener } });
}

/** Formats a value as people write it. */
export function written(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Parses what people wrote; the server decides whether it is valid. */
function read(text, setting) {
  if (setting.type === "string") return text.trim() || undefined;
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  if (parts.length === 0) return setting.oneOf?.some((it) => it.type === "null") ? null : undefined;
  const value = (part) => (part !== "" && Number.isFinite(Number(part)) ? Number(part) : part);
  const takesOnlyLists = setting.type === "array" || setting.oneOf?.[0]?.type === "array";
  return parts.length === 1 && !takesOnlyLists ? value(parts[0]) : parts.map(value);
}
