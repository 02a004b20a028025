// Publish a recording on YouTube: what will be sent, and how earlier uploads went.

import { accountUrl } from "../account_url.js";
import { call } from "../api.js";
import { coalesce } from "../coalesce.js";
import { formatDateTime } from "../format.js";
import { t } from "../i18n.js";
import { serverText } from "../server_text.js";
import { showDialog } from "./dialogs.js";
import { errorNote, field, h, replaceContent } from "./dom.js";
import { actionForm } from "./forms.js";
import { STATE_LABELS } from "./labels.js";

const PRIVACY_LABELS = { private: t("Private"), unlisted: t("Unlisted"), public: t("Public") };

// `events`: the stream of the user's job events.
export function publishDialog(recording, events) {
  const id = encodeURIComponent(recording.id);
  const content = h("div", { class: "stack" }, h("p", { class: "hint" }, t("Loading …")));
  const uploads = h("div", { "aria-live": "polite" });
  const dialog = showDialog(t("Publish on YouTube"), [h("div", { class: "stack" }, uploads, content)]);

  async function load() {
    try {
      const [{ channels, is_configured: isConfigured }, preview] = await Promise.all([call("GET", "/api/v1/youtube/accounts"), call("POST", `/api/v1/youtube/recordings/${id}/preview`, {})]);
      if (!isConfigured) replaceContent(content, h("p", {}, t("This server can't publish on YouTube.")));
      else replaceContent(content, ...channelNotes(channels), channels.some((each) => each.is_active) && publishForm(channels.filter((each) => each.is_active), preview));
    } catch (error) {
      replaceContent(content, errorNote(error));
    }
  }

  function channelNotes(channels) {
    const link = () => h("a", { href: accountUrl("channels") }, t("YouTube channels of your account"));
    if (!channels.length) return [h("p", {}, t("Connect a channel first:"), " ", link())];
    return channels.filter((each) => !each.is_active).map((each) => h("p", { class: "error-text" }, t("The connection with {title} has ended. Connect it again:", { title: each.channel_title }), " ", link()));
  }

  function publishForm(channels, preview) {
    const channel = h("select", { name: "account_id" }, channels.map((each) => h("option", { value: each.id }, each.channel_title)));
    const description = h("textarea", { name: "description", rows: 8, maxlength: 5000, class: "text-field" });
    description.value = preview.description;
    const privacy = h("select", { name: "privacy" }, Object.entries(PRIVACY_LABELS).map(([value, label]) => h("option", { value, selected: value === preview.privacy }, label)));
    const publishAt = h("input", { type: "datetime-local", name: "publish_at" });
    publishAt.addEventListener("input", () => publishAt.setCustomValidity(isPast(publishAt.value) ? t("Choose a time in the future.") : ""));
    const choice = (name, label) => h("label", { class: "checkbox" }, h("input", { type: "checkbox", name, checked: true }), h("span", {}, label));
    return actionForm({
      label: t("Publish on YouTube"),
      fields: [
        channels.length > 1 ? field(t("Channel"), channel) : h("p", { class: "meta" }, channels[0].channel_title),
        field(t("Title"), h("input", { name: "title", required: true, maxlength: 100, autocomplete: "off", value: preview.title })),
        field(t("Description"), description),
        field(t("Tags"), h("input", { name: "tags", maxlength: 500, autocomplete: "off", value: preview.tags.join(", ") }), t("Separated by commas.")),
        h("div", { class: "field-pair" }, field(t("Who may watch it"), privacy), field(t("Publish at (optional)"), publishAt, t("Private until then, public afterwards."))),
        preview.has_captions && choice("captions", t("With captions")),
        preview.has_thumbnail && choice("thumbnail", t("With the thumbnail")),
      ],
      submitLabel: t("Publish"),
      draft: `publish.${recording.id}`,
      variant: "primary",
      async submit(values) {
        const { title, description: text, tags, privacy: wanted } = values;
        const schedule = values.publish_at ? { publish_at: new Date(values.publish_at).toISOString() } : {};
        await call("POST", "/api/v1/youtube/upload", {
          recording_id: recording.id,
          account_id: values.account_id ?? channels[0].id,
          title,
          description: text,
          tags: tags.split(",").map((tag) => tag.trim()).filter(Boolean),
          privacy: wanted,
          captions: Boolean(values.captions),
          thumbnail: Boolean(values.thumbnail),
          chapters: false, // the description above has them
          ...schedule,
        });
        await showUploads();
        return t("The upload has begun. It continues when you close this page.");
      },
    });
  }

  const showUploads = coalesce(async () => {
    const { publications } = await call("GET", `/api/v1/youtube/recordings/${id}`);
    replaceContent(uploads, publications.length > 0 && h("ul", { class: "rows" }, publications.map(uploadRow)));
  });

  function uploadRow(each) {
    const state = each.state === "running" ? `${STATE_LABELS.running ?? each.state}, ${Math.round(each.progress)} %` : (STATE_LABELS[each.state] ?? each.state);
    const visibility = each.publish_at && new Date(each.publish_at) > new Date() ? t("public from {date}", { date: formatDateTime(each.publish_at) }) : PRIVACY_LABELS[each.privacy];
    const link = each.url && h("a", { href: each.url, target: "_blank", rel: "noopener" }, t("Open on YouTube"));
    const problem = each.state === "failed" && h("p", { class: "error-text" }, serverText([each.error, each.hint].filter(Boolean).join(" ")));
    const notes = each.warnings.map((text) => h("p", { class: "hint" }, serverText(text)));
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, each.title), h("p", { class: "meta" }, [state, visibility, formatDateTime(each.created_at)].filter(Boolean).join(" · ")), problem, notes, link && h("p", {}, link)));
  }

  const refresh = () => showUploads().catch((error) => error.status !== 401 && replaceContent(uploads, errorNote(error)));
  const unsubscribe = events.subscribe({ refresh, onEvent: (event) => event.recording_id === recording.id && refresh() });
  dialog.addEventListener("close", unsubscribe);
  refresh();
  load();
}

const isPast = (localTime) => Boolean(localTime) && new Date(localTime) <= new Date();
