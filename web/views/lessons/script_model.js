// A script and its version on the server. Every change sends the version that was edited, so that nothing is overwritten.

import * as api from "../../lessons_api.js";

export class ScriptModel {
  script = null;
  version = 0;
  state = "";
  durationS = 0;

  constructor(id) {
    this.id = id;
  }

  #take(payload) {
    this.script = payload.script;
    this.version = payload.version;
    this.state = payload.state;
    this.durationS = payload.duration_s;
  }

  async load() {
    this.#take(await api.getScript(this.id));
  }

  async rename(title) {
    this.#take(await api.replaceScript(this.id, { ...this.script, title }, this.version));
  }

  async saveScene(scene) {
    this.#take(await api.replaceScene(this.id, scene, this.version));
  }

  async insertScene(scene, position) {
    this.#take(await api.insertScene(this.id, scene, position, this.version));
  }

  async deleteScene(sceneId) {
    this.#take(await api.deleteScene(this.id, sceneId, this.version));
  }

  // Move a scene by `step` places.
  async moveScene(sceneId, step) {
    const ids = this.script.scenes.map((scene) => scene.id);
    const from = ids.indexOf(sceneId);
    const to = Math.min(ids.length - 1, Math.max(0, from + step));
    if (from === to) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    this.#take(await api.reorderScenes(this.id, ids, this.version));
  }

  async restore(number) {
    this.#take(await api.restoreVersion(this.id, number, this.version));
  }

  newSceneId() {
    const ids = new Set(this.script.scenes.map((scene) => scene.id));
    let number = ids.size + 1;
    while (ids.has(`s${number}`)) number += 1;
    return `s${number}`;
  }
}
