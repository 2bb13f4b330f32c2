// Forms: what is wrong is said beside its field, and nothing is sent twice at once.

import { byId, make } from "./dom.js";
import { inWords, LoggedOut, Problem, sentence } from "./problems.js";

/**
 * Run `work(values)` when the form is sent and its fields are in order.
 *
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<void>} work a Problem it throws is shown in the form
 * @param {(problem: Problem) => boolean} [handled] true when nothing more needs to be shown
 */
export function onSubmit(form, work, handled = () => false) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clearFailures(form);
    if (!complete(form)) return;
    setBusy(form, true);
    try {
      await work(valuesOf(form));
    } catch (error) {
      if (error instanceof LoggedOut) return;
      if (!(error instanceof Problem)) throw error;
      if (!handled(error)) showProblem(form, error);
    } finally {
      setBusy(form, false);
    }
  });
}

/** @param {HTMLFormElement} form */
export const valuesOf = (form) => Object.fromEntries(new FormData(form));

function setBusy(form, busy) {
  form.ariaBusy = String(busy);
  // Not `disabled`: that would take the focus away and leave the keyboard nowhere.
  for (const button of form.querySelectorAll("button[type=submit]")) button.ariaDisabled = String(busy);
}

/** Say what is wrong with each field; the first one gets the focus. */
function complete(form) {
  let first = null;
  for (const field of form.elements) {
    const words = shortcoming(field);
    if (words === "") continue;
    showFailure(field, words);
    first ??= field;
  }
  first?.focus();
  return first === null;
}

function shortcoming(field) {
  if (field.readOnly || !field.name) return "";
  if (field.required && field.value.trim() === "") return field.dataset.missing ?? "This is needed.";
  if (field.validity.badInput) return "This is not complete.";
  const length = [...field.value].length;
  if (field.minLength > length && length > 0) return `At least ${field.minLength} characters; there are ${length}.`;
  return "";
}

/** Show a refusal in the form: beside the fields it names, and the rest above them. */
export function showProblem(form, problem) {
  const general = [];
  let first = null;
  for (const { field, detail } of problem.errors) {
    const control = form.elements.namedItem(field.split(".")[1] ?? "");
    if (control instanceof HTMLElement) {
      showFailure(control, sentence(detail));
      first ??= control;
    } else {
      general.push(`${field.replace(/^body\./, "")}: ${sentence(detail)}`);
    }
  }
  if (first === null || general.length > 0) showSummary(form, [inWords(problem), ...general].join(" "));
  first?.focus();
}

export function showSummary(form, words) {
  const summary = form.querySelector("[data-failure]");
  summary.textContent = words;
  summary.hidden = false;
  summary.scrollIntoView({ block: "nearest" });
}

function showFailure(field, words) {
  const id = `${field.id}-failure`;
  document.getElementById(id)?.remove();
  field.closest(".field").append(make("p", { id, className: "field-failure", textContent: words }));
  field.ariaInvalid = "true";
  describe(field, (ids) => [...ids, id]);
}

export function clearFailures(form) {
  const summary = form.querySelector("[data-failure]");
  summary.textContent = "";
  summary.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid=true]")) {
    field.ariaInvalid = null;
    byId(`${field.id}-failure`).remove();
    describe(field, (ids) => ids.filter((id) => id !== `${field.id}-failure`));
  }
}

function describe(field, change) {
  const ids = change((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (ids.length > 0) field.setAttribute("aria-describedby", [...new Set(ids)].join(" "));
  else field.removeAttribute("aria-describedby");
}

/** Buttons that show and hide what is typed into a password field. */
export function setUpReveals() {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    button.addEventListener("click", () => setRevealed(button, button.ariaPressed !== "true"));
  }
}

/** Hide every password again, such as before a browser offers to keep it. */
export function hidePasswords(form) {
  for (const button of form.querySelectorAll("[data-reveal]")) setRevealed(button, false);
}

function setRevealed(button, shown) {
  byId(button.dataset.reveal).type = shown ? "text" : "password";
  button.ariaPressed = String(shown);
}
