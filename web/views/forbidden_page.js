// Shown to users who may not see a page.

import { basePath } from "../base_path.js";
import { t } from "../i18n.js";
import { h } from "./dom.js";

export function forbiddenPage(user) {
  return {
    node: h(
      "section",
      { class: "card narrow" },
      h("h1", {}, t("For administrators")),
      h("p", {}, t("This page is for administrators. You are signed in as {email}, which has no such rights.", { email: user.email })),
      h("p", {}, t("Ask an administrator of this server if you need them.")),
      h("p", {}, h("a", { href: `${basePath}/` }, t("Go to your recordings"))),
    ),
  };
}
