import { root } from "./root.js";

Redoc.init(`${root}/openapi.json`, {}, document.getElementById("redoc"));
