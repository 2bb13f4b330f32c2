// One request and its answer: JSON, a time limit, and every failure as a Problem.

import { Problem, problemOf } from "./problems.js";

const PATIENCE = 20_000;

/**
 * @param {URL | string} url
 * @param {{method?: string, headers?: Record<string, string>, json?: unknown, form?: Record<string, string>,
 *   signal?: AbortSignal, patience?: number}} [options] `patience` in milliseconds, 0 for ever
 * @returns {Promise<Response>} of a status below 300
 * @throws {Problem}
 */
export async function send(url, options = {}) {
  const { method = "GET", headers = {}, json, form, signal, patience = PATIENCE } = options;
  const limit = patience ? AbortSignal.timeout(patience) : null;
  const sent = { method, headers: { Accept: "application/json", ...headers } };
  if (json !== undefined) {
    sent.body = JSON.stringify(json);
    sent.headers["Content-Type"] = "application/json";
  } else if (form) {
    sent.body = new URLSearchParams(form);
  }
  const signals = [signal, limit].filter(Boolean);
  let response;
  try {
    // To its own origin with cookies: a private Space lets its visitors in by one. The service itself knows none.
    const how = { credentials: "same-origin", cache: "no-store", signal: AbortSignal.any(signals) };
    response = await fetch(url, { ...sent, ...how });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem({ cause: limit?.aborted ? "timeout" : "offline" });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/**
 * The answer's JSON.
 *
 * @throws {Problem} when the connection breaks off in mid-answer, or when it is no JSON
 */
export async function readJson(response) {
  try {
    return await response.json();
  } catch (error) {
    throw new Problem({ cause: error instanceof SyntaxError ? "abroad" : "offline" });
  }
}
