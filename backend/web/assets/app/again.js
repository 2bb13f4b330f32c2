// A session that ended while somebody was working: log in again over the page, so that nothing typed is lost.

import { byId, openDialog } from "./dom.js";
import { clearFailures, onSubmit } from "./forms.js";
import { LoggedOut } from "./problems.js";

/** @returns {{ask(username: string): Promise<void>, settle(held: object | null): void}} */
export function createAgain({ login, leave }) {
  const dialog = byId("again");
  const form = byId("again-form");
  let waiting = null;

  const settle = (error) => {
    const { resolve, reject } = waiting ?? {};
    waiting = null;
    dialog.close();
    form.reset();
    clearFailures(form);
    if (error) reject?.(error);
    else resolve?.();
  };

  onSubmit(form, async ({ username, password }) => {
    await login(username, password);
    settle();
  });
  byId("again-leave").addEventListener("click", () => {
    settle(new LoggedOut());
    leave();
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // Escape would leave every request waiting
  // A browser lets a second Escape through all the same.
  dialog.addEventListener("close", () => waiting && openDialog(dialog));

  return {
    ask(username) {
      byId("again-username").value = username;
      byId("again-username").defaultValue = username;
      openDialog(dialog);
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    /** Another tab logged the same person in, or it is another person's or nobody's page now (null). */
    settle(held) {
      if (waiting) settle(held === null ? new LoggedOut() : undefined);
    },
  };
}
