/* The legend: three widths with units, what solid and dashed mean, circles, diamonds and boundaries. */
(function (A) {
  "use strict";

  const { el, svg, amount, NBSP } = A.dom;
  const WIDE = 52;

  function sample(height, children) {
    return svg("svg", { width: WIDE, height, viewBox: "0 0 " + WIDE + " " + height, "aria-hidden": "true" }, children);
  }

  function row(picture, text) {
    return el("li", {}, [picture, el("span", { text })]);
  }

  function arrow(width, flow) {
    const height = Math.max(11, width * 1.6 + 6);
    const look = A.flows.style(flow, width, "#4d565c");
    const { rings } = A.arrows.shape([0, height / 2], [WIDE - 1, height / 2],
      { width, startRadius: 0, endRadius: 0, dashed: look.dashed, straight: true });
    const outline = (ring) => "M" + ring.map((point) => point.map(A.dom.fixed).join(" ")).join("L") + "Z";
    const path = rings.map(outline).join("");
    return sample(height, [svg("path", { d: path, fill: look.fillColor, "fill-opacity": look.fillOpacity,
      stroke: look.dashArray ? look.color : "none", "stroke-width": look.weight, "stroke-dasharray": look.dashArray })]);
  }

  function line(style) {
    return sample(10, [svg("path", { d: "M2 5H" + (WIDE - 2), fill: "none", stroke: style.color, "stroke-width": style.weight,
      "stroke-dasharray": style.dashArray, "stroke-linecap": style.lineCap })]);
  }

  function circles(model, state) {
    const big = model.scale.maxRadius * state.radiusFactor;
    const dot = (x, r) => svg("circle", { cx: x, cy: 12, r, fill: "#22313b" });
    return sample(24, [dot(8, model.scale.minRadius), dot(32, Math.min(11, big))]);
  }

  function draw(box, model, state, flows) {
    const solid = { basis: "evidence" };
    const visible = model.scale.references.filter((kg) => flows.widthOf(kg) > 1.2 * model.scale.minPx);
    const widths = visible.map((kg) => row(arrow(flows.widthOf(kg), solid), amount(kg)));
    const thinnest = model.scale.minPx / (flows.widthOf(1e9) / 1e9);
    const least = Number(thinnest.toPrecision(2));
    if (Number.isFinite(least)) widths.push(row(arrow(model.scale.minPx, solid), "less than " + amount(least)));
    const largestNode = Math.max(0, ...model.nodes.map((node) => node.kg || 0));
    const lines = A.basemap.LINE_STYLES;
    const ranked = model.chokepoints.rows.some((entry) => entry.at.some((one) => A.marks.printedRank(one) !== null));
    const diamond = el("span", { class: "or-sample" }, [A.marks.diamond(ranked ? 1 : null)]);
    box.replaceChildren(
      el("h2", { text: "Flow a year (" + model.meta.measure + ")" }),
      el("ul", {}, widths),
      el("h2", { text: "What a flow rests on" }),
      el("ul", {}, [
        row(arrow(4, solid), "mostly evidence"),
        row(arrow(2.2, { basis: "model" }), "mostly model"),
        row(arrow(7, { basis: "model" }), "mostly model, large"),
      ]),
      el("p", { text: "Click a flow for its interval." }),
      el("h2", { text: "Places" }),
      el("ul", {}, [
        row(circles(model, state), "throughput, to " + amount(largestNode)),
        model.chokepoints.rows.length ? row(diamond, ranked ? "chokepoint, rank" : "chokepoint") : null,
      ].filter(Boolean)),
      el("h2", { text: "Boundaries" }),
      el("ul", {}, [
        row(line(lines.international), "international"),
        row(line(lines.undetermined), "undetermined"),
        row(line(lines.administrative), "administrative"),
        row(line(lines.line_of_control), "Line of" + NBSP + "Control"),
      ]),
    );
  }

  A.legend = { draw };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
