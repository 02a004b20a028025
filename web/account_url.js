// Addresses of the sections of the account's page.

import { basePath } from "./base_path.js";

export const accountUrl = (section) => `${basePath}/account#${section}`;
