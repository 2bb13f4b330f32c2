// The browser's storage, or memory where it is blocked, as it can be for a page inside another site's frame.

/**
 * @returns {{get(key: string): string | null, set(key: string, value: string | null): void}}
 */
export function openStorage(find = () => window.localStorage) {
  const memory = new Map();
  let kept = null;
  try {
    kept = find();
    kept.getItem("");
  } catch {
    kept = null;
  }
  return {
    get: (key) => (kept === null ? (memory.get(key) ?? null) : kept.getItem(key)),
    set(key, value) {
      if (kept !== null) {
        try {
          if (value === null) kept.removeItem(key);
          else kept.setItem(key, value);
          return;
        } catch {
          kept = null; // full, or blocked since
        }
      }
      if (value === null) memory.delete(key);
      else memory.set(key, value);
    },
  };
}
