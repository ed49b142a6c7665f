/* Panel of layers, routes, share and reaction; home and full screen buttons. */
(function (A) {
  "use strict";

  const { el, svg, percent, NBSP } = A.dom;
  const LAYERS = [["flows", "Flows"], ["nodes", "Places"], ["chokepoints", "Chokepoints"], ["labels", "Names"]];

  function check(text, checked, run, swatch) {
    const box = el("input", { type: "checkbox", checked, on: { change: () => run(box.checked) } });
    let mark = null;
    if (swatch) {
      mark = el("span", { class: "or-swatch", "aria-hidden": "true" });
      mark.style.background = swatch;
    }
    return el("label", {}, [box, mark, el("span", { text })]);
  }

  const group = (title, children, kind) => el("fieldset", { class: kind || null }, [el("legend", { text: title }), ...children]);

  function shareSlider(state, changed) {
    const text = (share) => Math.round(100 * share) + NBSP + "%";
    const shown = el("output", { text: text(state.share) });
    const slider = el("input", { type: "range", min: 50, max: 100, step: 1, value: Math.round(100 * state.share),
      "aria-label": "Largest flows making up this share of all flows",
      on: { input: () => {
        state.share = Number(slider.value) / 100;
        shown.textContent = text(state.share);
        changed();
      } } });
    return el("div", { class: "or-slider" }, [slider, shown]);
  }

  function reactionChoice(model, state, changed) {
    const options = model.chokepoints.reactions.map((value) => {
      const input = el("input", { type: "radio", name: "or-reaction", value, checked: value === state.reaction,
        on: { change: () => {
          state.reaction = value;
          changed();
        } } });
      return el("label", {}, [input, el("span", { text: String(value) })]);
    });
    return el("div", { class: "or-row" }, options);
  }

  function panel(box, model, state, changed) {
    const present = model.groups.filter((entry) => model.flows.some((flow) => flow.group === entry.id));
    const routes = present.map((entry) => check(entry.text, state.groups.has(entry.id), (on) => {
      state.groups[on ? "add" : "delete"](entry.id);
      changed();
    }, entry.colour));
    const layers = LAYERS.filter(([id]) => id !== "chokepoints" || model.chokepoints.rows.length).map(([id, text]) =>
      check(text, state.layers[id], (on) => {
        state.layers[id] = on;
        changed();
      }));
    const parts = [group("Flows by route", routes), group("Show", layers, "or-two"),
      group("Largest flows making up", [shareSlider(state, changed)])];
    if (model.chokepoints.rows.length) {
      parts.push(group("Traffickers\u2019 reaction \u03ba to chokepoints", [reactionChoice(model, state, changed),
        el("p", { text: "Rank with " + percent(model.chokepoints.effort) + " of the flow stopped. 0: nobody avoids the place; 4: strongly." })]));
    }
    const drawn = el("p", { id: "or-drawn", role: "status" });
    box.replaceChildren(...parts, drawn);
    return { tell: (flows) => {
      const all = model.flows.length;
      drawn.textContent = flows.length + " of " + all + " flows drawn";
    } };
  }

  function icon(path) {
    return svg("svg", { width: 18, height: 18, viewBox: "0 0 18 18", fill: "none", stroke: "currentColor", "stroke-width": 1.6,
      "aria-hidden": "true" }, [svg("path", { d: path })]);
  }

  function button(name, path, run) {
    return el("button", { type: "button", title: name, "aria-label": name, on: { click: run } }, [icon(path)]);
  }

  function toggleFullScreen() {
    const screen = document.getElementById("or-screen");
    if (document.fullscreenElement) document.exitFullscreen();
    else if (screen.requestFullscreen) screen.requestFullscreen();
  }

  function buttons(L, map, home) {
    const Bar = L.Control.extend({
      options: { position: "topleft" },
      onAdd() {
        const bar = el("div", { class: "leaflet-bar or-bar" }, [
          button("Whole route network", "M3 9.5 9 4l6 5.5V15h-4v-4H7v4H3z", home),
          button("Full screen", "M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4", toggleFullScreen),
        ]);
        L.DomEvent.disableClickPropagation(bar);
        return bar;
      },
    });
    map.addControl(new Bar());
    L.control.scale({ imperial: false, maxWidth: 120, position: "bottomright" }).addTo(map);
  }

  A.controls = { panel, buttons };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
