// What a person who is logged in sees: puts the parts of the page together.

import { setUpBulk } from "./bulk.js";
import { setUpConnection } from "./connection.js";
import { byId } from "./dom.js";
import { setUpEditor } from "./editor.js";
import { setUpFilters } from "./filters.js";
import { setUpList } from "./list.js";
import { show } from "./notices.js";
import { EVERYTHING } from "./query.js";
import { setUpQuick } from "./quick.js";
import { createStore } from "./store.js";
import { createTasks } from "./tasks.js";
import { setUpTransfer } from "./transfer.js";

/** @type {import("./store.js").State} */
const EMPTY = Object.freeze({
  username: "",
  filter: EVERYTHING,
  tasks: [],
  next: null,
  loading: "first",
  problem: null,
  selecting: false,
  selected: new Set(),
});

/** @param {{api: ReturnType<import("./api.js").createApi>}} parts */
export function setUpDesk({ api }) {
  const store = createStore(EMPTY);
  const tasks = createTasks({ api, store });
  const editor = setUpEditor({ tasks });
  const quick = setUpQuick({ add: tasks.add, addInEditor: editor.add });
  const filters = setUpFilters({ store, changed: tasks.load });
  const connection = setUpConnection({
    api,
    heard(change) {
      tasks.hear(change);
      editor.hear(change);
    },
    missed: tasks.refreshSoon,
  });
  const list = setUpList({ store, tasks, open: editor.edit, remove, choseTag: filters.addTag });
  setUpBulk({ store, tasks });
  setUpTransfer({ api, imported: tasks.refreshSoon });

  async function remove(task) {
    const goOn = list.neighbour(task);
    if (!(await tasks.remove(task))) return;
    const undo = () => void tasks.restore(task).then(goOn);
    const notice = show(`“${task.title}” is deleted.`, { action: "Undo", act: undo, after: goOn });
    notice.querySelector("button").focus();
  }

  return {
    /** @param {string} username */
    open(username) {
      filters.restore();
      store.set({ username });
      byId("desk").hidden = false;
      byId("top-side").hidden = false;
      connection.start();
      void tasks.load();
    },
    close() {
      connection.stop();
      for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
      byId("desk").hidden = true;
      byId("top-side").hidden = true;
      quick.reset();
      filters.reset();
      store.set(EMPTY);
    },
  };
}
