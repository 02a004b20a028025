import { root } from "./root.js";

SwaggerUIBundle({ url: `${root}/openapi.json`, dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: true, validatorUrl: null });
