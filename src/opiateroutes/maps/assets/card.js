/* The card that tells about one flow, place or chokepoint. It docks at the side (below on a phone), so that opening it
   neither moves the map nor hides what it speaks of. */
(function (A) {
  "use strict";

  function create(L, map, box, highlight, closed) {
    let returnTo = null;
    const body = A.dom.el("div", { class: "or-card-body", tabindex: "0" });
    const button = A.dom.el("button", { type: "button", class: "or-close", "aria-label": "Close", text: "\u00d7", on: { click: close } });
    box.append(button, body);

    function close() {
      if (box.hidden) return;
      box.hidden = true;
      highlight(null);
      if (returnTo && returnTo.isConnected) returnTo.focus({ preventScroll: true });
      returnTo = null;
      closed();
    }

    /* `belongs` says which arrows the card speaks of; `place` is kept in sight beside the card. */
    function open(title, content, place, belongs) {
      const opened = box.hidden;
      if (opened && document.activeElement !== document.body) returnTo = document.activeElement;
      const moved = body.firstChild && box.getAttribute("aria-label") !== title;
      box.setAttribute("aria-label", title);
      body.replaceChildren(content);
      if (opened || moved) body.scrollTop = 0;
      box.hidden = false;
      highlight(belongs);
      /* The same card of another year stays where the reader is. */
      if (!opened && !moved) return;
      const docked = box.offsetWidth < map.getSize().x * 0.8;
      const edge = docked ? [box.offsetWidth + 40, 40] : [30, box.offsetHeight + 30];
      if (place) map.panInside(place, { paddingTopLeft: [60, 50], paddingBottomRight: edge });
      button.focus({ preventScroll: true });
    }

    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    return { open, close };
  }

  A.card = { create };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
