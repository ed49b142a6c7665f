/* The same figures as tables: sortable, with a CSV file each, and the way to the map for readers without a mouse. */
(function (A) {
  "use strict";

  const { el, amount, range, percent, leverage, UNKNOWN } = A.dom;

  /* A spreadsheet runs a cell that starts like a formula; a number may start with a minus sign. */
  function csvCell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function csv(columns, rows) {
    const lines = [columns.map((column) => csvCell(column.key)).join(",")];
    for (const row of rows) lines.push(columns.map((column) => csvCell(column.value(row))).join(","));
    return lines.join("\r\n") + "\r\n";
  }

  /* Missing values stay at the end in both directions. */
  function sorted(rows, value, falling) {
    const known = rows.filter((row) => value(row) !== null && value(row) !== "" && value(row) !== undefined);
    const missing = rows.filter((row) => !known.includes(row));
    known.sort((a, b) => {
      const x = value(a);
      const y = value(b);
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en");
      return falling ? -order : order;
    });
    return known.concat(missing);
  }

  function save(text, name) {
    const url = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" }));
    const anchor = el("a", { href: url, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(url), 2000);
  }

  const kg = (key, head, field) => ({ key, head, number: true, value: (row) => row[field], show: (row) => amount(row[field]) });
  /* Evidence that is no amount (a share, a rate, a price gap) says its figures in words. */
  const told = (key, head, field, other) => ({ ...kg(key, head, field),
    show: (row) => (row.other ? row.other[other] : amount(row[field])) });
  const plain = (key, head, value) => ({ key, head, value });

  function definitions(model, state, goTo) {
    const name = (id) => A.popups.nameOf(model, id);
    const title = (row) => row.sources.map((entry) => (model.sources[entry] ? model.sources[entry].title : entry)).join("; ");
    const reactions = model.chokepoints.reactions;
    const at = (row, i, field) => (row.at[i] ? row.at[i][field] : null);
    const allDrops = reactions.flatMap((reaction, i) => [
      { key: "rank_kappa_" + reaction, head: "Rank, \u03ba = " + reaction, number: true, value: (row) => A.marks.printedRank(row.at[i]) },
      { key: "in_top_kappa_" + reaction, head: "In first " + model.chokepoints.top + ", \u03ba = " + reaction, number: true,
        value: (row) => at(row, i, "inTop"), show: (row) => percent(at(row, i, "inTop")) },
      { key: "drop_share_kappa_" + reaction, head: "Drop, \u03ba = " + reaction, number: true,
        value: (row) => at(row, i, "share"), show: (row) => percent(at(row, i, "share"), 1) },
      { key: "drop_low_kappa_" + reaction, head: "Low", number: true,
        value: (row) => at(row, i, "low"), show: (row) => percent(at(row, i, "low"), 1) },
      { key: "drop_high_kappa_" + reaction, head: "High", number: true,
        value: (row) => at(row, i, "high"), show: (row) => percent(at(row, i, "high"), 1) },
    ]);
    const drawn = model.chokepoints.rows.some((row) => row.at.some((entry) => entry && entry.inTop !== null));
    const drops = drawn ? allDrops : allDrops.filter((column) => column.key.startsWith("drop_share"));
    const first = Math.max(0, reactions.indexOf(state.reaction));
    return [
      { id: "chokepoints", title: "Chokepoints", rows: sorted(model.chokepoints.rows, (row) => at(row, first, "rank"), false),
        about: "Drop in the quantity delivered if " + percent(model.chokepoints.effort)
          + " of what passes is stopped, for each reaction \u03ba of traffickers. A negative drop: the displaced flows meet less enforcement elsewhere. " + (drawn
            ? "Low and high hold 90 % of the draws; the share of draws among the first says how stable a rank is."
            : "Without draws nothing is known of how stable a rank is, so none is printed."),
        columns: [{ ...plain("chokepoint", "Chokepoint", (row) => row.name), go: (row) => goTo.chokepoint(row) }, ...drops] },
      { id: "flows", title: "Flows", rows: model.flows, about: "All flows, in " + model.meta.unit + ", with 90 % intervals.",
        columns: [
          { ...plain("from", "From", (row) => name(row.from)), go: (row) => goTo.flow(row) },
          plain("to", "To", (row) => name(row.to)),
          kg("estimate_kg", "Estimate", "kg"), kg("low_kg", "Low", "low"), kg("high_kg", "High", "high"),
          plain("modes", "Mode", (row) => row.modes.join(", ")),
          plain("routes", "Named routes", (row) => A.popups.routesOf(row)),
          plain("basis", "Rests mostly on", (row) => row.basis),
          plain("rests_on", "Rests on", (row) => [...new Set(row.legs.map((leg) => leg.restsOn))].join("; ")),
          { key: "leverage", head: "Leverage", number: true, value: (row) => row.leverage,
            show: (row) => leverage(row.leverage) },
        ] },
      { id: "places", title: "Places", rows: sorted(model.nodes, (row) => row.kg, true),
        about: "Throughput, consumption and seizures, in " + model.meta.unit + ".",
        columns: [
          { ...plain("place", "Place", (row) => row.name), go: (row) => goTo.node(row) },
          kg("throughput_kg", "Throughput", "kg"), kg("low_kg", "Low", "low"), kg("high_kg", "High", "high"),
          kg("consumption_kg", "Consumption", "consumption"), kg("seizure_kg", "Seizures", "seizure"),
          { key: "interception", head: "Implied interception", number: true, value: (row) => row.interception,
            show: (row) => (row.interception === null ? UNKNOWN : percent(row.interception)
              + " (" + percent(row.interceptionLow) + " to " + percent(row.interceptionHigh) + ")") },
        ] },
      { id: "evidence", title: "Evidence", rows: model.evidence,
        about: "Every figure the estimate was fitted to, and what the fit says.",
        columns: [
          plain("row", "Row", (row) => row.id), plain("kind", "Kind", (row) => row.kind),
          plain("target", "Speaks of", (row) => row.target),
          told("evidence_kg", "Figure", "kg", "figure"), told("low_kg", "Low", "low", "low"),
          told("high_kg", "High", "high", "high"), told("estimate_kg", "Fitted", "fit", "fit"),
          plain("edition", "Edition", (row) => row.edition), plain("confidence", "Confidence", (row) => row.confidence),
          { ...plain("source", "Source", title), node: (row) => A.popups.sourcesOf(model, row) },
        ] },
      { id: "sources", title: "Sources", rows: model.sources, about: "Publications behind the evidence.",
        columns: [
          { ...plain("title", "Title", (row) => row.title), node: (row) => A.dom.link(row.url, row.title) },
          plain("publisher", "Publisher", (row) => row.publisher), plain("year", "Year", (row) => row.year),
          plain("terms", "Terms", (row) => row.terms),
          plain("url", "Address", (row) => row.url),
        ] },
    ].filter((table) => table.rows.length);
  }

  function cell(column, row) {
    const text = column.show ? column.show(row) : String(column.value(row) === null ? UNKNOWN : column.value(row));
    const content = column.node ? column.node(row) : text;
    const button = () => el("button", { type: "button", class: "or-go", title: "Show on the map", text,
      on: { click: () => column.go(row) } });
    const attributes = { scope: column.go ? "row" : null, class: column.number ? "or-number" : null };
    return el(column.go ? "th" : "td", attributes, [column.go ? button() : content]);
  }

  function build(table, year) {
    const body = el("tbody");
    const heads = [];
    let falling = false;
    let sortedBy = null;
    const line = (row) => el("tr", {}, table.columns.map((column) => cell(column, row)));
    const fill = (rows) => body.replaceChildren(...rows.map(line));

    function sortBy(column, head) {
      falling = sortedBy === column ? !falling : Boolean(column.number);
      sortedBy = column;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      fill(sorted(table.rows, column.value, falling));
    }
    for (const column of table.columns) {
      const head = el("th", { scope: "col", class: column.number ? "or-number" : null });
      head.append(el("button", { type: "button", text: column.head, on: { click: () => sortBy(column, head) } }));
      heads.push(head);
    }
    fill(table.rows);
    const download = el("button", { type: "button", class: "or-button", text: "Download " + table.title.toLowerCase() + " (CSV)",
      on: { click: () => save(csv(table.columns, table.rows), "opiateroutes-" + table.id + (year ? "-" + year : "") + ".csv") } });
    const caption = el("caption", {}, [el("span", { text: table.about })]);
    const frame = el("div", { class: "or-scroll", tabindex: "0", role: "region", "aria-label": table.title + ", table" },
      [el("table", {}, [caption, el("thead", {}, [el("tr", {}, heads)]), body])]);
    return [el("div", { class: "or-tablehead" }, [el("h2", { text: table.title }), download]), frame];
  }

  function create(tabs, panels, model, state, goTo) {
    let shown = null;

    /* New tables for the figures of another year; the one that is open stays open. */
    function refresh() {
      const tables = definitions(model, state, goTo);
      const buttons = [];
      /* A table is built when somebody asks for it: together they hold some ten thousand cells. */
      function fill(index) {
        const panel = document.getElementById("or-table-" + tables[index].id);
        if (!panel.firstChild) panel.append(...build(tables[index], model.meta.year));
      }
      function show(index, focus) {
        shown = tables[index].id;
        fill(index);
        buttons.forEach((tab, i) => {
          tab.setAttribute("aria-selected", String(i === index));
          tab.tabIndex = i === index ? 0 : -1;
          document.getElementById(tab.getAttribute("aria-controls")).hidden = i !== index;
        });
        if (focus) buttons[index].focus();
      }
      panels.replaceChildren();
      tables.forEach((table, index) => {
        const id = "or-table-" + table.id;
        const tab = el("button", { type: "button", role: "tab", id: id + "-tab", "aria-controls": id, text: table.title,
          on: { click: () => {
            show(index);
            panels.scrollIntoView({ block: "start" });
          } } });
        tab.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) show((index + step + tables.length) % tables.length, true);
        });
        buttons.push(tab);
        panels.append(el("section", { id, role: "tabpanel", "aria-labelledby": id + "-tab" }));
      });
      tabs.replaceChildren(...buttons);
      if (tables.length) show(Math.max(0, tables.findIndex((table) => table.id === shown)));
    }

    refresh();
    return { refresh };
  }

  A.tables = { create, csv, csvCell, sorted, range };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
