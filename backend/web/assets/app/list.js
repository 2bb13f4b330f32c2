// Shows the tasks of the store, moving only what moved, so that the focus and a screen reader's place stay.

import { byId, make, quantity } from "./dom.js";
import { say } from "./notices.js";
import { inWords } from "./problems.js";
import { narrowedBy } from "./query.js";
import { fillRow, makeRow } from "./row.js";

const PLACEHOLDERS = 4;
const SHOWN_IN_ROWS = ["tasks", "selecting", "selected"];

/**
 * @param {object} parts
 * @param {ReturnType<import("./store.js").createStore>} parts.store
 * @param {ReturnType<import("./tasks.js").createTasks>} parts.tasks
 * @param {(task: import("./api.js").Task) => void} parts.open
 * @param {(task: import("./api.js").Task) => void} parts.remove
 * @param {(tag: string) => void} parts.choseTag
 */
export function setUpList({ store, tasks, open, remove, choseTag }) {
  const list = byId("tasks");
  const rows = new Map();

  list.addEventListener("click", ({ target }) => {
    const control = target.closest("button");
    const task = taskAt(target);
    if (!control || !task) return;
    if ("open" in control.dataset) open(task);
    else if ("tick" in control.dataset) void tasks.tick(task);
    else if ("remove" in control.dataset) remove(task);
    else if ("tag" in control.dataset) choseTag(control.dataset.tag);
  });
  list.addEventListener("change", ({ target }) => {
    const selected = new Set(store.get().selected);
    if (target.checked) selected.add(taskAt(target).id);
    else selected.delete(taskAt(target).id);
    store.set({ selected });
  });
  byId("more").addEventListener("click", () => void tasks.more());

  function taskAt(element) {
    const id = element.closest("[data-id]")?.dataset.id;
    return store.get().tasks.find((task) => task.id === id);
  }

  const focusRow = (id) => (rows.get(id)?.querySelector("[data-open]") ?? byId("list-title")).focus();

  function showRows({ tasks: shown, selecting, selected }) {
    const focused = document.activeElement;
    const ids = new Set(shown.map((task) => task.id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    let place = list.firstElementChild;
    for (const task of shown) {
      if (!rows.has(task.id)) rows.set(task.id, makeRow(task.id));
      const row = rows.get(task.id);
      fillRow(row, task, { selecting, selected: selected.has(task.id) });
      if (row === place) place = place.nextElementSibling;
      else list.insertBefore(row, place);
    }
    if (list.contains(focused)) focused.focus({ preventScroll: true });
    else if (focused?.isConnected === false) byId("list-title").focus({ preventScroll: true }); // its row is gone
  }

  store.watch((state, before) => {
    const held = document.activeElement === byId("more");
    const first = state.loading === "first" && state.tasks.length === 0;
    list.ariaBusy = String(first);
    for (const placeholder of list.querySelectorAll(".placeholder")) placeholder.remove();
    if (SHOWN_IN_ROWS.some((name) => state[name] !== before[name])) showRows(state);
    if (first) list.append(...Array.from({ length: PLACEHOLDERS }, () => make("li", { className: "placeholder" })));
    showAround(state);
    const added = state.tasks.length - before.tasks.length;
    if (before.loading === "more" && state.loading === null && added > 0) say(`${quantity(added, "more task")} loaded.`);
    // The button goes when all are loaded, and the focus would go with it.
    if (held && byId("more").hidden) focusRow(state.tasks[before.tasks.length]?.id);
  });

  return {
    /** The row after (or else before) a task, for the focus when the task is gone. */
    neighbour(task) {
      const row = rows.get(task.id);
      const next = row?.nextElementSibling ?? row?.previousElementSibling;
      const id = next?.dataset.id;
      return () => focusRow(id);
    },
  };
}

function showAround({ tasks, next, loading, problem, filter, selecting }) {
  const narrowed = narrowedBy(filter) > 0;
  const count = quantity(tasks.length, "task");
  byId("list-title").textContent = tasks.length === 0 ? "Tasks" : next ? `First ${count}` : count;
  byId("more").hidden = !next;
  byId("more").ariaDisabled = String(loading === "more");
  byId("more").textContent = loading === "more" ? "Loading…" : "Load more";
  byId("select").ariaPressed = String(selecting);
  byId("select").hidden = tasks.length === 0 && !selecting;
  byId("list-failure").hidden = problem === null;
  byId("list-failure").textContent = problem === null ? "" : `The list could not be loaded. ${inWords(problem)}`;
  byId("empty").hidden = tasks.length > 0 || loading === "first" || problem !== null;
  byId("empty-title").textContent = narrowed ? "No task fits" : "Nothing to do";
  byId("empty-words").textContent = narrowed
    ? "No task of yours fits what is searched and chosen."
    : "Write your first task above. It appears on every page you have open.";
  byId("empty-clear").hidden = !narrowed;
}
