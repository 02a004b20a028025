// The menu with the settings of the player.

import { t } from "../i18n.js";
import { announce, button, h } from "./dom.js";
import { controlButton } from "./player_buttons.js";

// `apply()` is called after each change of `preferences`. `moment`: { copyLink(), cite() } for phones, where the bar has no room for them.
// Return { button, menu }.
export function settingsMenu(preferences, { hasCaptions, apply, showKeys, moment }) {
  const menu = h("div", { class: "player-menu card", popover: "auto", id: "player-settings" });
  const choice = (name, label, options) => {
    const control = h("select", {}, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
    control.value = preferences[name];
    control.addEventListener("change", () => {
      preferences[name] = control.value;
      apply();
    });
    return h("label", { class: "player-choice" }, h("span", {}, label), control);
  };
  const describes = h("input", { type: "checkbox", checked: preferences.describesSlides });
  describes.addEventListener("change", () => {
    preferences.describesSlides = describes.checked;
    apply();
  });
  const keysButton = h("button", { type: "button", class: "button", on: { click: () => (menu.hidePopover(), showKeys()) } }, t("Keyboard shortcuts"));
  const linkButton = button(t("Copy a link to this moment"), { iconName: "link", on: { click: copyLink } });
  const citeButton = button(t("Cite this moment"), { iconName: "quote", on: { click: () => (menu.hidePopover(), moment.cite()) } });
  const linkText = linkButton.querySelector("span");
  menu.addEventListener("beforetoggle", () => (linkText.textContent = t("Copy a link to this moment")));

  async function copyLink() {
    linkText.textContent = await moment.copyLink();
    announce(linkText.textContent);
  }

  menu.append(
    h(
      "div",
      { class: "stack" },
      hasCaptions && choice("captionSize", t("Caption size"), { small: t("Small"), normal: t("Normal"), large: t("Large"), huge: t("Very large") }),
      hasCaptions && choice("captionPlace", t("Caption position"), { bottom: t("Bottom"), top: t("Top") }),
      h("label", { class: "checkbox" }, describes, h("span", {}, t("Announce the text of each slide"), h("span", { class: "hint" }, t("For screen readers")))),
      h("div", { class: "player-moment stack" }, linkButton, citeButton),
      keysButton,
    ),
  );
  const settingsButton = controlButton("settings", t("Player settings"), () => {});
  settingsButton.setAttribute("popovertarget", "player-settings");
  return { button: settingsButton, menu };
}
