/* Curved, directed arrows. The shape is computed from the two ends at every zoom, so a flow costs a few bytes. */
(function (A) {
  "use strict";

  const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
  const between = (p, q, t) => [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];

  /* Quadratic curve bent to the left of travel: there and back lie apart. Longer arrows bend more. */
  function curve(start, end, straight) {
    const length = distance(start, end);
    const bow = straight ? 0 : length * Math.min(0.07 + length / 3200, 0.2);
    const left = [(end[1] - start[1]) / length, -(end[0] - start[0]) / length];
    const middle = between(start, end, 0.5);
    const control = [middle[0] + 2 * bow * left[0], middle[1] + 2 * bow * left[1]];
    const count = Math.max(10, Math.min(30, Math.round(length / 12)));
    const points = [];
    for (let i = 0; i <= count; i += 1) {
      const t = i / count;
      points.push(between(between(start, control, t), between(control, end, t), t));
    }
    return points;
  }

  /* Drop what lies within `radius` of the first point's circle. */
  function trimStart(points, radius) {
    const centre = points[0];
    const rest = points.slice();
    while (rest.length > 2 && distance(rest[1], centre) < radius) rest.shift();
    const from = distance(rest[0], centre);
    const to = distance(rest[1], centre);
    if (to > from && radius > from) rest[0] = between(rest[0], rest[1], Math.min(1, (radius - from) / (to - from)));
    return rest;
  }

  const trimEnd = (points, radius) => trimStart(points.slice().reverse(), radius).reverse();

  function lengths(points) {
    const sums = [0];
    for (let i = 1; i < points.length; i += 1) sums.push(sums[i - 1] + distance(points[i - 1], points[i]));
    return sums;
  }

  /* The part of a line between two distances from its start. */
  function piece(points, from, to) {
    const sums = lengths(points);
    const at = (goal) => {
      let i = 1;
      while (i < sums.length - 1 && sums[i] < goal) i += 1;
      return between(points[i - 1], points[i], (goal - sums[i - 1]) / (sums[i] - sums[i - 1] || 1));
    };
    const inside = points.filter((_, i) => sums[i] > from && sums[i] < to);
    return [at(from), ...inside, at(to)];
  }

  function normal(points, i) {
    const before = points[Math.max(0, i - 1)];
    const after = points[Math.min(points.length - 1, i + 1)];
    const length = distance(before, after) || 1;
    return [-(after[1] - before[1]) / length, (after[0] - before[0]) / length];
  }

  function ribbon(points, half) {
    const offset = (sign) => points.map((point, i) => {
      const side = normal(points, i);
      return [point[0] + sign * half * side[0], point[1] + sign * half * side[1]];
    });
    return { right: offset(1), left: offset(-1) };
  }

  /* Rings of one arrow: a body with its head, or the head and a row of dashes. */
  function shape(start, end, options) {
    if (distance(start, end) < 6) return { rings: [], line: [] };
    let line = curve(start, end, options.straight);
    line = trimStart(line, Math.min(options.startRadius + 1, distance(start, end) * 0.3));
    line = trimEnd(line, Math.min(options.endRadius + 1.5, distance(start, end) * 0.3));
    const total = lengths(line).pop();
    const half = options.width / 2;
    const headLength = Math.min(Math.max(5.5, options.width * 0.95), total * 0.6);
    const headHalf = half + Math.max(2.2, half * 0.55);
    const body = piece(line, 0, total - headLength);
    const neck = body[body.length - 1];
    const tip = line[line.length - 1];
    const across = normal([neck, tip], 0);
    const wing = (sign) => [neck[0] + sign * headHalf * across[0], neck[1] + sign * headHalf * across[1]];
    if (!options.dashed) {
      const sides = ribbon(body, half);
      return { rings: [[...sides.left, wing(-1), tip, wing(1), ...sides.right.reverse()]], line };
    }
    const rings = [[wing(-1), tip, wing(1)]];
    const end0 = total - headLength;
    for (let from = 0; from < end0 - 1; from += 8) {
      const sides = ribbon(piece(line, from, Math.min(from + 5, end0)), half);
      rings.push([...sides.left, ...sides.right.reverse()]);
    }
    return { rings, line };
  }

  function arrowClass(L) {
    return L.Path.extend({
      options: { fill: true, fillOpacity: 1, stroke: true, color: "#fff", weight: 1, lineJoin: "round", width: 3,
        startRadius: 3, endRadius: 3, dashed: false },
      initialize(start, end, options) {
        L.setOptions(this, options);
        this._ends = [L.latLng(start), L.latLng(end)];
        this.line = [];
      },
      ends() {
        return this._ends;
      },
      getBounds() {
        return L.latLngBounds(this._ends);
      },
      /* Where a popup opens: the middle of the curve, not of the straight line. */
      getCenter() {
        const middle = this.line[Math.floor(this.line.length / 2)];
        return middle ? this._map.layerPointToLatLng(L.point(middle)) : this._ends[0];
      },
      _project() {
        const [start, end] = this._ends.map((place) => this._map.latLngToLayerPoint(place));
        const { rings, line } = shape([start.x, start.y], [end.x, end.y], this.options);
        this.line = line;
        this._rings = rings.map((ring) => ring.map((point) => L.point(point)));
        this._pxBounds = L.bounds(this._rings.flat());
      },
      _update() {
        if (!this._map) return;
        const near = this._rings.length && this._renderer._bounds && this._renderer._bounds.intersects(this._pxBounds);
        this._parts = near ? this._rings : [];
        this._updatePath();
      },
      _updatePath() {
        this._renderer._updatePoly(this, true);
      },
      _updateBounds() {},
      _empty() {
        return !this._parts || !this._parts.length;
      },
    });
  }

  A.arrows = { curve, trimStart, trimEnd, piece, shape, arrowClass };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
