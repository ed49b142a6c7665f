/* The years below the map: a slider over the supply of each, and play. */
(function (A) {
  "use strict";

  const { el, svg, fixed } = A.dom;
  const PAUSE_MS = 1400;
  const TALL = 26;

  /* Bars of the supply, so that a reader sees where a year stands before choosing it. */
  function bars(meta) {
    const most = Math.max(...meta.map((entry) => entry.supply || 0)) || 1;
    const wide = 100 / meta.length;
    return svg("svg", { class: "or-bars", viewBox: "0 0 100 " + TALL, preserveAspectRatio: "none", "aria-hidden": "true" },
      meta.map((entry, i) => {
        const height = (TALL * (entry.supply || 0)) / most;
        return svg("rect", { x: fixed(wide * (i + 0.15)), width: fixed(wide * 0.7), y: fixed(TALL - height), height: fixed(height) });
      }));
  }

  function create(box, meta, first, changed) {
    if (meta.length < 2) return { show() {} };
    let timer = null;
    const picture = bars(meta);
    const shown = el("output", { class: "or-year" });
    const slider = el("input", { type: "range", min: 0, max: meta.length - 1, step: 1, value: first, "aria-label": A.t("Year"),
      on: { input: () => { stop(); changed(Number(slider.value)); } } });
    const play = el("button", { type: "button", class: "or-play", on: { click: () => (timer ? stop() : start()) } });

    function label() {
      const text = timer ? A.t("Stop") : A.t("Play the years");
      play.setAttribute("aria-label", text);
      play.title = text;
      play.textContent = timer ? "\u25a0" : "\u25b6";
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      label();
    }

    function start() {
      const next = () => (Number(slider.value) + 1) % meta.length;
      timer = setInterval(() => {
        changed(next());
        if (Number(slider.value) === meta.length - 1) stop();
      }, PAUSE_MS);
      changed(next());
      label();
    }

    function show(number) {
      slider.value = number;
      slider.setAttribute("aria-valuetext", String(meta[number].year));
      shown.textContent = String(meta[number].year);
      [...picture.children].forEach((bar, i) => bar.classList.toggle("or-now", i === number));
    }
    label();
    show(first);
    box.replaceChildren(play, shown, el("div", { class: "or-track" }, [picture, slider]));
    box.hidden = false;
    return { show };
  }

  A.years = { create };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
