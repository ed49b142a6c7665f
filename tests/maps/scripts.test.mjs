/* The parts of the page's script that need no browser, under Node's own test runner. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const assets = new URL("../../src/opiateroutes/maps/assets/", import.meta.url);
for (const name of ["dom", "crs", "basemap", "arrows", "placement", "labels", "flows", "tables"]) {
  (0, eval)(readFileSync(new URL(`${name}.js`, assets), "utf8"));
}
const A = globalThis.OpiateAtlas;

test("the projection returns, keeps areas and has no seam at the antimeridian", () => {
  const plane = A.crs.equalArea(55, 36);
  for (const [lon, lat] of [[55, 36], [66, 34], [-98, 40], [134, -26], [179.9, 65]]) {
    const [back, up] = plane.unproject(...plane.project(lon, lat));
    assert.ok(Math.abs(((back - lon + 540) % 360) - 180) < 1e-6 && Math.abs(up - lat) < 1e-6);
  }
  const cell = (lon, lat) => {
    const [x, y] = plane.project(lon, lat);
    const [x1, y1] = plane.project(lon + 0.01, lat);
    const [x2, y2] = plane.project(lon, lat + 0.01);
    return Math.abs((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / Math.cos((lat * Math.PI) / 180);
  };
  assert.ok(Math.abs(cell(-20, 5) / cell(55, 36) - 1) < 1e-3);
  assert.deepEqual(plane.project(180, 60).map(Math.round), plane.project(-180, 60).map(Math.round));
});

test("rings close, and long edges are cut up", () => {
  assert.deepEqual(A.basemap.ring([0, 0, 100, 0, 0, 100], 0.01), [[0, 0], [0, 1], [1, 1], [0, 0]]);
  assert.equal(A.basemap.decode([0, 0, 1000, 0], 0.01).length, 6);
});

test("there and back lie apart, and longer arrows bend more", () => {
  const middle = (points) => points[Math.floor(points.length / 2)];
  const there = middle(A.arrows.curve([0, 0], [100, 0]));
  const back = middle(A.arrows.curve([100, 0], [0, 0]));
  assert.ok(there[1] * back[1] < 0);
  const far = middle(A.arrows.curve([0, 0], [300, 0]));
  assert.ok(Math.abs(far[1]) / 300 > Math.abs(there[1]) / 100);
});

test("an arrow stops at the circles of its nodes and has a head", () => {
  const { rings, line } = A.arrows.shape([0, 0], [100, 0], { width: 6, startRadius: 10, endRadius: 8 });
  assert.ok(Math.abs(Math.hypot(...line[0]) - 11) < 0.5);
  assert.ok(Math.abs(Math.hypot(line.at(-1)[0] - 100, line.at(-1)[1]) - 9.5) < 0.5);
  assert.equal(rings.length, 1);
  assert.ok(A.arrows.shape([0, 0], [100, 0], { width: 3, startRadius: 3, endRadius: 3, dashed: true }).rings.length > 5);
  assert.deepEqual(A.arrows.shape([0, 0], [2, 0], { width: 3, startRadius: 3, endRadius: 3 }).rings, []);
});

test("the largest flows make up the share asked for", () => {
  const flows = [50, 30, 15, 5].map((kg) => ({ kg }));
  assert.equal(A.flows.largest(flows, 0.8).length, 2);
  assert.equal(A.flows.largest(flows, 0.81).length, 3);
  assert.equal(A.flows.largest(flows, 1).length, 4);
});

test("amounts have three digits and a unit", () => {
  assert.equal(A.dom.amount(364444), "364\u00a0t");
  assert.equal(A.dom.amount(27621), "27.6\u00a0t");
  assert.equal(A.dom.amount(290.4), "290\u00a0kg");
  assert.equal(A.dom.amount(0), "0\u00a0kg");
  assert.equal(A.dom.amount(null), "not known");
  assert.equal(A.dom.range(900, 1_200_000), "900\u00a0kg\u20131,200\u00a0t");
});

test("missing values sort to the end in both directions", () => {
  const rows = [{ v: 2 }, { v: null }, { v: 1 }];
  assert.deepEqual(A.tables.sorted(rows, (row) => row.v, false).map((row) => row.v), [1, 2, null]);
  assert.deepEqual(A.tables.sorted(rows, (row) => row.v, true).map((row) => row.v), [2, 1, null]);
});

test("labels take the free place with the least arrow below", () => {
  const board = A.placement.create([0, 0, 200, 200]);
  board.addArrow([[110, 100], [120, 100], [130, 100]], 4);
  const chosen = board.best(A.placement.around(100, 100, 5, 40, 10));
  assert.ok(chosen.dx < 0);
  board.block([0, 0, 200, 200]);
  assert.equal(board.best(A.placement.around(100, 100, 5, 40, 10)), null);
  assert.deepEqual(A.labels.lines("United Arab Emirates"), ["United Arab", "Emirates"]);
});
