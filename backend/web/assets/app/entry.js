// The door: log in, or register and be logged in.

import { byId } from "./dom.js";
import { clearFailures, hidePasswords, onSubmit, showSummary } from "./forms.js";
import { Problem } from "./problems.js";

const WORDS = {
  login: {
    title: "Log in",
    lead: "Your tasks, on every page you have open.",
    question: "No account yet?",
    other: "Create one",
  },
  register: {
    title: "Create an account",
    lead: "A name and a password are all it takes.",
    question: "Have an account already?",
    other: "Log in",
  },
};

/**
 * @param {object} parts
 * @param {ReturnType<import("./api.js").createDoor>} parts.door
 * @param {(username: string, token: object) => void} parts.entered
 */
export function setUpEntry({ door, entered }) {
  const form = byId("entry-form");
  const password = byId("entry-password");
  let mode = "login";

  function setMode(next) {
    mode = next;
    const words = WORDS[mode];
    byId("entry-title").textContent = words.title;
    byId("entry-lead").textContent = words.lead;
    byId("entry-submit").textContent = mode === "login" ? "Log in" : "Create account";
    byId("entry-question").textContent = words.question;
    byId("entry-switch").textContent = words.other;
    password.autocomplete = mode === "login" ? "current-password" : "new-password";
    password.minLength = mode === "login" ? 0 : 12;
    for (const hint of form.querySelectorAll("[data-for]")) hint.hidden = hint.dataset.for !== mode;
    clearFailures(form);
  }

  byId("entry-switch").addEventListener("click", () => {
    setMode(mode === "login" ? "register" : "login");
    byId("entry-username").focus();
  });

  onSubmit(
    form,
    async (values) => {
      hidePasswords(form);
      const username = values.username.trim();
      if (mode === "register") {
        await door.register(username, values.password);
        setMode("login"); // all that is left to do, should the next step fail
      }
      const token = await door.login(username, values.password);
      form.reset();
      setMode("login");
      entered(username.toLowerCase(), token);
    },
    (problem) => explained(problem, form),
  );

  return {
    show() {
      setMode("login");
      byId("entry").hidden = false;
    },
    hide: () => (byId("entry").hidden = true),
  };
}

function explained(problem, form) {
  if (!(problem instanceof Problem) || ![401, 409].includes(problem.status)) return false;
  const wrong = problem.status === 401;
  showSummary(form, wrong ? "The username or the password is wrong." : "This username is taken; choose another one.");
  byId(wrong ? "entry-password" : "entry-username").focus();
  return true;
}
