// Export of all tasks into a file, and import of such a file in parts that the service takes.

import { FORMAT } from "./api.js";
import { byId, make, quantity } from "./dom.js";
import { attempt, show } from "./notices.js";
import { inWords, LoggedOut, Problem } from "./problems.js";

const PART = 2 * 1024 * 1024; // bytes; half of what the service takes at once
const MOST = 1_000; // tasks
const encoder = new TextEncoder();

/** @param {{api: ReturnType<import("./api.js").createApi>, imported: () => void}} parts */
export function setUpTransfer({ api, imported }) {
  const file = byId("import-file");
  byId("export").addEventListener("click", () => attempt(async () => download(await api.exported())));
  byId("import").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    file.value = "";
    if (chosen) await take(chosen, api);
    imported();
  });
}

function download(blob, day = new Date().toISOString().slice(0, 10)) {
  const href = URL.createObjectURL(blob);
  make("a", { href, download: `tasks-${day}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  show("Your tasks are exported to a file.");
}

/** @param {File} file */
async function take(file, api) {
  const tasks = tasksIn(await file.text());
  if (tasks === null) {
    show(`${file.name} is not an export of this service.`, { kind: "failed" });
    return;
  }
  const sum = { created: 0, skipped: 0 };
  let sent = 0;
  try {
    for (const part of inParts(tasks)) {
      const { created, skipped } = await api.imported(part);
      sum.created += created;
      sum.skipped += skipped;
      sent += part.length;
    }
    show(summary(sum));
  } catch (error) {
    if (error instanceof LoggedOut) return;
    const before = sent > 0 ? ` Before that: ${summary(sum)}` : " Nothing was imported.";
    show(`The import stopped. ${reason(error, sent)}${before}`, { kind: "failed" });
  }
}

function tasksIn(text) {
  try {
    const { format, tasks } = JSON.parse(text);
    return format === FORMAT && Array.isArray(tasks) ? tasks : null;
  } catch {
    return null;
  }
}

/** @param {object[]} tasks */
function* inParts(tasks) {
  let part = [];
  let size = 0;
  for (const task of tasks) {
    const bytes = encoder.encode(JSON.stringify(task)).length;
    if (part.length === MOST || (part.length > 0 && size + bytes > PART)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(task);
    size += bytes;
  }
  if (part.length > 0) yield part;
}

function summary({ created, skipped }) {
  const known = skipped > 0 ? ` ${quantity(skipped, "was", "were")} there already.` : "";
  return `${quantity(created, "task")} imported.${known}`;
}

/** Which task of the file was refused, counted from one as people do. */
function reason(error, sent) {
  const [wrong] = error instanceof Problem ? error.errors : [];
  const place = /^body\.tasks\.(\d+)\.?(.*)$/.exec(wrong?.field ?? "");
  if (!place) return inWords(error);
  return `Task ${sent + Number(place[1]) + 1} of the file is not valid: ${place[2]} ${wrong.detail}.`;
}
