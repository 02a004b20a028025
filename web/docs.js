import { basePath } from "./base_path.js";

SwaggerUIBundle({ url: `${basePath}/openapi.json`, dom_id: "#swagger-ui", deepLinking: true, docExpansion: "none", defaultModelsExpandDepth: 0, persistAuthorization: true, validatorUrl: null });
