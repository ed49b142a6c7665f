/* Elements and amounts as text. Every text from data goes through textContent, never through innerHTML. */
(function (A) {
  "use strict";

  const NBSP = "\u00a0";
  const ARROW = " \u2192 ";
  const UNKNOWN = "not known";

  function set(node, attributes) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "text") node.textContent = value;
      else if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
      else node.setAttribute(name, value === true ? "" : value);
    }
  }

  function add(node, children) {
    for (const child of children || []) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return node;
  }

  function el(tag, attributes, children) {
    const node = document.createElement(tag);
    set(node, attributes);
    return add(node, children);
  }

  function svg(tag, attributes, children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    set(node, attributes);
    return add(node, children);
  }

  function decimals(value, most, least) {
    return new Intl.NumberFormat("en-GB", { maximumFractionDigits: most, minimumFractionDigits: least || 0 }).format(value);
  }

  /* Three digits, as everywhere in the library; below a kilogram two decimals are enough. */
  function figure(kg, tonnes) {
    const value = Math.abs(tonnes ? kg / 1000 : kg);
    const places = value === 0 ? 0 : Math.min(2, Math.max(0, 2 - Math.floor(Math.log10(value))));
    return decimals(tonnes ? kg / 1000 : kg, places);
  }

  function amount(kg) {
    if (kg === null || kg === undefined) return UNKNOWN;
    const tonnes = Math.abs(kg) >= 1000;
    return figure(kg, tonnes) + NBSP + (tonnes ? "t" : "kg");
  }

  function range(low, high) {
    if (low === null || high === null || low === undefined || high === undefined) return UNKNOWN;
    if (low >= 1000 && high >= 1000) return figure(low, true) + "\u2013" + figure(high, true) + NBSP + "t";
    if (low < 1000 && high < 1000) return figure(low, false) + "\u2013" + figure(high, false) + NBSP + "kg";
    return amount(low) + "\u2013" + amount(high);
  }

  function withInterval(kg, low, high) {
    return amount(kg) + " (90" + NBSP + "% interval " + range(low, high) + ")";
  }

  function percent(share, places) {
    if (share === null || share === undefined) return UNKNOWN;
    const digits = places !== undefined ? places : share < 0.1 ? 1 : 0;
    return decimals(100 * share, digits, places) + NBSP + "%";
  }

  function leverage(share) {
    if (share === null || share === undefined) return UNKNOWN;
    const data = Math.round(100 * share);
    return "data " + data + NBSP + "% / model " + (100 - data) + NBSP + "%";
  }

  /* Only web addresses become links: a source table may come from anybody. */
  function link(url, label) {
    if (!/^https?:\/\//i.test(url || "")) return el("span", { text: label });
    return el("a", { href: url, text: label, target: "_blank", rel: "noopener noreferrer" });
  }

  function fixed(value) {
    return Math.round(value * 10) / 10;
  }

  A.dom = { el, svg, amount, range, withInterval, percent, leverage, link, decimals, fixed, ARROW, NBSP, UNKNOWN };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
