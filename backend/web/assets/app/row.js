// One task of the list, as it is shown.

import { dueInWords } from "./dates.js";
import { byId, icon, make } from "./dom.js";

const PRIORITIES = { high: "High priority", low: "Low priority" };

/** @returns {HTMLLIElement} */
export function makeRow(id) {
  const row = byId("row").content.firstElementChild.cloneNode(true);
  row.dataset.id = id;
  return row;
}

/**
 * @param {HTMLLIElement} row
 * @param {import("./api.js").Task} task
 * @param {{selecting: boolean, selected: boolean}} how
 */
export function fillRow(row, task, { selecting, selected }) {
  const find = (name) => row.querySelector(`[data-${name}]`);
  row.dataset.status = task.status;
  row.classList.toggle("selected", selecting && selected);
  const pick = find("pick");
  pick.parentElement.hidden = !selecting;
  pick.checked = selected;
  pick.ariaLabel = `Select “${task.title}”`;
  const tick = find("tick");
  tick.hidden = selecting;
  tick.ariaPressed = String(task.status === "done");
  tick.ariaLabel = `Done: ${task.title}`;
  const name = find("open");
  if (name.textContent !== task.title) name.textContent = task.title;
  const remove = find("remove");
  remove.ariaLabel = `Delete “${task.title}”`;
  remove.hidden = selecting;
  const notes = find("notes");
  notes.hidden = task.notes.trim() === "";
  notes.textContent = task.notes.slice(0, 300);
  fillFacts(find("facts"), task);
}

function fillFacts(list, task) {
  const shown = JSON.stringify([task.status, task.priority, task.due, task.tags]);
  if (list.dataset.shown === shown) return; // a tag that has the focus keeps it
  list.dataset.shown = shown;
  const facts = [...stateFacts(task), ...task.tags.map(tagFact)];
  list.hidden = facts.length === 0;
  list.replaceChildren(...facts.map((fact) => make("li", {}, fact)));
}

function* stateFacts({ status, priority, due }) {
  if (status === "doing") yield make("span", { className: "fact doing", textContent: "Doing" });
  if (priority in PRIORITIES) yield make("span", { className: `fact ${priority}`, textContent: PRIORITIES[priority] });
  if (due === null) return;
  const { words, when } = dueInWords(due);
  const late = status !== "done" && when !== "later" ? when : "";
  const time = make("time", { dateTime: due, textContent: words });
  yield make("span", { className: `fact due ${late}` }, icon("calendar"), late === "late" ? "Was due " : "Due ", time);
}

function tagFact(tag) {
  const button = make("button", { type: "button", className: "fact tag", textContent: tag });
  button.dataset.tag = tag;
  button.ariaLabel = `Show tasks tagged ${tag}`;
  return button;
}
