// Short messages: said to screen readers, and shown where something can be done about them.

import { byId, icon, make } from "./dom.js";
import { inWords, LoggedOut } from "./problems.js";

/** Say something without showing it. */
export function say(words) {
  const place = byId("said");
  place.textContent = "";
  // A live region is read when it changes, and the same words twice are no change.
  setTimeout(() => (place.textContent = words), 50);
}

/**
 * Show a message, in place of the one before. It stays until it is closed, as people read at different speeds.
 *
 * @param {string} words
 * @param {{kind?: "done" | "failed", action?: string, act?: () => void, after?: () => void}} [more]
 *   `after` puts the focus where it belongs when it was on the message
 */
export function show(words, { kind = "done", action, act, after = () => {} } = {}) {
  const close = () => {
    const held = notice.contains(document.activeElement);
    notice.remove();
    if (held) after();
  };
  const notice = make("div", { className: `notice ${kind}` }, make("p", { textContent: words }));
  if (action) {
    const button = make("button", { type: "button", className: "plain", textContent: action });
    button.addEventListener("click", () => {
      close();
      act();
    });
    notice.append(button);
  }
  const closing = make("button", { className: "icon-only", "aria-label": "Close message" }, icon("close"));
  closing.addEventListener("click", close);
  notice.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  notice.append(closing);
  byId("notices").replaceChildren(notice);
  say(words);
  return notice;
}

export const hideNotice = () => byId("notices").replaceChildren();

/** Run `work` and show what goes wrong. @returns whether it was done */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof LoggedOut)) show(inWords(error), { kind: "failed" });
    return false;
  }
}
