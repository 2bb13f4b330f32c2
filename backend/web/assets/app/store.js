// The page's one piece of state, and who is told when it changes.

/**
 * @typedef {object} State
 * @property {string} username
 * @property {import("./query.js").Filter} filter
 * @property {import("./api.js").Task[]} tasks what is shown, in the service's order
 * @property {string | null} next cursor of the part after it
 * @property {"first" | "more" | null} loading
 * @property {import("./problems.js").Problem | null} problem why the list could not be loaded
 * @property {boolean} selecting
 * @property {ReadonlySet<string>} selected ids
 */

/** @param {State} initial */
export function createStore(initial) {
  let state = Object.freeze({ ...initial });
  const heard = new Set();
  return {
    get: () => state,
    /** @param {Partial<State>} changes */
    set(changes) {
      const before = state;
      state = Object.freeze({ ...state, ...changes });
      for (const tell of heard) tell(state, before);
    },
    /** @param {(state: State, before: State) => void} tell also called once at once */
    watch(tell) {
      heard.add(tell);
      tell(state, state);
    },
  };
}
