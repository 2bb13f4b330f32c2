// Asks before something that cannot be undone.

import { byId, openDialog } from "./dom.js";

/**
 * @param {{title: string, words: string, yes: string, no?: string}} question
 * @returns {Promise<boolean>} false when it is closed in any other way
 */
export function confirmed({ title, words, yes, no = "Cancel" }) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-words").textContent = words;
  byId("confirm-yes").textContent = yes;
  byId("confirm-no").textContent = no;
  dialog.returnValue = "no";
  openDialog(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
