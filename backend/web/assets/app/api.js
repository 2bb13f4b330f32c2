// The service's operations. Each throws a Problem, or LoggedOut when the person left meanwhile.

import { readJson, send } from "./http.js";
import { Problem } from "./problems.js";

/**
 * @typedef {object} Task
 * @property {string} id
 * @property {string} title
 * @property {string} notes
 * @property {"todo" | "doing" | "done"} status
 * @property {"low" | "normal" | "high"} priority
 * @property {string | null} due `YYYY-MM-DD`
 * @property {string[]} tags
 * @property {number} version
 * @property {string} created_at
 * @property {string} updated_at
 * @property {string | null} completed_at
 */

export const FORMAT = "task-service/1";
const LONG = 120_000;
const ATTEMPTS = 3;

/** What can be done without being logged in. @param {URL} base */
export function createDoor(base) {
  const at = (path) => new URL(`api/v1/auth/${path}`, base);
  const post = async (path, options) => readJson(await send(at(path), { method: "POST", ...options }));
  return {
    register: (username, password) => post("register", { json: { username, password } }),
    login: (username, password) => post("login", { form: { grant_type: "password", username, password } }),
    refresh: (token) => post("refresh", { json: { refresh_token: token } }),
    logout: (token) => send(at("logout"), { method: "POST", json: { refresh_token: token } }),
  };
}

/**
 * What a person who is logged in can do.
 *
 * @param {URL} base
 * @param {ReturnType<import("./session.js").createSession>} session
 */
export function createApi(base, session) {
  async function call(path, { headers = {}, ...options } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      const access = await session.bearer();
      try {
        const authorization = { Authorization: `Bearer ${access}` };
        return await send(new URL(`api/v1/${path}`, base), { ...options, headers: { ...headers, ...authorization } });
      } catch (problem) {
        const refused = problem instanceof Problem && problem.status === 401;
        if (!refused || attempt === ATTEMPTS) throw problem;
        await session.replace(access);
      }
    }
  }

  const get = async (path, options) => readJson(await call(path, options));
  const post = async (path, json, options) => readJson(await call(path, { method: "POST", json, ...options }));
  const match = (version) => (version === undefined ? {} : { "If-Match": `"${version}"` });
  const one = (id) => `tasks/${encodeURIComponent(id)}`;

  return {
    /** @param {URLSearchParams} query @returns {Promise<{items: Task[], next: string | null}>} */
    list: (query, signal) => get(`tasks?${query}`, { signal }),
    /** @returns {Promise<Task>} */
    read: (id) => get(one(id)),
    /** @returns {Promise<Task>} */
    create: (task) => post("tasks", task),
    /** @returns {Promise<Task>} */
    change: async (id, changes, version) =>
      readJson(await call(one(id), { method: "PATCH", json: changes, headers: match(version) })),
    remove: (id, version) => call(one(id), { method: "DELETE", headers: match(version) }),
    /** @returns {Promise<{done: string[], missing: string[]}>} */
    bulk: (action, ids) => post(`tasks/bulk/${action}`, { ids }),
    exported: async () => (await call("tasks/export", { patience: LONG })).blob(),
    /** @param {object[]} tasks @returns {Promise<{created: number, skipped: number}>} */
    imported: (tasks) => post("tasks/import", { format: FORMAT, tasks }, { patience: LONG }),
    changePassword: (current, next) =>
      call("auth/me/password", { method: "POST", json: { current_password: current, new_password: next } }),
    deleteAccount: (password) => call("auth/me/delete", { method: "POST", json: { password } }),
    /** @returns {Promise<Response>} whose body goes on until `signal` */
    events(lastId, signal) {
      const headers = { Accept: "text/event-stream" };
      if (lastId !== null) headers["Last-Event-ID"] = lastId;
      return call("events", { headers, signal, patience: 0 });
    },
  };
}
