import { basePath } from "./base_path.js";

SwaggerUIBundle({ url: `${basePath}/openapi.json`, dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: true, validatorUrl: null });
