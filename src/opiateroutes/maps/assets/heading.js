/* The heading: what is shown, and the supply of the year with its interval. */
(function (A) {
  "use strict";

  const { amount, range, NBSP } = A.dom;
  const MOST_NAMED = 2;

  function title(meta) {
    return meta.year === null ? A.t("{name}: estimated flows", meta) : A.t("{name}: estimated flows, {year}", meta);
  }

  function totals(meta) {
    const named = meta.suppliers.length > 0 && meta.suppliers.length <= MOST_NAMED;
    const origin = named ? meta.suppliers.join(A.t(" and ")) : A.t("all places of supply");
    const interval = A.t("90 % interval").replace(" %", NBSP + "%") + " " + range(meta.supplyLow, meta.supplyHigh);
    const line = A.t("Estimated supply leaving {origin}: {amount} ({interval}), {measure} a year",
      { origin, amount: amount(meta.supply), interval, measure: A.t(meta.measure) });
    /* Without a published flow most arrows are model, and a reader must know at once. */
    return meta.publishedFlows === 0 ? line + ". " + A.t("No published flow for this year: most arrows rest on the model") : line;
  }

  function draw(meta) {
    document.title = title(meta);
    document.querySelector(".or-head h1").textContent = title(meta);
    document.getElementById("or-totals-text").textContent = totals(meta);
  }

  A.heading = { draw, title, totals };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
