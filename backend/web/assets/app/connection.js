// Shows whether changes arrive, and holds the stream open while the page is looked at.

import { byId } from "./dom.js";
import { say } from "./notices.js";
import { inWords } from "./problems.js";
import { createStream } from "./stream.js";

const WORDS = { connecting: "Connecting", live: "Live", lost: "No connection" };

/**
 * @param {object} parts
 * @param {ReturnType<import("./api.js").createApi>} parts.api
 * @param {(change: object) => void} parts.heard
 * @param {() => void} parts.missed called when changes may have been missed: the list must be fetched again
 */
export function setUpConnection({ api, heard, missed }) {
  let wanted = false;

  const stream = createStream({
    open: (lastId, signal) => api.events(lastId, signal),
    heard(event) {
      if (event.type === "reset") missed();
      else if (event.type === "task") heard(JSON.parse(event.data));
    },
    state(state, { problem, complete }) {
      const before = byId("connection").dataset.state;
      showState(state, problem);
      if (state !== "live") return;
      if (before === "lost") say("Connected again.");
      if (!complete || before === "lost") missed();
    },
  });

  // A hidden page holds no connection: a browser allows few to one server, and a page in the background needs none.
  const adapt = () => (wanted && !document.hidden ? stream.start() : stream.stop());
  document.addEventListener("visibilitychange", adapt);
  window.addEventListener("offline", stream.interrupt);
  window.addEventListener("online", stream.retry);
  byId("lost-retry").addEventListener("click", stream.retry);

  return {
    start() {
      wanted = true;
      stream.forget();
      adapt();
    },
    stop() {
      wanted = false;
      byId("lost").hidden = true;
      adapt();
    },
  };
}

function showState(state, problem) {
  byId("connection").dataset.state = state;
  byId("connection-words").textContent = WORDS[state];
  if (state === "lost") {
    const words = `Changes do not arrive. ${inWords(problem)} This page goes on trying by itself.`;
    if (byId("lost-words").textContent !== words) byId("lost-words").textContent = words;
  }
  if (state !== "connecting") byId("lost").hidden = state !== "lost";
}
