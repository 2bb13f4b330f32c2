// Search, filters and order: from the controls into the store, and into the page's address.

import { byId, icon, make } from "./dom.js";
import { EVERYTHING, fromHash, narrowedBy, toHash } from "./query.js";

const TYPING = 250;

/** @param {{store: ReturnType<import("./store.js").createStore>, changed: () => void}} parts */
export function setUpFilters({ store, changed }) {
  const form = byId("filters");
  const sort = byId("sort");
  let timer = null;

  function apply(changes) {
    clearTimeout(timer);
    const filter = { ...store.get().filter, ...changes };
    store.set({ filter });
    history.replaceState(null, "", `#${toHash(filter)}`);
    changed();
  }

  const chosen = () => {
    const data = new FormData(form);
    return {
      q: data.get("q").trim(),
      status: data.getAll("status"),
      priority: data.getAll("priority"),
      due: data.get("due"),
      sort: sort.value,
    };
  };
  const applySoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => apply(chosen()), TYPING);
  };
  const addTag = (tag) => {
    const tags = store.get().filter.tag;
    if (tag !== "" && !tags.includes(tag)) apply({ tag: [...tags, tag] });
  };
  const takeTag = () => {
    const field = byId("filter-tag");
    addTag(field.value.trim());
    field.value = "";
    field.focus();
  };
  const clear = () => {
    apply({ ...EVERYTHING, sort: store.get().filter.sort });
    byId("filter-q").focus();
  };

  form.addEventListener("input", ({ target }) => target.name === "q" && applySoon());
  form.addEventListener("change", ({ target }) => target.name && target.name !== "q" && apply(chosen()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (document.activeElement === byId("filter-tag")) takeTag();
    else apply(chosen());
  });
  sort.addEventListener("change", () => apply(chosen()));
  byId("filter-tag-add").addEventListener("click", takeTag);
  byId("filter-tags").addEventListener("click", ({ target }) => {
    const tag = target.closest("button")?.dataset.tag;
    if (tag === undefined) return;
    apply({ tag: store.get().filter.tag.filter((other) => other !== tag) });
    byId("filter-tag").focus();
  });
  for (const id of ["filters-clear", "empty-clear"]) byId(id).addEventListener("click", clear);
  byId("filters-toggle").addEventListener("click", ({ currentTarget }) => {
    currentTarget.ariaExpanded = String(currentTarget.ariaExpanded !== "true");
  });

  store.watch((state, before) => {
    if (state === before || state.filter !== before.filter) showFilter(form, state.filter);
    if (state.tasks !== before.tasks) suggestTags(state.tasks);
  });

  return {
    addTag,
    /** Take the filter from the page's address. */
    restore: () => store.set({ filter: fromHash(location.hash, choices(form, sort)) }),
    reset() {
      clearTimeout(timer);
      store.set({ filter: EVERYTHING });
      history.replaceState(null, "", location.pathname + location.search);
    },
  };
}

const choices = (form, sort) => ({
  status: [...form.querySelectorAll("[name=status]")].map((box) => box.value),
  priority: [...form.querySelectorAll("[name=priority]")].map((box) => box.value),
  due: [...byId("filter-due").options].map((option) => option.value),
  sort: [...sort.options].map((option) => option.value),
});

function showFilter(form, filter) {
  const q = byId("filter-q");
  if (q.value.trim() !== filter.q) q.value = filter.q;
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = filter[box.name].includes(box.value);
  byId("filter-due").value = filter.due;
  byId("sort").value = filter.sort;
  byId("filter-tags").replaceChildren(...filter.tag.map(chosenTag));
  const count = narrowedBy(filter);
  byId("filters-clear").hidden = count === 0;
  byId("filters-count").hidden = count === 0;
  byId("filters-count").textContent = String(count);
}

function chosenTag(tag) {
  const button = make("button", { type: "button", className: "fact tag" }, tag, icon("close"));
  button.dataset.tag = tag;
  button.ariaLabel = `Remove ${tag} from the filter`;
  return make("li", {}, button);
}

function suggestTags(tasks) {
  const tags = [...new Set(tasks.flatMap((task) => task.tags))].sort((one, other) => one.localeCompare(other));
  byId("known-tags").replaceChildren(...tags.slice(0, 100).map((value) => make("option", { value })));
}
