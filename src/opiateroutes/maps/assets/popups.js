/* What a tooltip and a popup say. Every estimate carries its interval and what it rests on. */
(function (A) {
  "use strict";

  const { el, amount, range, withInterval, percent, leverage, link, decimals, ARROW, NBSP, UNKNOWN } = A.dom;
  const TOP = 5;
  const NO_EVIDENCE = "No evidence row speaks of this directly: the figures follow from the model and from the rest "
    + "of the network.";
  const NO_REACTION = "With \u03ba = 0 nobody reacts and nothing is displaced. Choose a higher \u03ba to see where "
    + "flows would go.";

  const nameOf = (model, id) => {
    const node = model.nodes.find((entry) => entry.id === id);
    return node ? node.name : id;
  };
  const flowName = (model, flow) => nameOf(model, flow.from) + ARROW + nameOf(model, flow.to);
  const routesOf = (flow) => flow.families.map((name) => name + " route").join(", ") || "no named route";
  const basisOf = (flow) => (flow.basis === "evidence" ? "rests mostly on evidence" : "rests mostly on the model");

  const interval = (entry) => "90" + NBSP + "% interval " + range(entry.low, entry.high);
  const measure = (model) => ", " + model.meta.measure + (model.meta.year ? ", " + model.meta.year : "");

  function facts(rows) {
    const list = el("dl", { class: "or-facts" });
    for (const [term, value] of rows) {
      if (value === null || value === undefined || value === "") continue;
      list.append(el("dt", { text: term }), el("dd", {}, [value]));
    }
    return list;
  }

  /* An entry is a position in the list of sources, or the id of one that is not listed. */
  function sourceOf(model, entry) {
    const source = model.sources[entry];
    if (!source) return el("span", { text: String(entry) });
    const label = source.title + [source.publisher, source.year].filter(Boolean).map((part) => ", " + part).join("");
    return link(source.url, label);
  }

  function sourcesOf(model, row) {
    if (!row.sources.length) return el("span", { text: "source not given" });
    const joined = (entries) => entries.flatMap((entry, i) => [i ? "; " : null, sourceOf(model, entry)]);
    if (row.sources.length <= 2) return el("span", {}, joined(row.sources));
    const more = el("details", { class: "or-more" }, [el("summary", { text: "and " + (row.sources.length - 1) + " more" }),
      ...joined(row.sources.slice(1))]);
    return el("span", {}, [sourceOf(model, row.sources[0]), more]);
  }

  /* Ids of evidence rows say nothing to a reader; the rows themselves stand further down. */
  function restsOn(model, text) {
    const ids = text.split(";").map((id) => id.trim()).filter(Boolean);
    const known = ids.length && ids.every((id) => model.evidence.some((row) => row.id === id));
    if (!known) return text;
    return ids.length === 1 ? "one evidence row, listed below" : ids.length + " evidence rows, listed below";
  }

  /* A row that is no amount (a share, a rate, a price gap) says its figures in words. */
  const figure = (row) => (row.other ? row.other.figure : amount(row.kg));
  const fitted = (row) => (row.other ? row.other.fit : amount(row.fit));
  const bounds = (row) => {
    if (row.other) return " (" + row.other.low + "\u2013" + row.other.high + ")";
    return row.low === null && row.high === null ? "" : " (" + range(row.low, row.high) + ")";
  };

  function evidenceList(model, positions) {
    if (!positions.length) return el("p", { class: "or-muted", text: NO_EVIDENCE });
    const items = positions.map((position) => {
      const row = model.evidence[position];
      const kind = row.kind.replace("_", " ");
      const said = (row.target.startsWith(kind) ? row.target : kind + ", " + row.target) + ": ";
      return el("li", {}, [
        said, el("strong", { text: figure(row) }), bounds(row) + ", fitted " + fitted(row) + ". ",
        el("span", { class: "or-muted" }, [row.sources.length > 1 ? "Sources: " : "Source: ", sourcesOf(model, row),
          row.sources.length > 2 ? "" : "; ", [row.edition ? "edition " + row.edition : "",
            row.confidence ? "confidence " + row.confidence : "", row.note].filter(Boolean).join(", ")]),
      ]);
    });
    return el("ul", { class: "or-evidence" }, items);
  }

  const part = (title, children) => el("section", {}, [el("h3", { text: title }), ...children]);

  function legText(leg) {
    const route = [leg.distance !== null ? decimals(leg.distance, 0) + NBSP + "km" : "",
      leg.crossings ? leg.crossings + (leg.crossings === 1 ? " crossing" : " crossings") : ""].filter(Boolean).join(", ");
    const origin = leg.source ? " (" + leg.source.replaceAll(";", ", ") + ")" : "";
    return el("li", {}, [
      el("strong", { text: leg.mode || "leg" }),
      ": " + withInterval(leg.kg, leg.low, leg.high) + (route ? "; " + route : ""),
      leg.why ? el("p", { class: "or-muted", text: "Why this leg exists: " + leg.why + origin }) : null,
    ]);
  }

  function flow(model, entry) {
    const rests = [...new Set(entry.legs.map((leg) => leg.restsOn).filter(Boolean))].join("; ") || entry.basis;
    const summed = entry.legs.length > 1;
    return el("div", {}, [
      el("h2", { text: flowName(model, entry) }),
      el("p", { class: "or-big", text: amount(entry.kg) }),
      el("p", { text: interval(entry) + (summed ? " (sum of the bounds of its legs)" : "") + measure(model) }),
      facts([
        ["Named routes", routesOf(entry)],
        ["Net of the flow back", amount(entry.net)],
        ["Leverage", leverage(entry.leverage)],
        ["Rests on", restsOn(model, rests)],
      ]),
      part(summed ? "By mode" : "Mode", [el("ul", {}, entry.legs.map(legText))]),
      overYears(model, model.over.flow(entry.from, entry.to)),
      part("Evidence and sources", [evidenceList(model, entry.evidence)]),
    ]);
  }

  function overYears(model, values) {
    const chart = A.charts.years(model.over.years, values, model.number);
    return chart && part(A.t("Over the years"), [chart]);
  }

  function partners(model, title, flows, other) {
    if (!flows.length) return null;
    const rows = flows.slice(0, TOP).map((entry) => el("tr", {}, [
      el("td", { text: nameOf(model, entry[other]) }),
      el("td", { class: "or-number", text: amount(entry.kg) }),
      el("td", { class: "or-number", text: range(entry.low, entry.high) }),
    ]));
    const head = el("tr", {}, [el("th", { scope: "col", text: title }), el("th", { scope: "col", class: "or-number", text: "estimate" }),
      el("th", { scope: "col", class: "or-number", text: "90" + NBSP + "% interval" })]);
    return el("table", {}, [el("thead", {}, [head]), el("tbody", {}, rows)]);
  }

  function node(model, entry) {
    const into = model.flows.filter((item) => item.to === entry.id);
    const out = model.flows.filter((item) => item.from === entry.id);
    const bounds = percent(entry.interceptionLow) + " to " + percent(entry.interceptionHigh);
    const interception = entry.interception === null ? UNKNOWN
      : percent(entry.interception) + " (90" + NBSP + "% interval " + bounds + ")";
    return el("div", {}, [
      el("h2", { text: entry.name }),
      el("p", { class: "or-big", text: amount(entry.kg) }),
      el("p", { text: "passes through; " + interval(entry) + measure(model) }),
      facts([
        ["Supply", entry.supply ? amount(entry.supply) : null],
        ["Consumption", amount(entry.consumption)],
        ["Seizures", amount(entry.seizure)],
        ["Unaccounted", entry.unaccounted ? amount(entry.unaccounted) : null],
        ["Implied interception", interception],
        ["Leverage", leverage(entry.leverage)],
        ["Rests on", restsOn(model, entry.restsOn)],
      ]),
      overYears(model, model.over.node(entry.id)),
      partners(model, "Largest inflows from", into, "from"),
      partners(model, "Largest outflows to", out, "to"),
      part("Evidence and sources", [evidenceList(model, entry.evidence)]),
    ]);
  }

  const chokepointName = (rank, name) => "Chokepoint" + (rank === null ? "" : " " + rank) + ": " + name;
  const rankWithRange = (entry) => (A.marks.printedRank(entry) === null ? UNKNOWN
    : entry.rank + " (" + entry.rankLow + " to " + entry.rankHigh + ")");
  const dropWithRange = (entry) => (!entry ? UNKNOWN : percent(entry.share, 1)
    + (entry.low === null ? "" : " (" + percent(entry.low, 1) + " to " + percent(entry.high, 1) + ")"));

  function stability(model, entry) {
    return A.marks.printedRank(entry) === null
      ? "Without draws nothing is known of how stable a rank is, so none is printed."
      : "Ranges hold 90 % of the draws; among the first " + model.chokepoints.top + " in "
        + percent(entry.inTop) + " of them (\u03ba as chosen).";
  }

  function chokepoint(model, state, row) {
    const at = model.chokepoints.reactions.indexOf(state.reaction);
    const now = row.at[at];
    const lines = model.chokepoints.reactions.map((reaction, i) => el("tr", { class: i === at ? "or-current" : null }, [
      el("td", { text: "\u03ba = " + reaction }),
      el("td", { class: "or-number", text: rankWithRange(row.at[i]) }),
      el("td", { class: "or-number", text: dropWithRange(row.at[i]) }),
      el("td", { class: "or-number", text: row.at[i] ? amount(row.at[i].kg) : UNKNOWN }),
    ]));
    const head = ["reaction", "rank", "drop", "drop"].map((text, i) => el("th", { scope: "col", class: i ? "or-number" : null, text }));
    const receivers = now && now.receivers.length
      ? [el("p", { text: "With \u03ba = " + state.reaction + ", these legs (marked on the map) receive most of what moves away:" }),
        el("ul", {}, now.receivers.map((item) => el("li", { text: flowName(model, item) + ": +" + amount(item.kg) })))]
      : [el("p", { class: "or-muted", text: state.reaction > 0 ? "No leg receives more than before." : NO_REACTION })];
    return el("div", {}, [
      el("h2", { text: chokepointName(A.marks.printedRank(now), row.name) }),
      el("p", { text: "If " + percent(model.chokepoints.effort) + " of what passes here is stopped, this much less is "
        + "delivered to consumers:" }),
      el("table", {}, [el("thead", {}, [el("tr", {}, head)]), el("tbody", {}, lines)]),
      el("p", { class: "or-muted", text: "\u03ba says how strongly traffickers avoid the place: 0 not at all, 4 strongly. " + stability(model, now) }),
      part("Displacement", receivers),
    ]);
  }

  const flowTip = (model, entry) => el("div", {}, [
    el("strong", { text: flowName(model, entry) }), el("br"), withInterval(entry.kg, entry.low, entry.high), el("br"),
    routesOf(entry) + "; " + basisOf(entry)]);
  const nodeTip = (entry) => el("div", {}, [el("strong", { text: entry.name }), el("br"), withInterval(entry.kg, entry.low, entry.high)]);
  const chokepointTip = ({ row, rank, entry }) => el("div", {}, [el("strong", { text: chokepointName(rank, row.name) }), el("br"),
    "drop in delivered quantity " + dropWithRange(entry)]);

  A.popups = { chokepointName, flow, node, chokepoint, flowTip, nodeTip, chokepointTip, nameOf, flowName, routesOf, sourcesOf };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
