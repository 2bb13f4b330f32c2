// Finding and making elements. Text only ever becomes text: nothing here parses markup.

/** @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, unknown>} properties set on the element; those with a dash are attributes
 * @param {...(Node | string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, String(value));
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

/** Open over the page, with the focus where typing or the safe choice begins. Closing gives it back. */
export function openDialog(dialog) {
  // The attribute `autofocus` would do, but browsers also obey and lament it when a page in a frame is loaded.
  dialog.showModal();
  dialog.querySelector("[data-first]").focus();
}

export const quantity = (count, one, many = `${one}s`) => (count === 1 ? `1 ${one}` : `${count} ${many}`);
