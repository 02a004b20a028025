// The ends of sentences and the spaces between pieces of a text, in all languages; the marks are those of lib/text.py.

const SENTENCE_END = /[.!?…؟۔।॥։።。！？｡][\s"'’”»›)\]}」』）】\u200e\u200f]*$/;
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3000-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff01-\\uff9f\\u{20000}-\\u{3ffff}";
const ENDS_UNSPACED = new RegExp(`[${UNSPACED}]$`, "u");
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

export const endsSentence = (text) => SENTENCE_END.test(text);

// Chinese, Japanese, Thai, Lao, Burmese and Khmer have no space between words.
export const joinPieces = (text, next) => text + (ENDS_UNSPACED.test(text) && STARTS_UNSPACED.test(next) ? "" : " ") + next;
