// Selecting several tasks, and completing or deleting them together.

import { confirmed } from "./confirm.js";
import { byId, quantity } from "./dom.js";
import { attempt, show } from "./notices.js";

/**
 * @param {object} parts
 * @param {ReturnType<import("./store.js").createStore>} parts.store
 * @param {ReturnType<import("./tasks.js").createTasks>} parts.tasks
 */
export function setUpBulk({ store, tasks }) {
  const stop = () => {
    store.set({ selecting: false, selected: new Set() });
    byId("select").focus();
  };

  async function act(work, words) {
    const ids = [...store.get().selected];
    if (ids.length === 0) return;
    await attempt(async () => {
      const done = await work(ids);
      const missing = ids.length - done;
      const gone = missing > 0 ? ` ${quantity(missing, "was", "were")} deleted elsewhere before.` : "";
      show(`${quantity(done, "task")} ${words}.${gone}`, { after: () => byId("list-title").focus() });
      stop();
    });
  }

  byId("select").addEventListener("click", () => (store.get().selecting ? stop() : store.set({ selecting: true })));
  byId("bulk-close").addEventListener("click", stop);
  byId("bulk-all").addEventListener("click", () => {
    store.set({ selected: new Set(store.get().tasks.map((task) => task.id)) });
  });
  byId("bulk-complete").addEventListener("click", () => act(tasks.completeAll, "completed"));
  byId("bulk-delete").addEventListener("click", async () => {
    const count = store.get().selected.size;
    if (count === 0) return;
    const words = "This cannot be undone.";
    if (!(await confirmed({ title: `Delete ${quantity(count, "task")}?`, words, yes: "Delete" }))) return;
    await act(tasks.removeAll, "deleted");
  });

  store.watch(({ selecting, selected }) => {
    byId("bulk").hidden = !selecting;
    byId("bulk-count").textContent = selected.size === 0 ? "Nothing selected" : `${selected.size} selected`;
    for (const id of ["bulk-complete", "bulk-delete"]) byId(id).ariaDisabled = String(selected.size === 0);
  });
}
