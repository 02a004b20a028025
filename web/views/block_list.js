// A long list whose items stand in blocks: the browser looks only at the items of the blocks near the window (style.css: content-visibility).

import { h } from "./dom.js";

const BLOCK_SIZE = 20;

// `list`: an empty element with role="list"; its items have role="listitem". Return { first(), next(item), previous(item), insert(item, before),
// remove(item) }; `before` is an item of the list, null for its end.
export function blockList(list) {
  const first = () => list.firstElementChild?.firstElementChild ?? null;
  const next = (item) => item.nextElementSibling ?? item.parentNode.nextElementSibling?.firstElementChild ?? null;
  const previous = (item) => item.previousElementSibling ?? item.parentNode.previousElementSibling?.lastElementChild ?? null;

  function lastBlock() {
    const last = list.lastElementChild;
    if (last && last.childElementCount < BLOCK_SIZE) return last;
    const added = h("div", { class: "list-block", role: "presentation" });
    list.append(added);
    return added;
  }

  function removeIfEmpty(block) {
    if (block && !block.firstElementChild) block.remove();
  }

  function insert(item, before) {
    const block = item.parentNode;
    if (before) before.before(item);
    else lastBlock().append(item);
    if (block !== item.parentNode) removeIfEmpty(block);
  }

  function remove(item) {
    const block = item.parentNode;
    item.remove();
    removeIfEmpty(block);
  }

  return { first, next, previous, insert, remove };
}
