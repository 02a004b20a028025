// Marks of text by the CSS Custom Highlight API, which leaves the text's nodes alone. Browsers without it show no marks.

// Return the range of `length` characters of a text node.
export function textRange(content, start, length) {
  const range = new Range();
  range.setStart(content, start);
  range.setEnd(content, start + length);
  return range;
}

// Mark these ranges and no others. style.css has a `::highlight()` for each name.
export function setHighlight(name, ranges) {
  if (ranges.length) CSS.highlights?.set(name, new Highlight(...ranges));
  else CSS.highlights?.delete(name);
}
