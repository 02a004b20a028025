import { basePath } from "./base_path.js";

Redoc.init(`${basePath}/openapi.json`, {}, document.getElementById("redoc"));
