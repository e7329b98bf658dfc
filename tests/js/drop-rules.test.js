import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDestination, placeOf, scrollStep } from "../../static/js/drop-rules.js";

const ITEM = { cellId: "cell-2-77", bucketHash: "77" };
const NOTHING = { owner: "", cellId: "", location: "", bucketHash: "" };

// What is under the pointer, and where an item of character 2 in the bucket 77 is dropped.
const SPOTS = [
  ["outside of the board", {}, null],
  ["on a head or a tab", { owner: "1" }, { owner: "1" }],
  ["on a free place", { owner: "1", cellId: "cell-1-77" }, { owner: "1" }],
  [
    "on the equipped item of the bucket",
    { owner: "1", cellId: "cell-1-77", location: "equipped", bucketHash: "77" },
    { owner: "1", isEquippedPlace: true },
  ],
  [
    "on another item of the bucket",
    { owner: "1", cellId: "cell-1-77", location: "bag", bucketHash: "77" },
    { owner: "1" },
  ],
  [
    "on the equipped item of another bucket",
    { owner: "1", cellId: "cell-1-88", location: "equipped", bucketHash: "88" },
    { owner: "1" },
  ],
  [
    "on the own cell",
    { owner: "2", cellId: "cell-2-77", location: "bag", bucketHash: "77" },
    { owner: "2", isOwnCell: true },
  ],
  [
    "on the equipped item of the own cell",
    { owner: "2", cellId: "cell-2-77", location: "equipped", bucketHash: "77" },
    { owner: "2", isOwnCell: true, isEquippedPlace: true },
  ],
  ["on the vault", { owner: "vault", cellId: "cell-vault-77-bow" }, { owner: "vault" }],
  ["on what all characters share", { owner: "vault", cellId: "cell-account-99" }, { owner: "account" }],
];

for (const [name, spot, place] of SPOTS) {
  test(`a drop ${name}`, () => {
    const expected = place && { isEquippedPlace: false, isOwnCell: false, ...place };
    assert.deepEqual(placeOf({ ...NOTHING, ...spot }, ITEM), expected);
  });
}

/** @param {string} owner */
const available = (owner, changes = {}) => ({
  owner,
  name: owner,
  is_available: true,
  reason: "",
  action: "",
  fields: {},
  ...changes,
});
const THERE = { is_available: false };
const FULL = { is_available: false, reason: "No room." };

const WEAPON = {
  move: [available("1", FULL), available("2", THERE), available("3"), available("vault")],
  equip: [available("1"), available("2")],
};
const STACK = { move: [available("account"), available("vault", THERE)], equip: [] };

const CHOICES = [
  [WEAPON, { owner: "3" }, "Move to 3"],
  [WEAPON, { owner: "vault" }, "Move to vault"],
  [WEAPON, { owner: "1" }, "No room."],
  [WEAPON, { owner: "2" }, null],
  [WEAPON, { owner: "3", isOwnCell: true }, null],
  [WEAPON, { owner: "1", isEquippedPlace: true }, "Equip on 1"],
  [WEAPON, { owner: "2", isOwnCell: true, isEquippedPlace: true }, "Equip on 2"],
  [WEAPON, { owner: "3", isEquippedPlace: true }, "This character cannot equip the item."],
  [WEAPON, { owner: "account" }, "Move to vault"],
  [STACK, { owner: "1" }, "Move to account"],
  [STACK, { owner: "account" }, "Move to account"],
  [STACK, { owner: "vault" }, null],
  [{ move: [], equip: [] }, { owner: "1" }, "The item cannot be moved there."],
];

for (const [destinations, place, expected] of CHOICES) {
  test(`${JSON.stringify(place)} of ${destinations.move.map(({ owner }) => owner)} is ${expected}`, () => {
    const choice = chooseDestination(place, destinations);
    const { verb, destination } = choice ?? {};
    assert.equal(choice && (destination.is_available ? `${verb} ${destination.owner}` : destination.reason), expected);
  });
}

const EDGES = { top: 50, bottom: 800 };
const STEPS = [
  [400, 0],
  [98, 0],
  [97, -1],
  [50, -16],
  [49, 0],
  [753, 1],
  [800, 16],
  [801, 0],
];

for (const [y, step] of STEPS) {
  test(`a drag at ${y} scrolls by ${step}`, () => assert.equal(scrollStep(y, EDGES), step));
}

test("a part that is too low does not scroll", () => {
  assert.equal(scrollStep(55, { top: 50, bottom: 120 }), 0);
});
