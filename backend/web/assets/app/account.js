// The account's menu: change the password, delete the account, log out.

import { byId, openDialog } from "./dom.js";
import { clearFailures, hidePasswords, onSubmit, showSummary } from "./forms.js";
import { show } from "./notices.js";

/**
 * @param {object} parts
 * @param {ReturnType<import("./api.js").createApi>} parts.api
 * @param {(words: string) => void} parts.leave
 * @param {() => void} parts.logOut
 */
export function setUpAccount({ api, leave, logOut }) {
  const menu = byId("account-menu");
  const button = byId("account-button");
  menu.addEventListener("toggle", ({ newState }) => (button.ariaExpanded = String(newState === "open")));
  button.ariaExpanded = "false";
  for (const item of menu.querySelectorAll("button")) item.addEventListener("click", () => menu.hidePopover());

  const password = setUpDialog("password", async (values) => {
    await api.changePassword(values.current_password, values.new_password);
    return () => show("Your password is changed. Other sessions have to log in again.");
  });
  const farewell = setUpDialog("farewell", async (values) => {
    await api.deleteAccount(values.password);
    return () => leave("Your account and all your tasks are deleted.");
  });
  byId("change-password").addEventListener("click", password);
  byId("delete-account").addEventListener("click", farewell);
  byId("log-out").addEventListener("click", logOut);

  return {
    /** @param {string} username */
    setName(username) {
      byId("account-name").textContent = username;
      byId("menu-name").textContent = username;
      for (const field of document.querySelectorAll("[data-username]")) field.value = field.defaultValue = username;
    },
  };
}

/** @param {(values: Record<string, string>) => Promise<() => void>} work gives what to do once the dialog is closed */
function setUpDialog(name, work) {
  const dialog = byId(`${name}-dialog`);
  const form = byId(`${name}-form`);
  dialog.addEventListener("close", () => {
    form.reset();
    hidePasswords(form);
    clearFailures(form);
  });
  form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  onSubmit(
    form,
    async (values) => {
      const after = await work(values);
      dialog.close();
      after();
    },
    (problem) => {
      if (problem.status !== 403) return false;
      showSummary(form, "This is not your password.");
      form.querySelector("[autocomplete=current-password]").select();
      return true;
    },
  );
  return () => openDialog(dialog);
}
