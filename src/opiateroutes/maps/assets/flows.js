/* The flow layer: which arrows are drawn, in which style, and the highlight of those that belong together. */
(function (A) {
  "use strict";

  const THICK = 5;

  /* Solid rests mostly on evidence, dashed mostly on the model. A thin arrow is cut into dashes, a thick one has a dashed edge. */
  function style(flow, width, colour, quiet) {
    if (flow.basis === "evidence") {
      return { dashed: false, fillColor: colour, fillOpacity: 0.92, color: "#fff", weight: 1, opacity: 0.85, dashArray: null };
    }
    if (width < THICK) return { dashed: true, fillColor: colour, fillOpacity: quiet ? 0.6 : 0.9, stroke: false };
    return { dashed: false, fillColor: colour, fillOpacity: 0.3, color: colour, weight: 1.2, opacity: 1, dashArray: "4 3" };
  }

  /* The largest flows that make up a share of everything that flows, hidden groups left out afterwards. */
  function largest(flows, share) {
    const total = flows.reduce((sum, flow) => sum + flow.kg, 0);
    const chosen = [];
    let running = 0;
    for (const flow of flows) {
      if (share < 1 && running >= share * total) break;
      chosen.push(flow);
      running += flow.kg;
    }
    return chosen;
  }

  function create(L, map, model, state) {
    const Arrow = A.arrows.arrowClass(L);
    const renderer = L.svg({ pane: "or-flow", padding: 0.3 });
    const lift = L.svg({ pane: "or-lift", padding: 0.3 });
    const group = L.layerGroup();
    const lifted = L.layerGroup().addTo(map);
    const colours = new Map(model.groups.map((entry) => [entry.id, entry.colour]));
    /* An arrow stays the same through the years and carries the flow that it shows now. */
    const arrows = new Map();
    let drawn = [];
    let selected = null;

    function arrowOf(flow, nodes) {
      const key = flow.from + ">" + flow.to;
      if (!arrows.has(key)) {
        const place = (id) => [nodes.get(id).lat, nodes.get(id).lon];
        const arrow = new Arrow(place(flow.from), place(flow.to), { renderer, pane: "or-flow", className: "or-flow" });
        arrow.bindTooltip(() => A.popups.flowTip(model, arrow.flow), { sticky: true, direction: "top", className: "or-tip" });
        arrow.on("click", () => state.select.flow(arrow.flow));
        arrow.on("mouseover", () => highlight((other) => other === arrow.flow));
        arrow.on("mouseout", () => highlight(selected));
        arrows.set(key, arrow);
      }
      flow.arrow = arrows.get(key);
      flow.arrow.flow = flow;
      return flow.arrow;
    }

    /* Widths follow the zoom slowly: closer in there is room, but a trunk must not cover a country. */
    const zoomFactor = () => Math.max(0.7, Math.min(2.2, 1.25 ** (map.getZoom() - state.homeZoom)));
    const widthOf = (kg) => Math.max(model.scale.minPx, kg * model.scale.pxPerKg * zoomFactor() * state.widthFactor);

    function draw() {
      drawn = state.layers.flows
        ? largest(model.flows, state.share).filter((flow) => state.groups.has(flow.group))
        : [];
      state.ends = new Set(drawn.flatMap((flow) => [flow.from, flow.to]));
      const nodes = new Map(model.nodes.map((node) => [node.id, node]));
      const wanted = new Set(drawn.map((flow) => arrowOf(flow, nodes)));
      const changed = wanted.size !== group.getLayers().length || group.getLayers().some((arrow) => !wanted.has(arrow));
      /* Arrows that stay are changed in place: taking them off would close an open tooltip. */
      group.eachLayer((arrow) => wanted.has(arrow) || group.removeLayer(arrow));
      for (const flow of drawn) {
        const width = widthOf(flow.kg);
        const ends = { startRadius: A.marks.radius(model, state, nodes.get(flow.from)),
          endRadius: A.marks.radius(model, state, nodes.get(flow.to)) };
        const look = { width, stroke: true, ...ends, ...style(flow, width, colours.get(flow.group), flow.group === "none") };
        if (group.hasLayer(flow.arrow)) {
          flow.arrow.setStyle(look);
          flow.arrow._reset();
          if (changed) flow.arrow.bringToFront();
        } else {
          L.setOptions(flow.arrow, look);
          group.addLayer(flow.arrow);
        }
      }
      group.addTo(map);
      highlight(selected);
    }

    /* One opacity on the pane and a few copies above it: restyling every arrow would stop the page. */
    function highlight(belongs) {
      lifted.clearLayers();
      map.getPane("or-flow").style.opacity = belongs ? 0.25 : "";
      if (!belongs) return;
      for (const flow of drawn.filter(belongs)) {
        const options = { ...flow.arrow.options, renderer: lift, pane: "or-lift", interactive: false };
        lifted.addLayer(new Arrow(...flow.arrow.ends(), options));
      }
    }

    function select(belongs) {
      selected = belongs;
      highlight(belongs);
    }

    return { draw, select, widthOf, drawn: () => drawn };
  }

  A.flows = { create, largest, style };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
