import assert from "node:assert/strict";
import { test } from "node:test";
import { nextIndex, placeCard } from "../../static/js/geometry.js";

/**
 * Lay out tiles from left to right, in rows.
 *
 * @param {number} count
 * @param {number} columns
 */
const grid = (count, columns) =>
  Array.from({ length: count }, (_, index) => ({
    left: 50 * (index % columns),
    top: 60 * Math.floor(index / columns),
  }));

// Eight tiles in rows of three: 0 1 2 / 3 4 5 / 6 7
const MOVES = [
  ["ArrowRight", 2, 3],
  ["ArrowRight", 7, 7],
  ["ArrowLeft", 3, 2],
  ["ArrowLeft", 0, 0],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 5, 7],
  ["ArrowDown", 6, 6],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 1, 1],
  ["Home", 5, 0],
  ["End", 1, 7],
  ["Enter", 4, 4],
];

for (const [key, index, next] of MOVES) {
  test(`${key} goes from tile ${index} to tile ${next}`, () => {
    assert.equal(nextIndex(key, index, grid(8, 3)), next);
  });
}

test("the tiles of a table are above each other", () => {
  assert.equal(nextIndex("ArrowDown", 1, grid(4, 1)), 2);
  assert.equal(nextIndex("ArrowUp", 1, grid(4, 1)), 0);
});

test("a tile that stands a little lower is in the same row", () => {
  const places = [
    { left: 0, top: 0 },
    { left: 50, top: 4 },
    { left: 0, top: 60 },
    { left: 50, top: 64 },
  ];
  assert.equal(nextIndex("ArrowDown", 0, places), 2);
  assert.equal(nextIndex("ArrowUp", 3, places), 1);
});

const WINDOW = { innerWidth: 400, innerHeight: 300 };
const CARD = { width: 150, height: 80 };

test("the hover card is below the tile", () => {
  assert.deepEqual(placeCard({ left: 20, top: 50, bottom: 100 }, CARD, WINDOW), { left: 20, top: 100 });
});

test("the hover card is above a tile at the lower edge of the window", () => {
  assert.deepEqual(placeCard({ left: 20, top: 200, bottom: 250 }, CARD, WINDOW), { left: 20, top: 120 });
});

test("the hover card does not cross the right or the left edge of the window", () => {
  assert.equal(placeCard({ left: 380, top: 50, bottom: 100 }, CARD, WINDOW).left, 242);
  assert.equal(placeCard({ left: -30, top: 50, bottom: 100 }, CARD, WINDOW).left, 8);
});
