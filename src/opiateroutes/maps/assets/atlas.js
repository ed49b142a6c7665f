/* Start: read the data, create the map, and redraw what depends on the state. */
(function (A) {
  "use strict";

  /* Bottom to top. Leaflet's own overlays (a user's layers) lie at 400, markers at 600, popups at 700. */
  const PANES = { "or-land": 210, "or-line": 220, "or-flow": 410, "or-lift": 420, "or-node": 430, "or-label": 440, "or-choke": 610 };
  const PASSIVE = ["or-land", "or-line", "or-lift", "or-label"];

  function createMap(id) {
    const map = L.map(id, { crs: A.crs.leafletCrs(L), center: [36, 55], zoom: 3, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 1, maxZoom: 7,
      wheelPxPerZoomLevel: 110, scrollWheelZoom: false, attributionControl: false });
    for (const [name, height] of Object.entries(PANES)) {
      const pane = map.createPane(name);
      pane.style.zIndex = height;
      if (PASSIVE.includes(name)) pane.style.pointerEvents = "none";
    }
    /* A wheel over the map scrolls the page until somebody works with the map. */
    map.on("mousedown focus", () => map.scrollWheelZoom.enable());
    map.on("mouseout", () => map.scrollWheelZoom.disable());
    return map;
  }

  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const wide = () => window.innerWidth > 760;

  function initialState(model) {
    return {
      layers: { flows: true, nodes: true, chokepoints: true, labels: true },
      groups: new Set(model.groups.map((entry) => entry.id)),
      share: 0.9,
      reaction: model.chokepoints.shown,
      homeZoom: 3,
      ends: new Set(),
      open: null,
      widthFactor: wide() ? 1 : 0.72,
      radiusFactor: wide() ? 1 : 0.8,
    };
  }

  const SOUTHWARD = 0.25;

  /* The view that holds the nodes of the largest flows, beside the panels and above the years that cover the map. */
  function home(map, model, state) {
    map.invalidateSize({ animate: false });
    const nodes = model.nodes.filter((node) => model.home.includes(node.id));
    const points = nodes.map((node) => map.options.crs.project(L.latLng(node.lat, node.lon)));
    const bounds = L.bounds(points);
    const size = map.getSize();
    const below = model.over.years.length > 1 ? 90 : 40;
    const pads = wide() ? { left: 110, right: 270, top: 36, bottom: below } : { left: 58, right: 22, top: 60, bottom: below };
    const span = bounds.getSize();
    const room = { x: size.x - pads.left - pads.right, y: size.y - pads.top - pads.bottom };
    const scale = A.crs.SIZE / 256;
    const zoom = Math.log2(Math.min((room.x * scale) / Math.max(span.x, 1), (room.y * scale) / Math.max(span.y, 1)));
    state.homeZoom = Math.max(1.5, Math.min(5, Math.floor(zoom * 4) / 4));
    const metres = scale / 2 ** state.homeZoom;
    /* Room to spare on an upright screen goes to the south: there are routes, in the north there is ice. */
    const spare = Math.max(0, room.y - span.y / metres);
    const centre = bounds.getCenter().add([
      ((pads.right - pads.left) / 2) * metres, ((pads.top - pads.bottom) / 2 - SOUTHWARD * spare) * metres,
    ]);
    map.setView(map.options.crs.unproject(centre), state.homeZoom, { animate: false });
  }

  /* Open the card of a flow, a node or a chokepoint, and find it again in another year. */
  function selection(model, state, card, changed) {
    const place = (id) => {
      const node = model.nodes.find((entry) => entry.id === id);
      return node ? [node.lat, node.lon] : null;
    };
    const touches = (id) => (flow) => flow.from === id || flow.to === id;
    const pairOf = (flow) => flow.from + ">" + flow.to;
    const receives = (row) => {
      const now = row.at[model.chokepoints.reactions.indexOf(state.reaction)];
      const pairs = new Set(((now && now.receivers) || []).map(pairOf));
      return pairs.size ? (flow) => pairs.has(pairOf(flow)) : touches(row.node);
    };
    const kinds = {
      flow: { keyOf: pairOf, find: (key) => model.flows.find((flow) => pairOf(flow) === key),
        show: (flow) => card.open(A.popups.flowName(model, flow), A.popups.flow(model, flow), place(flow.to), (other) => pairOf(other) === pairOf(flow)) },
      node: { keyOf: (node) => node.id, find: (key) => model.nodes.find((node) => node.id === key),
        show: (node) => card.open(node.name, A.popups.node(model, node), place(node.id), touches(node.id)) },
      chokepoint: { keyOf: (row) => row.node, find: (key) => model.chokepoints.rows.find((row) => row.node === key),
        show: (row) => card.open(row.name, A.popups.chokepoint(model, state, row), place(row.node), receives(row)) },
    };

    function open(kind, thing) {
      state.open = { kind, key: kinds[kind].keyOf(thing) };
      kinds[kind].show(thing);
      changed();
    }

    /* The same thing in the year that is shown now; a card of something that is not there closes. */
    function again() {
      if (!state.open) return;
      const thing = kinds[state.open.kind].find(state.open.key);
      if (thing) kinds[state.open.kind].show(thing);
      else card.close();
    }

    const select = { again };
    for (const kind of Object.keys(kinds)) select[kind] = (thing) => open(kind, thing);
    return select;
  }

  /* From a row of a table to its card on the map. */
  function fromTable(state) {
    const up = (open) => (row) => {
      document.getElementById("or-screen").scrollIntoView({ block: "start" });
      open(row);
    };
    return { flow: up((row) => state.select.flow(row)), node: up((row) => state.select.node(row)),
      chokepoint: up((row) => state.select.chokepoint(row)) };
  }

  function nameButtons(map) {
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", "Map of flows. The tables below hold the same figures.");
    container.querySelectorAll(".leaflet-pane svg").forEach((drawing) => drawing.setAttribute("aria-hidden", "true"));
  }

  /* What a link asks for; the rest stays as it is. */
  function follow(asked, model, state) {
    if (asked.share) state.share = asked.share;
    if (asked.reaction !== undefined) state.reaction = asked.reaction;
    for (const id of asked.without) state.groups.delete(id);
    for (const name of asked.off) if (name in state.layers) state.layers[name] = false;
    if (asked.open) state.open = asked.open;
  }

  function start(map, dataId, baseId) {
    const frames = A.frames.open(read(dataId));
    const { model } = frames;
    const asked = A.permalink.read(location.hash, model, model.over.years);
    if (asked.number !== undefined) frames.show(asked.number);
    const state = initialState(model);
    follow(asked, model, state);
    A.state = state;
    /* The page takes its final shape before the view is chosen: tabs and open panels change the size of the map. */
    for (const details of document.querySelectorAll(".or-panel, .or-notice")) details.open = wide();
    const years = A.years.create(document.getElementById("or-years"), frames.meta, model.number, showYear);
    const tables = A.tables.create(document.getElementById("or-tabs"), document.getElementById("or-tables"), model, state, fromTable(state));
    home(map, model, state);
    A.basemap.draw(L, map, read(baseId));
    const flows = A.flows.create(L, map, model, state);
    const nodes = A.marks.createNodes(L, map, model, state);
    const chokepoints = A.marks.createChokepoints(L, map, model, state);
    const labels = A.labels.create(L, map, model, state, flows, chokepoints);
    const remember = () => A.permalink.write(map, state, model);
    const card = A.card.create(L, map, document.getElementById("or-card"), flows.select, () => {
      state.open = null;
      remember();
    });
    state.select = selection(model, state, card, remember);
    let panel = null;

    function resize() {
      flows.draw();
      nodes.draw();
      A.legend.draw(document.getElementById("or-legend"), model, state, flows);
      panel.tell(flows.drawn());
    }

    function redraw() {
      resize();
      labels.draw();
    }

    /* Everything that shows figures reads the model: another year is another model and the same drawing. */
    function showYear(number) {
      frames.show(number);
      A.heading.draw(model.meta);
      tables.refresh();
      redraw();
      years.show(number);
      state.select.again();
      remember();
    }

    const showHome = () => {
      home(map, model, state);
      redraw();
    };
    A.controls.buttons(L, map, showHome);
    for (const details of document.querySelectorAll(".or-panel")) {
      details.addEventListener("toggle", () => {
        /* On a phone one panel at a time fits. */
        const others = document.querySelectorAll(".or-panel[open]");
        if (details.open && !wide()) others.forEach((other) => { other.open = other === details; });
        labels.draw();
      });
    }
    panel = A.controls.panel(document.getElementById("or-layers"), model, state, () => {
      redraw();
      remember();
    });
    if (asked.view) map.setView([asked.view[1], asked.view[2]], asked.view[0], { animate: false });
    A.heading.draw(model.meta);
    redraw();
    state.select.again();
    nameButtons(map);
    map.on("zoomstart", () => map.getPane("or-label").classList.add("or-moving"));
    map.on("zoomend", () => map.getPane("or-label").classList.remove("or-moving"));
    /* Every zoom also ends a move, and by then the arrows have their new shape for the labels to avoid. */
    map.on("zoomend", resize);
    map.on("moveend", () => {
      labels.draw();
      remember();
    });
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    window.addEventListener("beforeprint", () => document.querySelectorAll(".or-notice, .or-panel").forEach((node) => { node.open = true; }));
    A.running = { map, model, state, flows, labels, redraw, showYear };
  }

  /* folium.Popup asks jQuery for exactly one thing: the element of an HTML text. */
  globalThis.$ = globalThis.$ || ((html) => {
    const holder = document.createElement("template");
    holder.innerHTML = String(html).trim();
    return [holder.content.firstElementChild];
  });

  A.createMap = createMap;
  A.start = start;
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
