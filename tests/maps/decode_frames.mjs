/* Reads packed frames on stdin, prints the model of each frame, and what two things are over the years. */
import { readFileSync } from "node:fs";

const assets = new URL("../../src/opiateroutes/maps/assets/", import.meta.url);
for (const name of ["i18n", "dom", "frames"]) (0, eval)(readFileSync(new URL(`${name}.js`, assets), "utf8"));
const { packed, pair, node } = JSON.parse(readFileSync(0, "utf8"));
const { model, show, meta } = globalThis.OpiateAtlas.frames.open(packed);
const frames = meta.map((_, number) => {
  show(number);
  const { over, ...plain } = model;
  return structuredClone(plain);
});
process.stdout.write(JSON.stringify({ frames, flow: model.over.flow(...pair), node: model.over.node(node) }));
