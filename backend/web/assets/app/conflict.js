// Says that a task was changed elsewhere while somebody typed, and shows the newer version beside what was typed.

import { dueInWords } from "./dates.js";
import { byId, make } from "./dom.js";

const NAMES = { title: "Title", notes: "Notes", status: "Status", priority: "Priority", due: "Due", tags: "Tags" };
const VALUES = { todo: "To do", doing: "Doing", done: "Done", high: "High", normal: "Normal", low: "Low" };

/** @param {{take: () => void, keep: () => void}} choices what the two buttons do */
export function setUpConflict({ take, keep }) {
  const panel = byId("conflict");
  byId("conflict-take").addEventListener("click", take);
  byId("conflict-keep").addEventListener("click", keep);

  return {
    hide: () => (panel.hidden = true),

    /** @param {import("./api.js").Task} newer @param {Partial<import("./api.js").Task>} typed what differs from it */
    showChanged(newer, typed) {
      const rows = Object.keys(typed).flatMap((name) => [
        make("dt", { textContent: NAMES[name] }),
        make("dd", { textContent: inWords(name, newer[name]) }),
      ]);
      byId("conflict-words").textContent =
        "This task was changed elsewhere while you had it open, and the newer version is shown. " +
        (rows.length > 0 ? "What you typed is still here and is not saved yet. There, the newer version says:" : "");
      open(panel, rows, "Save mine over it", rows.length === 0);
    },

    showDeleted() {
      byId("conflict-words").textContent =
        "This task was deleted elsewhere while you had it open. " +
        "What you typed is still here; it can be saved as a new task.";
      open(panel, [], "Save as a new task", false);
      byId("conflict-take").hidden = true;
    },
  };
}

function open(panel, rows, keep, toldOnly) {
  byId("conflict-fields").replaceChildren(...rows);
  byId("conflict-keep").textContent = keep;
  byId("conflict-keep").hidden = toldOnly;
  byId("conflict-take").hidden = toldOnly;
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

function inWords(name, value) {
  if (name === "due") return value === null ? "no date" : dueInWords(value).words;
  if (name === "tags") return value.join(", ") || "none";
  return VALUES[value] ?? (value || "nothing");
}
