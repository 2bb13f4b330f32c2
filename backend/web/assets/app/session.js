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
  let renewing = null;
  let letGo = () => {};
  let owner = held()?.username;

  /** @returns {Held | null} */
  function held() {
    return parse(storage.get(key));
  }

  /** What is kept, unless another tab has logged somebody else in: what is typed here is not for their account. */
  function mine() {
    const kept = held();
    return kept?.username === owner ? kept : null;
  }

  function keep(username, token) {
    owner = username;
    const expires = now() + token.expires_in * 1000;
    storage.set(key, JSON.stringify({ username, access: token.access_token, refresh: token.refresh_token, expires }));
  }

  /** Make sure that the kept access token is another than `used`. Resolves to false when the session has ended. */
  async function renewed(used) {
    const before = mine();
    if (before === null) throw new LoggedOut();
    if (before.access !== used) return true; // another request, or another tab, was first
    renewing ??= (locks ? alone(before) : exchange(before)).finally(() => (renewing = null));
    return renewing;
  }

  /**
   * A refresh token is good once: when two tabs present the same one, the session ends for both. So a tab presents it
   * under a lock of its name, and does not let go afterwards: what one tab keeps is seen by the others a little later.
   * They go on as soon as they see it.
   *
   * @param {Held} before
   */
  async function alone(before) {
    const waiting = new AbortController();
    const { signal } = waiting;
    const isReplaced = () => held()?.refresh !== before.refresh;
    const elsewhere = new Promise((resolve) => {
      window.addEventListener("storage", () => isReplaced() && resolve(true), { signal });
    });
    const here = new Promise((resolve, reject) => {
      const present = async () => {
        const done = isReplaced() || (await exchange(before));
        resolve(done);
        if (done) await untilNext();
      };
      locks.request(`${key}:${before.refresh.slice(-40)}`, { signal }, present).catch(reject);
    });
    return Promise.race([elsewhere, here]).finally(() => waiting.abort());
  }

  /** Resolves when this tab has come to its next lock. */
  function untilNext() {
    letGo();
    return new Promise((resolve) => (letGo = resolve));
  }

  /** @param {Held} before @returns {Promise<boolean>} */
  async function exchange(before) {
    try {
      keep(before.username, await renew(before.refresh));
      return true;
    } catch (problem) {
      if (problem instanceof Problem && [401, 422].includes(problem.status)) return false;
      throw problem;
    }
  }

  /** Replace the access token `used`, by the refresh token or else by asking the person. */
  async function replace(used) {
    if (await renewed(used)) return;
    const now = mine();
    if (now === null) throw new LoggedOut();
    if (now.access !== used) return; // somebody logged in again while the old session was found to have ended
    asking ??= askAgain(owner).finally(() => (asking = null));
    await asking;
  }

  return {
    held,
    begin: keep,
    end: () => storage.set(key, null),
    replace,

    /** An access token that is not about to expire. */
    async bearer() {
      const before = mine();
      if (before === null) throw new LoggedOut();
      if (before.expires - now() > MARGIN) return before.access;
      await replace(before.access);
      return mine()?.access ?? Promise.reject(new LoggedOut());
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
