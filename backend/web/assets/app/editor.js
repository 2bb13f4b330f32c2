// The dialog in which a task is written or changed.

import { confirmed } from "./confirm.js";
import { setUpConflict } from "./conflict.js";
import { momentInWords } from "./dates.js";
import { byId, openDialog } from "./dom.js";
import { clearFailures, onSubmit, valuesOf } from "./forms.js";
import { say } from "./notices.js";
import { Problem } from "./problems.js";

const BLANK = Object.freeze({ title: "", notes: "", status: "todo", priority: "normal", due: null, tags: [] });

/** @param {{tasks: ReturnType<import("./tasks.js").createTasks>}} parts */
export function setUpEditor({ tasks }) {
  const dialog = byId("editor");
  const form = byId("editor-form");
  /** What is edited: the task as it was read, or null for a new one. @type {import("./api.js").Task | null} */
  let task = null;
  let shown = BLANK;
  let saved = () => {};
  const conflict = setUpConflict({ take: () => (fill(task), conflict.hide()), keep: () => form.requestSubmit() });

  function open(next, starting, whenSaved = () => {}) {
    saved = whenSaved;
    task = next;
    fill(starting);
    conflict.hide();
    clearFailures(form);
    byId("editor-title").textContent = task ? "Edit task" : "New task";
    openDialog(dialog);
  }

  function fill(values) {
    shown = pick(values);
    for (const [name, value] of Object.entries(shown)) {
      const control = form.elements.namedItem(name);
      const text = name === "tags" ? value.join(", ") : (value ?? "");
      if (control.value !== text) control.value = text; // setting it moves the cursor
    }
    byId("editor-facts").textContent = task ? `Changed ${momentInWords(task.updated_at)}` : "";
  }

  function differences() {
    const isNew = ([name, value]) => String(value ?? "") !== String(shown[name] ?? "");
    return Object.fromEntries(Object.entries(typedIn(form)).filter(isNew));
  }

  async function save() {
    const changes = differences();
    if (task === null) await tasks.add(typedIn(form));
    else if (Object.keys(changes).length > 0) await tasks.change(task.id, changes, task.version);
    shown = typedIn(form);
    saved();
    dialog.close();
    say("Saved.");
  }

  /** Base what is typed on the newest version, and show where the two differ. */
  async function explain(problem) {
    if (problem.status === 412) {
      meet(await tasks.read(task.id));
    } else {
      task = null;
      shown = BLANK;
      conflict.showDeleted();
    }
  }

  /** Fields that were not touched show the newer version; in the others what was typed stays, and the two are shown. */
  function meet(newer) {
    task = newer;
    fill({ ...newer, ...differences() });
    shown = pick(newer);
    conflict.showChanged(newer, differences());
  }

  async function closeUnlessTyped() {
    if (Object.keys(differences()).length > 0 && !(await confirmed(LEAVING))) return;
    dialog.close();
  }

  onSubmit(form, async () => {
    conflict.hide();
    try {
      await save();
    } catch (problem) {
      if (!(problem instanceof Problem) || task === null || ![404, 412].includes(problem.status)) throw problem;
      await explain(problem);
    }
  });
  for (const id of ["editor-close", "editor-cancel"]) byId(id).addEventListener("click", closeUnlessTyped);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void closeUnlessTyped();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  return {
    add: (title, done) => open(null, { ...BLANK, title }, done),
    edit: (existing) => open(existing, existing),
    close: () => dialog.close(),

    /** The stream says that a task changed: show it when it is the one that is open. */
    hear(change) {
      if (!dialog.open || task === null || form.ariaBusy === "true") return;
      if (change.kind === "deleted" && change.id === task.id) {
        void explain(new Problem({ status: 404 }));
      } else if (change.kind === "changed" && change.task.id === task.id && change.task.version > task.version) {
        meet(change.task);
      }
    },
  };
}

const LEAVING = {
  title: "Leave without saving?",
  words: "What you typed here is not saved.",
  yes: "Leave",
  no: "Keep writing",
};

const pick = (values) => Object.fromEntries(Object.keys(BLANK).map((name) => [name, values[name]]));

function typedIn(form) {
  const { title, notes, status, priority, due, tags } = valuesOf(form);
  const words = tags.split(",").map((tag) => tag.trim());
  return {
    title: title.trim(),
    notes: notes.replaceAll("\r\n", "\n"), // what a form gives is not what was typed
    status,
    priority,
    due: due || null,
    tags: [...new Set(words.filter(Boolean))],
  };
}
