// The path that this server stands under ("" where it has a host of its own): everything before /web/ in this module's address.
export const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
