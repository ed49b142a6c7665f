/* Short names beside the nodes, the largest first, only where there is room. */
(function (A) {
  "use strict";

  const LONG = 14;
  /* More arrow than this below a small place's name, and the name would not be readable. */
  const TOO_MUCH_INK = 26;

  /* Two lines for long names: a label is then easier to place. */
  function lines(text) {
    if (text.length <= LONG || !text.includes(" ")) return [text];
    const words = text.split(" ");
    let best = [text];
    for (let i = 1; i < words.length; i += 1) {
      const pair = [words.slice(0, i).join(" "), words.slice(i).join(" ")];
      if (Math.max(...pair.map((line) => line.length)) < Math.max(...best.map((line) => line.length))) best = pair;
    }
    return best;
  }

  /* Boxes of the panels and buttons that lie over the map, in pixels of the map's container. */
  function covers(container) {
    const origin = container.getBoundingClientRect();
    const found = container.parentNode.querySelectorAll(".or-panel, .leaflet-control");
    return [...found].map((node) => node.getBoundingClientRect())
      .filter((box) => box.width > 0)
      .map((box) => [box.left - origin.left - 3, box.top - origin.top - 3, box.right - origin.left + 3,
        box.bottom - origin.top + 3]);
  }

  function create(L, map, model, state, flows, chokepoints) {
    const pane = map.getPane("or-label");
    const pen = document.createElement("canvas").getContext("2d");
    const fonts = getComputedStyle(map.getContainer()).fontFamily;
    const widths = new Map();
    const at = (node) => map.latLngToContainerPoint([node.lat, node.lon]);

    function measure(text, font) {
      const key = font + text;
      if (!widths.has(key)) {
        pen.font = font;
        widths.set(key, pen.measureText(text).width);
      }
      return widths.get(key);
    }

    function board() {
      const size = map.getSize();
      const board = A.placement.create([2, 2, size.x - 2, size.y - 2]);
      const shift = map.layerPointToContainerPoint([0, 0]);
      for (const flow of flows.drawn()) {
        const line = flow.arrow.line.map((point) => [point[0] + shift.x, point[1] + shift.y]);
        board.addArrow(line, flow.arrow.options.width / 2);
      }
      if (state.layers.nodes) {
        for (const node of model.nodes) {
          const point = at(node);
          const radius = A.marks.radius(model, state, node);
          board.block([point.x - radius, point.y - radius, point.x + radius, point.y + radius]);
        }
      }
      for (const box of covers(map.getContainer())) board.block(box);
      return board;
    }

    function diamondOffset(board, node) {
      const point = at(node);
      const radius = A.marks.radius(model, state, node);
      const size = chokepoints.size;
      const chosen = board.best(A.placement.around(point.x, point.y, radius - 2, size, size))
        || board.best(A.placement.around(point.x, point.y, radius + 10, size, size));
      const [dx, dy] = chosen ? [chosen.dx, chosen.dy] : [0, -radius - size / 2];
      board.block([point.x + dx - size / 2, point.y + dy - size / 2, point.x + dx + size / 2, point.y + dy + size / 2]);
      return [dx, dy];
    }

    function label(board, node, order) {
      const strong = node.supply > 0;
      const height = strong ? 13 : 11;
      const text = lines(node.label);
      const font = (strong ? "700 " : "") + height + "px " + fonts;
      const width = Math.max(...text.map((line) => measure(line, font))) + 4;
      const point = at(node);
      const radius = A.marks.radius(model, state, node);
      const tall = height * 1.15 * text.length + 1;
      const beside = (distance) => board.best(A.placement.around(point.x, point.y, distance, width, tall));
      /* In a crowd of places the name of an origin stands a little apart rather than not at all. */
      const chosen = beside(radius) || (strong ? beside(radius + 9) || beside(radius + 20) : null);
      if (!chosen || (order > 12 && chosen.cost > TOO_MUCH_INK)) return null;
      board.block(chosen.box);
      const element = A.dom.el("div", { class: "or-label" + (strong ? " or-label-strong" : "") },
        text.map((line) => A.dom.el("span", { text: line })));
      element.style.width = width + "px";
      L.DomUtil.setPosition(element, map.containerPointToLayerPoint(L.point(chosen.box[0], chosen.box[1])));
      return element;
    }

    function draw() {
      const space = board();
      /* Far out only the ends of drawn flows have a name; closer in there is room for all. */
      const close = map.getZoom() >= state.homeZoom + 1 || !state.ends.size;
      const named = state.layers.labels ? model.nodes.filter((node) => node.kg > 0 && (close || state.ends.has(node.id))) : [];
      named.sort((a, b) => (b.kg || 0) - (a.kg || 0));
      /* The origin keeps its name whatever else must give way; then the numbers, then the other names. */
      const first = named.filter((node) => node.supply > 0).map((node) => label(space, node, 0));
      chokepoints.draw((node) => diamondOffset(space, node));
      const others = named.map((node, order) => (node.supply > 0 ? null : label(space, node, order)));
      /* At once: the browser then lays the page out once and not for every name. */
      pane.replaceChildren(...first.concat(others).filter(Boolean));
    }

    return { draw };
  }

  A.labels = { create, lines };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
