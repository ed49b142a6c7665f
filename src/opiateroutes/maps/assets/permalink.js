/* The state of the page in the fragment of its address: a link, or a bookmark, opens the same view. */
(function (A) {
  "use strict";

  const SELECTABLE = ["flow", "node", "chokepoint"];

  function write(map, state, model) {
    /* The frame of a notebook has no address of its own to keep anything in. */
    if (location.protocol === "about:") return;
    const centre = map.getCenter();
    const hidden = model.groups.filter((entry) => !state.groups.has(entry.id)).map((entry) => entry.id);
    const off = Object.keys(state.layers).filter((name) => !state.layers[name]);
    const parts = new URLSearchParams();
    if (model.meta.year !== null) parts.set("year", model.meta.year);
    parts.set("view", [map.getZoom(), A.dom.fixed(centre.lat * 10) / 10, A.dom.fixed(centre.lng * 10) / 10].join(","));
    parts.set("share", Math.round(100 * state.share));
    if (state.reaction !== null) parts.set("reaction", state.reaction);
    if (hidden.length) parts.set("without", hidden.join(","));
    if (off.length) parts.set("off", off.join(","));
    if (state.open) parts.set("open", state.open.kind + ":" + state.open.key);
    history.replaceState(null, "", "#" + parts.toString());
  }

  const list = (text) => (text || "").split(",").filter(Boolean);

  /* What a fragment asks for; anything that it cannot mean is left out. */
  function read(fragment, model, years) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const asked = {};
    const number = years.findIndex((year) => String(year) === parts.get("year"));
    if (number >= 0) asked.number = number;
    const view = list(parts.get("view")).map(Number);
    if (view.length === 3 && view.every(Number.isFinite) && Math.abs(view[1]) <= 90) asked.view = view;
    const share = Number(parts.get("share"));
    if (share >= 50 && share <= 100) asked.share = share / 100;
    const reaction = parts.has("reaction") ? Number(parts.get("reaction")) : NaN;
    if (model.chokepoints.reactions.includes(reaction)) asked.reaction = reaction;
    asked.without = list(parts.get("without"));
    asked.off = list(parts.get("off"));
    const [kind, ...key] = (parts.get("open") || "").split(":");
    if (SELECTABLE.includes(kind)) asked.open = { kind, key: key.join(":") };
    return asked;
  }

  A.permalink = { write, read };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
