// Who is logged in: the tokens, their renewal, and what other tabs of this browser do with them.

import { LoggedOut, Problem } from "./problems.js";

/** @typedef {{username: string, access: string, refresh: string, expires: number}} Held `expires` in ms since 1970 */

const MARGIN = 15_000;

/**
 * @param {object} parts
 * @param {{get(key: string): string | null, set(key: string, value: string | null): void}} parts.storage
 * @param {string} parts.key under which all tabs find the tokens
 * @param {(refreshToken: string) => Promise<object>} parts.renew fetches a new Token
 * @param {(username: string) => Promise<void>} parts.askAgain resolves when the person has logged in again
 */
export function createSession({ storage, key, renew, askAgain, locks = navigator.locks, now = Date.now }) {
  let asking = null;

  /** @returns {Held | null} */
  function held() {
    try {
      return JSON.parse(storage.get(key) ?? "null");
    } catch {
      return null;
    }
  }

  function keep(username, token) {
    const expires = now() + token.expires_in * 1000;
    storage.set(key, JSON.stringify({ username, access: token.access_token, refresh: token.refresh_token, expires }));
  }

  // A refresh token is good once: two tabs that present the same one would end the session for both.
  const alone = (work) => (locks ? locks.request(`${key}:renewal`, work) : work());

  /** Make sure that the kept access token is another than `used`. Resolves to false when the session has ended. */
  const renewed = (used) =>
    alone(async () => {
      const before = held();
      if (before === null) throw new LoggedOut();
      if (before.access !== used) return true; // another tab was first
      try {
        keep(before.username, await renew(before.refresh));
        return true;
      } catch (problem) {
        if (problem instanceof Problem && [401, 422].includes(problem.status)) return false;
        throw problem;
      }
    });

  /** Replace the access token `used`, by the refresh token or else by asking the person. */
  async function replace(used) {
    if (await renewed(used)) return;
    const { username } = held() ?? {};
    if (username === undefined) throw new LoggedOut();
    asking ??= askAgain(username).finally(() => (asking = null));
    await asking;
  }

  return {
    held,
    begin: keep,
    end: () => storage.set(key, null),
    replace,

    /** An access token that is not about to expire. */
    async bearer() {
      const before = held();
      if (before === null) throw new LoggedOut();
      if (before.expires - now() > MARGIN) return before.access;
      await replace(before.access);
      return held()?.access ?? Promise.reject(new LoggedOut());
    },

    /** Call `heard(before, after)` when another tab logs in, out, or renews. */
    onElsewhere(heard) {
      window.addEventListener("storage", (event) => {
        if (event.key !== key && event.key !== null) return;
        heard(parse(event.oldValue), held());
      });
    },
  };
}

function parse(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
