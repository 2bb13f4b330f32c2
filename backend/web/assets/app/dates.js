// Days as `YYYY-MM-DD`, and how people say them.

const DAY = 86_400_000;
const named = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const withYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** The day it is where the person is. */
export function today(now = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  return `${String(now.getFullYear()).padStart(4, "0")}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export const dayAfter = (day, days) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** @returns {{words: string, when: "late" | "today" | "later"}} */
export function dueInWords(due, day = today()) {
  const days = Math.round((Date.parse(due) - Date.parse(day)) / DAY);
  const when = days < 0 ? "late" : days === 0 ? "today" : "later";
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return { words: near ?? (due.slice(0, 4) === day.slice(0, 4) ? named : withYear).format(new Date(due)), when };
}

/** A moment of the service's, such as `2026-01-31T09:05:00Z`, where the person is. */
export const momentInWords = (text) => moment.format(new Date(text));
