// Adds a task from one line.

import { byId } from "./dom.js";
import { clearFailures, onSubmit } from "./forms.js";
import { say } from "./notices.js";

/** @param {{add: (task: object) => Promise<object>, addInEditor: (title: string, done: () => void) => void}} parts */
export function setUpQuick({ add, addInEditor }) {
  const form = byId("quick");
  const title = byId("quick-title");

  onSubmit(form, async () => {
    const words = title.value.trim();
    const typed = title.value;
    await add({ title: words });
    if (title.value === typed) title.value = ""; // somebody may be typing the next one
    title.focus();
    say(`Added: ${words}`);
  });

  byId("quick-more").addEventListener("click", () => {
    clearFailures(form);
    addInEditor(title.value.trim(), () => (title.value = ""));
  });

  return { reset: () => form.reset() };
}
