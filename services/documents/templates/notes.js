// The current chapter in the list of contents, buttons that copy listings, and citations of paragraphs.
(() => {
  const page = JSON.parse(document.getElementById("page-data").textContent);

  async function copy(text, button) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      button.parentElement.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    if (!done) return;
    button.textContent = page.labels.copied;
    setTimeout(() => (button.textContent = page.labels.copy), 1500);
  }

  function makeButton(label, className, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = label;
    button.addEventListener("click", () => action(button));
    return button;
  }

  for (const listing of document.querySelectorAll("pre")) {
    const text = listing.textContent;
    listing.parentElement.insertBefore(makeButton(page.labels.copy, "copy", (button) => copy(text, button)), listing);
  }

  // ---------------------------------------------------------------- citations

  const escapeBibtex = (text) => text.replace(/[{}%&$#_]/g, "\\$&").replace(/\\(?![{}%&$#_])|[~^]/g, " ");
  const escapeJson = (text) => JSON.stringify(text).slice(1, -1);

  function fill(template, values, escapeValue) {
    return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`⟦${name}⟧`, escapeValue(name, value)), template);
  }

  const dialog = document.createElement("dialog");
  document.body.append(dialog);

  function showCitation(number, values) {
    const templates = page.citations[number];
    const quoted = values.quote ? templates : templates.unquoted;
    const texts = {
      [page.labels.cite]: fill(quoted.text, values, (name, value) => value),
      BibTeX: fill(quoted.bibtex, values, (name, value) => (name === "url" ? value : escapeBibtex(value))),
      "CSL-JSON": fill(quoted.csl, values, (name, value) => escapeJson(value)),
    };
    dialog.replaceChildren(
      ...Object.entries(texts).flatMap(([title, text]) => {
        const heading = document.createElement("h3");
        const box = document.createElement("pre");
        heading.textContent = title;
        box.textContent = text;
        box.tabIndex = 0;
        return [heading, makeButton(page.labels.copy, "copy", (button) => copy(text, button)), box];
      }),
      makeButton(page.labels.close, "close", () => dialog.close()),
    );
    dialog.showModal();
  }

  // The selected words, if they are in this element; else its beginning.
  function quoteOf(element) {
    const selection = getSelection();
    const selected = selection.rangeCount && element.contains(selection.anchorNode) ? selection.toString().trim() : "";
    const text = selected || element.dataset.quote || "";
    return text.replace(/\s+/g, " ").slice(0, 600);
  }

  for (const place of document.querySelectorAll("[data-page]")) {
    const button = makeButton(page.labels.cite, "cite", () =>
      showCitation(Number(place.dataset.page), { quote: quoteOf(place), clock: place.dataset.clock, url: place.dataset.url }),
    );
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
    place.append(" ", button);
  }

  // ---------------------------------------------------------------- contents

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const visible = new Set();
  const here = document.createElement("span"); // the current chapter, while the list is closed
  here.className = "here";
  const contents = document.querySelector("nav details");
  if (contents) {
    const narrow = matchMedia("(max-width: 75.99rem)");
    const fold = () => (contents.open = !narrow.matches);
    contents.querySelector("summary").append(here);
    contents.parentElement.classList.add("floating");
    contents.addEventListener("click", (event) => {
      if (event.target.closest("a")) fold();
    });
    narrow.addEventListener("change", fold);
    fold();
  }
  const sections = [...document.querySelectorAll("main section, main h3[id]")].filter((section) => links.has(section.id));
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) visible[isIntersecting ? "add" : "delete"](target);
      const current = sections.find((section) => visible.has(section));
      if (!current) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(current.id);
      link.setAttribute("aria-current", "location");
      here.textContent = link.textContent;
      const list = link.closest("nav");
      if (list.scrollHeight > list.clientHeight) {
        const offset = link.getBoundingClientRect().top - list.getBoundingClientRect().top;
        if (offset < 0 || offset > list.clientHeight - 40) list.scrollTop += offset - list.clientHeight / 3;
      }
    },
    { rootMargin: "-10% 0px -60% 0px" },
  );
  for (const section of sections) observer.observe(section);
})();
