// Keeps the stream of changes open: reconnects, waits longer each time, and asks for what it missed.

import { LoggedOut, Problem } from "./problems.js";
import { serverEvents } from "./sse.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const SILENCE = 45_000; // the service says something every 15 seconds

/**
 * @param {object} parts
 * @param {(lastId: string | null, signal: AbortSignal) => Promise<Response>} parts.open
 * @param {(event: import("./sse.js").ServerEvent) => void} parts.heard
 * @param {(state: "connecting" | "live" | "lost", more: {problem?: Problem, complete?: boolean}) => void} parts.state
 *   `complete` when live: nothing was missed since it was live before
 */
export function createStream({ open, heard, state, random = Math.random }) {
  let running = null;
  let connection = new AbortController();
  let lastId = null;
  let hurry = () => {};

  async function listen(signal) {
    const own = (connection = new AbortController());
    const stop = () => own.abort();
    signal.addEventListener("abort", stop);
    let watchdog = setTimeout(stop, SILENCE);
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE);
    };
    try {
      const response = await open(lastId, own.signal);
      state("live", { complete: lastId !== null });
      for await (const event of serverEvents(response.body, alive)) {
        if (event.id !== null) lastId = event.id;
        // In a task of its own: a fault in a view is no fault of the connection, and is not to pass for one.
        if (event.data !== "") queueMicrotask(() => heard(event));
      }
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  async function run(signal) {
    for (let failures = 0; !signal.aborted; ) {
      let wait = FIRST_WAIT;
      try {
        await listen(signal);
        failures = 0;
        state("connecting", {}); // the server ended it, as it does when it restarts
      } catch (error) {
        if (signal.aborted || error instanceof LoggedOut) return;
        const problem = error instanceof Problem ? error : new Problem({});
        wait = Math.max(problem.retryAfter * 1000, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures));
        failures += 1;
        state("lost", { problem });
      }
      await pause(wait * (0.75 + random() / 2), signal);
    }
  }

  function pause(milliseconds, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", hurry, { once: true });
    });
  }

  return {
    start() {
      if (running) return;
      running = new AbortController();
      state("connecting", {});
      void run(running.signal);
    },
    stop() {
      running?.abort();
      running = null;
    },
    /** The network is gone: take the connection for broken, which may take minutes to show by itself. */
    interrupt: () => connection.abort(),
    forget: () => (lastId = null),
    /** Do not wait any longer before the next attempt. */
    retry: () => hurry(),
  };
}
