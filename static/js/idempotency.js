/** The idempotency key of a form, by which the server recognizes a repeated post. */

/** What each form sent last, until its outcome is known. @type {WeakMap<object, {body: string, key: string}>} */
const lastSent = new WeakMap();

/**
 * Encode the fields of a form as the browser does for a form without files.
 *
 * @param {FormData} fields
 * @returns {URLSearchParams}
 */
export function encode(fields) {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, String(value));
  return body;
}

/**
 * Choose the key of a post. The same fields keep their key until a response arrives; other fields
 * get a new key. The key in the page is good for one post.
 *
 * @param {object} form
 * @param {FormData} fields
 */
export function chooseKey(form, fields) {
  if (!fields.has("idempotency_key")) return;
  fields.delete("idempotency_key");
  const body = encode(fields).toString();
  const last = lastSent.get(form);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const newKey = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = last?.body === body ? last.key : newKey;
  lastSent.set(form, { body, key });
  fields.set("idempotency_key", key);
}

/**
 * Forget what the form sent: the outcome is known, and the next post is a new one.
 *
 * @param {object} form
 */
export function forgetKey(form) {
  lastSent.delete(form);
}
