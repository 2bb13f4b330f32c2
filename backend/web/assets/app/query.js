// What the list shows: as a value, as a question to the service, and as part of the page's address.

import { dayAfter, today } from "./dates.js";

/**
 * @typedef {object} Filter
 * @property {string} q
 * @property {string[]} status
 * @property {string[]} priority
 * @property {string[]} tag
 * @property {"" | "before" | "today" | "week"} due
 * @property {string} sort
 */

/** @type {Filter} */
export const EVERYTHING = Object.freeze({ q: "", status: [], priority: [], tag: [], due: "", sort: "-created" });

const LISTS = ["status", "priority", "tag"];
const WORDS = ["q", "due", "sort"];

/** How many of its parts narrow the list; the order does not. @param {Filter} filter */
export const narrowedBy = (filter) =>
  LISTS.reduce((sum, name) => sum + filter[name].length, 0) + (filter.q ? 1 : 0) + (filter.due ? 1 : 0);

/** @param {Filter} filter @returns {URLSearchParams} as the service asks for it */
export function question(filter, { limit, cursor, day = today() }) {
  const query = new URLSearchParams({ sort: filter.sort, limit: String(limit) });
  for (const name of LISTS) for (const value of filter[name]) query.append(name, value);
  if (filter.q) query.set("q", filter.q);
  if (filter.due === "before") query.set("due_to", dayAfter(day, -1));
  if (filter.due === "today" || filter.due === "week") query.set("due_from", day);
  if (filter.due === "today") query.set("due_to", day);
  if (filter.due === "week") query.set("due_to", dayAfter(day, 7));
  if (cursor) query.set("cursor", cursor);
  return query;
}

/** @param {Filter} filter @returns {string} what stands behind the # */
export function toHash(filter) {
  const query = new URLSearchParams();
  for (const name of WORDS) if (filter[name] !== EVERYTHING[name]) query.set(name, filter[name]);
  for (const name of LISTS) for (const value of filter[name]) query.append(name, value);
  return query.toString();
}

/** @param {Record<string, string[]>} allowed values of the controls, by name @returns {Filter} */
export function fromHash(hash, allowed) {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const fits = (name) => (value) => !(name in allowed) || allowed[name].includes(value);
  const filter = { ...EVERYTHING };
  for (const name of WORDS) if (query.has(name) && fits(name)(query.get(name))) filter[name] = query.get(name);
  for (const name of LISTS) filter[name] = [...new Set(query.getAll(name))].filter(fits(name));
  return filter;
}
