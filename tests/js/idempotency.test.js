import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseKey, encode, forgetKey } from "../../static/js/idempotency.js";

/**
 * Choose the key of a form that is sent with one destination.
 *
 * @param {object} form
 * @param {string} destination
 */
function keyOf(form, destination) {
  const fields = new FormData();
  fields.set("idempotency_key", "key of the page");
  fields.set("destination", destination);
  chooseKey(form, fields);
  return fields.get("idempotency_key");
}

test("a post that is repeated before an answer has arrived keeps its key", () => {
  const form = {};
  assert.equal(keyOf(form, "vault"), keyOf(form, "vault"));
});

test("a post of other fields gets another key", () => {
  const form = {};
  assert.notEqual(keyOf(form, "vault"), keyOf(form, "titan"));
});

test("the same post after an answer gets another key", () => {
  const form = {};
  const key = keyOf(form, "vault");
  forgetKey(form);
  assert.notEqual(keyOf(form, "vault"), key);
});

test("the key of the page is not sent by the script", () => {
  assert.match(String(keyOf({}, "vault")), /^[0-9a-f]{32}$/);
});

test("a form without a key gets none", () => {
  const fields = new FormData();
  fields.set("on", "vault");
  chooseKey({}, fields);
  assert.equal(encode(fields).toString(), "on=vault");
});
