import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAge } from "../../static/js/age.js";

const CASES = [
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3599, "59 min"],
  [3600, "1 h"],
  [86_399, "23 h"],
  [86_400, "1 d"],
  [Number.NaN, ""],
];

for (const [seconds, text] of CASES) {
  test(`an age of ${seconds} seconds is written as "${text}"`, () => {
    assert.equal(formatAge(seconds), text);
  });
}
