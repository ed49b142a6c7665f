/* A small chart over the years: estimate and interval of each, gaps where there is none, and the same as a table. */
(function (A) {
  "use strict";

  const { el, svg, amount, range, fixed } = A.dom;
  const SIZE = { width: 300, height: 84, left: 4, right: 4, top: 14, bottom: 16 };

  function frame(years) {
    const step = (SIZE.width - SIZE.left - SIZE.right) / years.length;
    const floor = SIZE.height - SIZE.bottom;
    return { step, floor, x: (i) => SIZE.left + step * (i + 0.5), y: (share) => floor - share * (floor - SIZE.top) };
  }

  /* `values` are estimates with `kg`, `low` and `high`, or null; `now` is the position of the year shown. */
  function years(labels, values, now) {
    const most = Math.max(0, ...values.map((value) => (value ? value.high || value.kg || 0 : 0)));
    if (labels.length < 2 || !(most > 0)) return null;
    const at = frame(labels);
    const y = (kg) => at.y(Math.max(0, kg) / most);
    const marks = values.flatMap((value, i) => {
      if (!value || value.kg === null) return [];
      const look = i === now ? "or-now" : null;
      const known = value.low !== null && value.high !== null;
      return [
        known && svg("path", { class: look, d: "M" + fixed(at.x(i)) + " " + fixed(y(value.low)) + "V" + fixed(y(value.high)) }),
        svg("circle", { class: look, cx: fixed(at.x(i)), cy: fixed(y(value.kg)), r: i === now ? 3.4 : 2.2 }),
      ].filter(Boolean);
    });
    const label = (i, anchor) => svg("text", { x: fixed(i === 0 ? SIZE.left : SIZE.width - SIZE.right), y: SIZE.height - 3,
      "text-anchor": anchor, text: String(labels[i]) });
    const picture = svg("svg", { class: "or-chart", viewBox: "0 0 " + SIZE.width + " " + SIZE.height, "aria-hidden": "true" }, [
      svg("path", { class: "or-axis", d: "M" + SIZE.left + " " + at.floor + "H" + (SIZE.width - SIZE.right) }),
      svg("text", { x: SIZE.left, y: 10, text: A.t("up to {amount}", { amount: amount(most) }) }),
      ...marks, label(0, "start"), label(labels.length - 1, "end"),
    ]);
    const rows = labels.map((year, i) => el("tr", { class: i === now ? "or-current" : null }, [
      el("td", { text: String(year) }),
      el("td", { class: "or-number", text: values[i] ? amount(values[i].kg) : A.t("not known") }),
      el("td", { class: "or-number", text: values[i] ? range(values[i].low, values[i].high) : "" }),
    ]));
    const heads = [A.t("Year"), A.t("Estimate"), A.t("90 % interval")];
    return el("div", {}, [picture, el("details", { class: "or-more" }, [el("summary", { text: A.t("The same as a table") }),
      el("table", {}, [el("thead", {}, [el("tr", {}, heads.map((text, i) =>
        el("th", { scope: "col", class: i ? "or-number" : null, text })))]), el("tbody", {}, rows)])])]);
  }

  A.charts = { years };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
