// The list's contents: loads them, keeps them fresh, and carries out what is done to them.
//
// The service alone decides which tasks belong to the list, and their order: after a change, what is shown is fetched
// again.

import { attempt, say, show } from "./notices.js";
import { LoggedOut, Problem } from "./problems.js";
import { question } from "./query.js";

const PART = 50;
const MOST = 100; // what the service gives and takes at once
const SETTLE = 300; // changes often come in bursts

/**
 * @param {object} parts
 * @param {ReturnType<import("./api.js").createApi>} parts.api
 * @param {ReturnType<import("./store.js").createStore>} parts.store
 */
export function createTasks({ api, store }) {
  let current = new AbortController();
  let reloads = 0; // under way; at most one of them is not broken off
  let timer = null;

  /** Change the state by what `work(signal)` fetches. The newest call wins; the answers of older ones are dropped. */
  async function latest(loading, work) {
    current.abort();
    const { signal } = (current = new AbortController());
    store.set({ loading });
    try {
      const changes = await work(signal);
      if (!signal.aborted) store.set({ ...changes, loading: null, problem: null });
    } catch (error) {
      if (signal.aborted || error instanceof LoggedOut) return;
      store.set({ loading: null });
      if (!(error instanceof Problem)) throw error;
      store.set({ problem: error });
    }
  }

  const part = (limit, cursor, signal) => api.list(question(store.get().filter, { limit, cursor }), signal);

  async function reload(wanted, loading) {
    reloads += 1;
    try {
      await latest(loading, async (signal) => {
        const tasks = [];
        let next = null;
        do {
          const limit = Math.min(MOST, Math.max(PART, wanted - tasks.length));
          const fetched = await part(limit, next, signal);
          tasks.push(...fetched.items);
          next = fetched.next;
        } while (next && tasks.length < wanted);
        return { tasks, next, selected: kept(tasks) };
      });
    } finally {
      reloads -= 1;
    }
  }

  const append = () =>
    latest("more", async (signal) => {
      const { tasks, next } = store.get();
      const { items, next: following } = await part(PART, next, signal);
      const known = new Set(tasks.map((task) => task.id));
      const added = items.filter((task) => !known.has(task.id));
      return { tasks: [...tasks, ...added], next: following };
    });

  function refreshSoon() {
    timer ??= setTimeout(() => {
      timer = null;
      const { tasks, loading } = store.get();
      void reload(tasks.length + (loading === "more" ? PART : 0), loading);
    }, SETTLE);
  }

  function kept(tasks) {
    const ids = new Set(tasks.map((task) => task.id));
    return new Set([...store.get().selected].filter((id) => ids.has(id)));
  }

  function put(task) {
    const newer = (known) => known.id === task.id && known.version < task.version;
    store.set({ tasks: store.get().tasks.map((known) => (newer(known) ? task : known)) });
  }

  function drop(id) {
    const tasks = store.get().tasks.filter((task) => task.id !== id);
    store.set({ tasks, selected: kept(tasks) });
  }

  /** Do something to a task as it is shown. @returns whether it was done; if not, it was said why */
  const asShown = (task, work) =>
    attempt(async () => {
      try {
        await work();
      } catch (problem) {
        if (![404, 412].includes(problem.status)) throw problem;
        const words = problem.status === 412 ? "changed" : "deleted";
        const detail = `“${task.title}” was ${words} elsewhere, so nothing was done. The list shows what is there now.`;
        throw new Problem({ status: problem.status, detail });
      } finally {
        refreshSoon();
      }
    });

  async function inBulk(action, ids) {
    let done = 0;
    try {
      for (let start = 0; start < ids.length; start += MOST) {
        done += (await api.bulk(action, ids.slice(start, start + MOST))).done.length;
      }
    } finally {
      refreshSoon();
    }
    return done;
  }

  async function add(task) {
    const made = await api.create(task);
    refreshSoon();
    return made;
  }

  return {
    load: () => reload(PART, "first"),
    refreshSoon,
    add,
    read: (id) => api.read(id),

    /** What is shown may be of another list than the one that is being loaded: then there is nothing to append to. */
    more: () => (reloads > 0 ? reload(store.get().tasks.length + PART, "more") : append()),

    /** What the stream says: `{kind: "changed", task}` or `{kind: "deleted", id}`. */
    hear(change) {
      if (change.kind === "changed") put(change.task);
      else drop(change.id);
      refreshSoon();
    },

    /** @throws {Problem} 412 when `version` is not the newest, 404 when it was deleted */
    async change(id, changes, version) {
      const task = await api.change(id, changes, version);
      put(task);
      refreshSoon();
      return task;
    },

    /** Set done, or to do again. */
    tick(task) {
      const status = task.status === "done" ? "todo" : "done";
      return asShown(task, async () => {
        put(await api.change(task.id, { status }, task.version));
        say(status === "done" ? `Done: ${task.title}` : `To do again: ${task.title}`);
      });
    },

    remove: (task) =>
      asShown(task, async () => {
        await api.remove(task.id, task.version);
        drop(task.id);
      }),

    /** Bring a deleted task back, made when it was made. It gets a new id: the old one is gone for good. */
    restore: (task) =>
      attempt(async () => {
        await api.imported([task]);
        refreshSoon();
        show(`“${task.title}” is back.`);
      }),

    /** @returns {Promise<number>} how many were there */
    completeAll: (ids) => inBulk("complete", ids),
    removeAll: (ids) => inBulk("delete", ids),
  };
}
