/* Where labels and diamonds fit: boxes that must not overlap, and arrows that they had better not cover. */
(function (A) {
  "use strict";

  const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  function create(bounds) {
    const taken = [];
    const ink = [];

    return {
      block: (box) => taken.push(box),
      /* Sample points of one arrow with its half width. */
      addArrow(line, half) {
        for (const point of line) ink.push([point[0], point[1], half]);
      },
      /* How much arrow lies under a box. */
      inkUnder(box) {
        let sum = 0;
        for (const [x, y, half] of ink) {
          if (x > box[0] - half && x < box[2] + half && y > box[1] - half && y < box[3] + half) sum += 1 + half;
        }
        return sum;
      },
      /* The free box with the least arrow below it; null where none is free. */
      best(candidates) {
        let chosen = null;
        for (const candidate of candidates) {
          const box = candidate.box;
          const inside = box[0] >= bounds[0] && box[2] <= bounds[2] && box[1] >= bounds[1] && box[3] <= bounds[3];
          if (!inside || taken.some((other) => overlap(box, other))) continue;
          const cost = this.inkUnder(box) + (candidate.penalty || 0);
          if (!chosen || cost < chosen.cost) chosen = { ...candidate, cost };
        }
        return chosen;
      },
    };
  }

  /* Places around a circle for a box of the given size, the most readable first. */
  function around(x, y, radius, width, height) {
    const gap = 2.5;
    const out = radius + gap;
    const slant = out * 0.75;
    const places = [
      [out + width / 2, 0], [-out - width / 2, 0], [0, -out - height / 2], [0, out + height / 2],
      [slant + width / 2, -slant - height / 4], [slant + width / 2, slant + height / 4],
      [-slant - width / 2, -slant - height / 4], [-slant - width / 2, slant + height / 4],
      [width / 2, -out - height / 2], [-width / 2, -out - height / 2],
      [width / 2, out + height / 2], [-width / 2, out + height / 2],
    ];
    return places.map(([dx, dy], order) => ({
      dx,
      dy,
      penalty: order * 0.4,
      box: [x + dx - width / 2, y + dy - height / 2, x + dx + width / 2, y + dy + height / 2],
    }));
  }

  A.placement = { create, around, overlap };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
