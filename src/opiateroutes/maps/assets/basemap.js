/* Land and boundary lines: integer differences back to degrees, long edges cut up for the curved projection. */
(function (A) {
  "use strict";

  const LONGEST_EDGE = 2;

  /* [x0, y0, dx, dy, ...] in quanta -> [[lat, lon], ...] */
  function decode(steps, quantum) {
    const places = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      const lon = x * quantum;
      const lat = y * quantum;
      const last = places[places.length - 1];
      if (last) {
        const pieces = Math.ceil(Math.max(Math.abs(lon - last[1]), Math.abs(lat - last[0])) / LONGEST_EDGE);
        for (let k = 1; k < pieces; k += 1) {
          places.push([last[0] + ((lat - last[0]) * k) / pieces, last[1] + ((lon - last[1]) * k) / pieces]);
        }
      }
      places.push([lat, lon]);
    }
    return places;
  }

  function ring(steps, quantum) {
    /* The closing edge may be long as well: close the ring before it is cut up. */
    let x = 0;
    let y = 0;
    for (let i = 2; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
    }
    return decode(steps.concat([-x, -y]), quantum);
  }

  const LINE_STYLES = {
    international: { color: "#8a8378", weight: 1 },
    undetermined: { color: "#8a8378", weight: 1.2, dashArray: "5 3" },
    administrative: { color: "#8a8378", weight: 1.2, dashArray: "7 3 1.5 3" },
    line_of_control: { color: "#5f5950", weight: 1.5, dashArray: "0.5 3.2", lineCap: "round" },
  };

  function draw(L, map, base) {
    const quantum = base.quantum;
    const land = L.svg({ pane: "or-land", padding: 0.3 });
    const lines = L.svg({ pane: "or-line", padding: 0.3 });
    const polygons = (rings) => rings.map((polygon) => polygon.map((steps) => ring(steps, quantum)));
    const common = { renderer: land, pane: "or-land", interactive: false, smoothFactor: 0.6 };
    const crossed = polygons(base.crossed);
    const other = polygons(base.other);
    /* The coast is the outer half of a stroke below the land: shared edges and the antimeridian stay hidden. */
    L.polygon(crossed.concat(other), { ...common, color: "#7f9fb0", weight: 1.6, fill: false }).addTo(map);
    for (const [shapes, fill] of [[other, "#ebe8e0"], [crossed, "#fbfaf6"]]) {
      L.polygon(shapes, { ...common, color: fill, weight: 0.5, fillColor: fill, fillOpacity: 1 }).addTo(map);
    }
    for (const [status, style] of Object.entries(LINE_STYLES)) {
      const parts = (base.lines[status] || []).map((steps) => decode(steps, quantum));
      const options = { renderer: lines, pane: "or-line", interactive: false, fill: false, className: "or-line-" + status };
      L.polyline(parts, { ...options, smoothFactor: 0.6, ...style }).addTo(map);
    }
  }

  A.basemap = { decode, ring, draw, LINE_STYLES };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
