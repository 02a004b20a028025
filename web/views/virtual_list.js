// A long list of which only the items near the window are in the document. The others stand in blocks, which keep their height while they
// are empty: the scroll bar has its true length, and the place in the list does not move.

import { h } from "./dom.js";

const BLOCK_SIZE = 10;
const NEAR_PX = 1500;
const FILL_AFTER_MS = 120; // a block that is only scrolled past stays empty

// `list`: an empty element with role="list". `nodeAt(position)` returns the item's element, with role="listitem", or null if it is not
// loaded. `onNear()`: called when other items have come near. An item that has the focus stays in the document.
export function virtualList(list, { nodeAt, onNear }) {
  const blocks = []; // { node, count, height, isNear, isFilled, nearSince: 0 once an attempt to fill it was made }
  const blockOf = new Map(); // by node
  let total = 0;
  let itemHeight = 0; // the mean of a block that has been shown
  let listWidth = 0;
  let filling = 0; // a timer
  const nearness = new IntersectionObserver(onNearness, { rootMargin: `${NEAR_PX}px 0px` });
  const sizes = new ResizeObserver(onSizes);
  list.addEventListener("focusin", onFocus);

  function addBlock() {
    const block = { node: h("div", { class: "list-block", role: "presentation" }), count: 0, height: 0, isNear: !blocks.length, isFilled: false, nearSince: 0 };
    blocks.push(block);
    blockOf.set(block.node, block);
    list.append(block.node);
    nearness.observe(block.node);
    sizes.observe(block.node);
  }

  function removeLastBlock() {
    const { node } = blocks.pop();
    nearness.unobserve(node);
    sizes.unobserve(node);
    blockOf.delete(node);
    node.remove();
  }

  // The list has `newTotal` items now; those that are in the document may have changed.
  function show(newTotal) {
    total = newTotal;
    const count = Math.ceil(total / BLOCK_SIZE);
    while (blocks.length > count) removeLastBlock();
    while (blocks.length < count) addBlock();
    for (const [index, block] of blocks.entries()) setCount(block, Math.min(BLOCK_SIZE, total - index * BLOCK_SIZE));
    const focused = document.activeElement;
    blocks.forEach(fillOrEmpty);
    if (list.contains(focused)) focused.focus({ preventScroll: true }); // its item may have moved to another block
  }

  function setCount(block, count) {
    if (count !== block.count) block.node.style.setProperty("--items", count);
    block.count = count;
  }

  function fillOrEmpty(block, index) {
    if (block.isNear || block.node.contains(document.activeElement)) fill(block, index);
    else if (block.node.firstChild) empty(block);
  }

  // A block begins with all of its items, so that its height changes once.
  function fill(block, index) {
    const first = index * BLOCK_SIZE;
    const nodes = Array.from({ length: block.count }, (_, each) => nodeAt(first + each));
    block.isFilled = nodes.every(Boolean);
    if (!block.isFilled && !block.node.firstChild) return;
    block.node.style.removeProperty("--block-height");
    placeChildren(block.node, nodes.filter(Boolean));
    for (const [each, node] of nodes.entries()) setPlace(node, first + each + 1);
  }

  function setPlace(node, place) {
    node?.setAttribute("aria-posinset", place);
    node?.setAttribute("aria-setsize", total);
  }

  function empty(block) {
    block.isFilled = false;
    block.node.style.setProperty("--block-height", `${block.height}px`);
    block.node.replaceChildren();
  }

  function onNearness(entries) {
    for (const { target, isIntersecting } of entries) {
      const block = blockOf.get(target);
      if (!block || block.isNear === isIntersecting) continue;
      block.isNear = isIntersecting;
      block.nearSince = isIntersecting ? performance.now() : 0;
    }
    for (const [index, block] of blocks.entries()) if (block.isFilled && !block.isNear) fillOrEmpty(block, index);
    fillLater();
  }

  function fillLater() {
    filling ||= setTimeout(fillNear, FILL_AFTER_MS);
  }

  // The next Tab must find an item.
  function onFocus() {
    for (const [index, block] of blocks.entries()) if (block.isNear && !block.isFilled) fill(block, index);
    onNear();
  }

  // Fill one block per frame: the first of those that have been near for long enough.
  function fillNear() {
    filling = 0;
    const waiting = blocks.filter((block) => block.nearSince);
    const due = waiting.find((block) => performance.now() - block.nearSince >= FILL_AFTER_MS);
    if (due) {
      due.nearSince = 0;
      if (!due.isFilled) fill(due, blocks.indexOf(due));
      requestAnimationFrame(fillNear);
    } else if (waiting.length) {
      fillLater();
    } else {
      onNear();
    }
  }

  // Guess the height of the blocks that have not been shown from one that has, and again when the list has another width.
  function onSizes(entries) {
    for (const { target, borderBoxSize: [{ blockSize, inlineSize }] } of entries) {
      const block = blockOf.get(target);
      if (!block?.isFilled) continue;
      block.height = blockSize;
      if (block.count < BLOCK_SIZE) continue;
      const isWider = Math.abs(inlineSize - listWidth) > 1;
      if (isWider) forgetHeights();
      if (itemHeight && !isWider) continue;
      listWidth = inlineSize;
      itemHeight = blockSize / BLOCK_SIZE;
      list.style.setProperty("--item-height", `${itemHeight}px`);
    }
  }

  function forgetHeights() {
    itemHeight = 0;
    for (const { node } of blocks) node.style.removeProperty("--block-height");
  }

  // Return the positions [from, to) of the items that are near the window.
  function range() {
    const near = blocks.flatMap((block, index) => (block.isNear ? [index] : []));
    return near.length ? [near[0] * BLOCK_SIZE, Math.min(total, (near.at(-1) + 1) * BLOCK_SIZE)] : [0, 0];
  }

  // Put the item at `position` into the document and scroll to it.
  function reveal(position) {
    const block = blocks[Math.floor(position / BLOCK_SIZE)];
    if (!block || block.isFilled) return;
    block.isNear = true;
    fill(block, Math.floor(position / BLOCK_SIZE));
    block.node.scrollIntoView({ block: "nearest" });
  }

  // Return the position of the first item that is in the window, 0 if the list has none.
  function firstInWindow() {
    const item = [...list.querySelectorAll(":scope > * > *")].find((each) => each.getBoundingClientRect().bottom > 0);
    return item ? Number(item.getAttribute("aria-posinset")) - 1 : 0;
  }

  // Scroll to about the item at `position`, also if it is not loaded yet.
  function scrollTo(position) {
    const block = blocks[Math.floor(position / BLOCK_SIZE)];
    if (block) window.scrollBy(0, block.node.getBoundingClientRect().top + (position % BLOCK_SIZE) * itemHeight);
  }

  return {
    show,
    range,
    reveal,
    firstInWindow,
    scrollTo,
    reset: forgetHeights,
    destroy() {
      clearTimeout(filling);
      nearness.disconnect();
      sizes.disconnect();
    },
  };
}

// Make `nodes` the children of `parent`; those that are there already stay untouched.
function placeChildren(parent, nodes) {
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
