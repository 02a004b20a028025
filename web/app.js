// Starts the page: finds out who is here, then shows the sign-in card, the recordings or the player.

import * as api from "./api.js";
import { h, show } from "./views/dom.js";
import { homeView } from "./views/home.js";
import { noticeBell } from "./views/notices.js";
import { letterInAddress, newPasswordView } from "./views/letters.js";
import { signInView } from "./views/sign_in.js";
import { troubleView } from "./views/trouble.js";
import { root } from "./root.js";
import { watchView } from "./views/watch.js";

const main = document.getElementById("main");
const account = document.getElementById("account");
let current = null;
let user = null;
let bell = null;

function replaceView(view, title) {
  current?.destroy?.();
  current = view;
  document.title = title ? `${title} · Lectern` : "Lectern";
  show(main, view.node);
}

function showAccount() {
  bell?.destroy();
  bell = null;
  if (!user) return show(account);
  bell = noticeBell();
  const signOut = h("button", { type: "button", class: "button quiet", on: { click: leave } }, "Sign out");
  show(account, bell.node, h("span", { class: "who", title: user.email }, user.name || user.email), signOut);
}

function askToSignIn(note = "") {
  user = null;
  showAccount();
  replaceView(signInView({ note, onSignedIn: enter }), "Sign in");
}

function enter(found) {
  user = found;
  showAccount();
  const watched = location.pathname.slice(root.length).match(/^\/watch\/([^/]+)\/?$/);
  if (watched) replaceView(watchView(decodeURIComponent(watched[1])), "Watch");
  else replaceView(homeView(), "");
  main.focus({ preventScroll: true });
}

async function leave() {
  try {
    await api.signOut();
  } catch (error) {
    if (error.status !== 401) return replaceView(troubleView(error, () => start()), "");
  }
  askToSignIn("You are signed out.");
}

async function openLetter({ kind, token }) {
  if (kind === "reset") return replaceView(newPasswordView({ token, onDone: askToSignIn }), "New password");
  try {
    const answer = await api.verifyEmail(token);
    await start(answer.message);
  } catch (error) {
    await start([error.message, error.hint].filter(Boolean).join(" "));
  }
}

async function start(note = "") {
  try {
    enter(await api.me());
  } catch (error) {
    if (error.status === 401) askToSignIn(note);
    else replaceView(troubleView(error, () => start(note)), "");
  }
}

api.whenSignedOut(() => {
  if (user) askToSignIn("Your session has ended. Please sign in again.");
});
const letter = letterInAddress();
if (letter) openLetter(letter);
else start();
