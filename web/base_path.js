// The path prefix of this server ("" at the root of a host): everything before /web/ in the address of this module.
export const basePath = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
