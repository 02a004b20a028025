/** The page of a share link: a player with captions and speeds, the documents, and a form if the link has a password. */

import { openSharedRecording } from "./api.js";
import { cueTranscript } from "./cue_transcript.js";
import { formatLabel, loadFormats, sortByFormat } from "./formats.js";
import { t } from "./i18n.js";
import { renewingMedia, setCrossOrigin } from "./renewing_media.js";

const token = location.pathname.split("/").pop();
const element = (id) => document.getElementById(id);
const FINAL_STATUSES = [403, 404]; // the link was revoked, or got another password
const PASSWORD_CODES = ["password_required", "wrong_password"];

let password = "";
let transcript = null;

const renewing = renewingMedia(element("video"), {
  load: async () => showDetails(await open()),
  isFinal: (error) => FINAL_STATUSES.includes(error.status),
  onFailure: fail,
});

document.title = "Lectern";
element("speed-label").textContent = t("Speed");
element("password-reason").textContent = t("This recording is protected by a password. Enter it to watch the recording.");
element("documents").setAttribute("aria-label", t("Documents"));
element("password-label").textContent = t("Password");
element("open").textContent = t("Open");

const open = () => openSharedRecording(token, password);

function show(shared) {
  renewing.show(showDetails(shared));
}

/** Show everything but the medium, and return where it is. */
function showDetails(shared) {
  const video = element("video");
  element("player").hidden = false;
  element("password-form").hidden = true;
  element("message").textContent = "";
  document.title = element("title").textContent = shared.recording.title;
  setCrossOrigin(video, shared.playback.captions);
  if (shared.playback.poster) video.poster = shared.playback.poster;
  video.replaceChildren();
  if (shared.playback.captions) {
    const track = Object.assign(document.createElement("track"), { kind: "captions", label: t("Captions"), src: shared.playback.captions });
    track.srclang = shared.recording.language || "en";
    video.append(track);
    showTranscript(video, track);
  }
  element("documents").replaceChildren(...sortByFormat(shared.documents).map(documentLink));
  return shared.playback;
}

/** The text that is spoken, beside the player; it stays where it is when new addresses are loaded. */
function showTranscript(video, track) {
  const scrollTop = transcript?.node.scrollTop ?? 0;
  transcript?.destroy();
  transcript = cueTranscript(video, track);
  element("transcript").replaceChildren(transcript.node);
  track.addEventListener("load", () => (transcript.node.scrollTop = scrollTop), { once: true });
}

function documentLink(each) {
  const link = Object.assign(document.createElement("a"), { href: each.url, textContent: formatLabel(each.format) });
  link.title = each.filename;
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function fail(error) {
  const asksForPassword = PASSWORD_CODES.includes(error.code);
  element("player").hidden = true;
  element("password-form").hidden = !asksForPassword;
  element("message").textContent = asksForPassword && !password ? "" : error.message;
}

element("speed").addEventListener("change", (event) => {
  element("video").playbackRate = Number(event.target.value);
});
element("password-form").addEventListener("submit", (event) => {
  event.preventDefault();
  password = element("password").value;
  open().then(show, fail);
});
loadFormats().then(open).then(show, fail);
