// What went wrong, as a value and in words.

/** Why a request brought no result. `status` is 0 when there was no answer at all. */
export class Problem extends Error {
  /**
   * @param {{status?: number, detail?: string, errors?: {field: string, detail: string}[], requestId?: string,
   *   retryAfter?: number, cause?: "offline" | "timeout" | "abroad"}} what `retryAfter` in seconds
   */
  constructor({ status = 0, detail = "", errors = [], requestId = "", retryAfter = 0, cause = "offline" }) {
    super(detail || `status ${status}`);
    Object.assign(this, { name: "Problem", status, detail, errors, requestId, retryAfter });
    this.cause = cause;
  }
}

/** The person logged out while a request waited: nothing is to be said about it. */
export class LoggedOut extends Error {}

/** Read a problem document (RFC 9457), or what a proxy sent in its place. */
export async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy's page of HTML; the status says enough.
  }
  return new Problem({
    status: response.status,
    detail: typeof body.detail === "string" ? body.detail : (body.title ?? ""),
    errors: Array.isArray(body.errors) ? body.errors : [],
    requestId: body.request_id ?? response.headers.get("X-Request-ID") ?? "",
    retryAfter: secondsUntil(response.headers.get("Retry-After")),
  });
}

/** `Retry-After` in seconds, from either of its two forms (RFC 9110, section 10.2.3); 0 when there is none. */
export function secondsUntil(header, now = Date.now) {
  if (header === null) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0;
}

/** One or two sentences for a person. */
export function inWords(problem) {
  if (!(problem instanceof Problem)) throw problem;
  const { status, detail } = problem;
  if (status === 0) return unanswered(problem);
  if (status === 429) return `Too many attempts. Try again ${soon(problem.retryAfter, "in a minute")}.`;
  if (status === 503) return `The service is not available now. Try again ${soon(problem.retryAfter, "shortly")}.`;
  if (status >= 500) return `The server failed; the fault is not in what you typed.${reference(problem)}`;
  if (status === 422) return "Some of it is not valid.";
  if (status === 413) return "That is too much at once for the server.";
  return sentence(detail) || `The server refused this with status ${status}.${reference(problem)}`;
}

function unanswered({ cause }) {
  if (cause === "timeout") return "The server took too long to answer. Look whether it was done before you try again.";
  if (cause === "abroad") return "The server answered with something this page cannot read.";
  if (!navigator.onLine) return "You are offline. What you typed is still here.";
  return "There is no connection to the server. What you typed is still here; try again in a moment.";
}

function soon(seconds, otherwise) {
  if (!seconds) return otherwise;
  if (seconds < 100) return seconds === 1 ? "in 1 second" : `in ${seconds} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

function reference({ requestId }) {
  return requestId ? ` If it goes on, report request ${requestId}.` : "";
}

/** `text` as a sentence: with a capital and a full stop. */
export function sentence(text) {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const ended = /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended[0].toUpperCase() + ended.slice(1);
}
