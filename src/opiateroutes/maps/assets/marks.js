/* Node circles (area by throughput) and numbered chokepoint diamonds beside them. */
(function (A) {
  "use strict";

  const HALF = 9.5;

  const QUIET = 1.7;

  /* A place that no drawn flow reaches is a small grey dot. */
  function radius(model, state, node) {
    const scale = model.scale;
    if (!state.ends.has(node.id)) return QUIET;
    return Math.max(scale.minRadius, Math.sqrt(node.kg || 0) * scale.radiusPerSqrtKg * state.radiusFactor);
  }

  function createNodes(L, map, model, state) {
    const renderer = L.svg({ pane: "or-node", padding: 0.3 });
    const group = L.layerGroup();
    const circles = new Map();

    function circleOf(node) {
      if (!circles.has(node.id)) {
        const circle = L.circleMarker([node.lat, node.lon], { renderer, pane: "or-node", className: "or-node", weight: 1.2,
          color: "#fff", fillOpacity: 1, bubblingMouseEvents: false });
        circle.bindTooltip(() => A.popups.nodeTip(circle.node), { direction: "top", className: "or-tip" });
        circle.on("click", () => state.select.node(circle.node));
        circles.set(node.id, circle);
        group.addLayer(circle);
      }
      circles.get(node.id).node = node;
      return circles.get(node.id);
    }

    function draw() {
      for (const node of model.nodes) {
        const circle = circleOf(node);
        const reached = state.ends.has(node.id);
        circle.setRadius(radius(model, state, node));
        circle.setStyle({ weight: reached ? 1.2 : 0.6, fillColor: !reached ? "#66737c" : node.supply > 0 ? "#8a1f11" : "#22313b" });
      }
      if (state.layers.nodes) group.addTo(map);
      else group.remove();
    }
    return { draw };
  }

  function diamond(rank) {
    const path = A.dom.svg("path", { d: "M0 -" + HALF + "L" + HALF + " 0L0 " + HALF + "L-" + HALF + " 0Z" });
    const number = A.dom.svg("text", { y: 3.4, "text-anchor": "middle", text: rank === null ? "" : String(rank) });
    const size = 2 * HALF + 3;
    const box = [-size / 2, -size / 2, size, size].join(" ");
    return A.dom.svg("svg", { width: size, height: size, viewBox: box, "aria-hidden": "true" }, [path, number]);
  }

  /* A rank is printed only where its stability over draws is known. */
  const printedRank = (entry) => (entry && entry.inTop !== null ? entry.rank : null);

  /* The ten first at the reaction shown; rows without a node on this map cannot be drawn. */
  function ranked(model, state) {
    const at = model.chokepoints.reactions.indexOf(state.reaction);
    const known = new Set(model.nodes.map((node) => node.id));
    return model.chokepoints.rows
      .filter((row) => known.has(row.node) && row.at[at] && row.at[at].rank !== null && row.at[at].rank <= 10)
      .sort((a, b) => a.at[at].rank - b.at[at].rank)
      .map((row) => ({ row, rank: printedRank(row.at[at]), entry: row.at[at] }));
  }

  function createChokepoints(L, map, model, state) {
    const group = L.layerGroup();
    const size = 2 * HALF + 3;
    const markers = new Map();

    function markerOf(node) {
      const marker = L.marker([node.lat, node.lon], { pane: "or-choke", riseOnHover: true });
      const now = () => ranked(model, state).find((entry) => entry.row.node === node.id);
      marker.bindTooltip(() => A.popups.chokepointTip(now()), { direction: "top", className: "or-tip" });
      marker.on("click keypress", (event) => {
        if (event.type === "click" || event.originalEvent.key === "Enter") state.select.chokepoint(now().row);
      });
      return marker;
    }

    function place(marker, rank, name, [dx, dy]) {
      const key = [rank, dx, dy].join(" ");
      if (marker.placed === key && group.hasLayer(marker)) return;
      marker.placed = key;
      marker.setIcon(L.divIcon({ className: "or-diamond", html: diamond(rank), iconSize: [size, size],
        iconAnchor: [size / 2 - dx, size / 2 - dy], tooltipAnchor: [dx, dy - HALF] }));
      marker.addTo(group);
      const element = marker.getElement();
      if (element) element.setAttribute("aria-label", A.popups.chokepointName(rank, name));
    }

    /* `offsetOf` finds a place beside the node, in pixels from its centre. */
    function draw(offsetOf) {
      const wanted = state.layers.chokepoints ? ranked(model, state) : [];
      const nodes = new Map(model.nodes.map((node) => [node.id, node]));
      for (const [node, marker] of markers) {
        if (!wanted.some((entry) => entry.row.node === node)) group.removeLayer(marker);
      }
      for (const { row, rank } of wanted) {
        if (!markers.has(row.node)) markers.set(row.node, markerOf(nodes.get(row.node)));
        place(markers.get(row.node), rank, row.name, offsetOf(nodes.get(row.node)));
      }
    }
    group.addTo(map);
    return { draw, size };
  }

  A.marks = { radius, createNodes, createChokepoints, ranked, printedRank, diamond, HALF };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
