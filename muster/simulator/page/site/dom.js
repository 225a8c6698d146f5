// Elements from text: nothing is ever parsed as markup (and the page's policy would refuse it).

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

export const h = (tag, attributes, ...children) =>
  filled(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

export const tag = (words, kind = "") => h("span", { class: `tag ${kind}` }, words);

export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// The elements of a table of rows: only those whose row changed are made anew, and what was open
// or had the keyboard stays so.
export class Rows {
  constructor(box, make, order) {
    this.box = box;
    this.make = make;
    this.order = order;
    this.elements = new Map();
  }

  show(table, changed) {
    let moved = false;
    for (const [key, element] of this.elements) {
      if (!table.has(key)) {
        element.remove();
        this.elements.delete(key);
      }
    }
    for (const [key, row] of table) {
      const before = this.elements.get(key);
      if (before && !changed.has(key)) continue;
      const element = this.make(row, key);
      this.elements.set(key, element);
      if (before) this.#replace(before, element);
      else moved = true;
    }
    if (moved) this.#arrange(table);
  }

  #replace(before, element) {
    const was = before.querySelector("details"), is = element.querySelector("details");
    if (was && is) is.open = was.open;
    const held = before.contains(document.activeElement) && document.activeElement.tagName;
    before.replaceWith(element);
    if (held) element.querySelector(held.toLowerCase())?.focus({ preventScroll: true });
  }

  #arrange(table) {
    const keys = [...table.keys()].sort((a, b) => this.order(table.get(a), table.get(b)));
    let next = this.box.firstElementChild;
    for (const key of keys) {
      const element = this.elements.get(key);
      if (element === next) next = next.nextElementSibling;
      else this.box.insertBefore(element, next);
    }
  }
}

export const byText = (a, b) => a.localeCompare(b, "en", { numeric: true });
