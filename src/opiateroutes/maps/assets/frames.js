/* Frames, one for each year, out of the packed tables: records as the rest of the page reads them. */
(function (A) {
  "use strict";

  const MOSTLY = 0.5;

  /* Positions of the things that a frame has, ascending. */
  function rowsOf(table, frame) {
    if (frame.rows) return frame.rows;
    const absent = new Set(frame.without);
    return Array.from({ length: table.count }, (_, thing) => thing).filter((thing) => !absent.has(thing));
  }

  /* One record: fields that never change are fetched by thing, the others by row. */
  function reader(table, number) {
    const frame = table.frames[number];
    const of = (field, value) => (field in table.of ? table.of[field][value] : value);
    const moving = Object.keys(frame).filter((field) => field !== "rows" && field !== "without");
    const fixed = Object.keys(table.fixed);
    return (thing, row) => {
      const record = {};
      for (const field of fixed) record[field] = of(field, table.fixed[field][thing]);
      for (const field of moving) record[field] = of(field, frame[field][row]);
      return record;
    };
  }

  function records(table, number) {
    const read = reader(table, number);
    return rowsOf(table, table.frames[number]).map(read);
  }

  /* The records of one frame that are about some things. */
  function recordsOf(table, number, things) {
    const read = reader(table, number);
    const rows = rowsOf(table, table.frames[number]);
    return things.map((thing) => [thing, rows.indexOf(thing)]).filter(([, row]) => row >= 0).map(([thing, row]) => read(thing, row));
  }

  function thingsWith(table, fields) {
    const same = Object.entries(fields).map(([field, value]) => {
      const wanted = field in table.of ? table.of[field].indexOf(value) : value;
      return (thing) => table.fixed[field][thing] === wanted;
    });
    return Array.from({ length: table.count }, (_, thing) => thing).filter((thing) => same.every((is) => is(thing)));
  }

  const sum = (legs, field) => {
    /* A missing bound makes the sum unknown: leaving it out would narrow the interval. */
    if (legs.some((leg) => leg[field] === null)) return null;
    return legs.reduce((total, leg) => total + leg[field], 0);
  };
  const rounded = (value) => (value === null ? null : Math.round(value * 10) / 10);
  const once = (values) => [...new Set(values)];
  const key = (entry) => entry.from + ">" + entry.to;

  /* One arrow for all legs of a directed pair; its leverage is that of the legs which carry most of it. */
  function arrow(pair, legs, back) {
    legs.sort((a, b) => b.kg - a.kg || (a.id < b.id ? -1 : 1));
    const kg = sum(legs, "kg");
    const leverage = legs.reduce((total, leg) => total + (leg.leverage || 0) * leg.kg, 0) / kg;
    return { ...pair, kg: rounded(kg), low: rounded(sum(legs, "low")), high: rounded(sum(legs, "high")), net: rounded(kg - back),
      leverage: Math.round(leverage * 1e4) / 1e4,
      basis: legs.length === 1 ? legs[0].basis : leverage >= MOSTLY ? "evidence" : "model",
      modes: once(legs.map((leg) => leg.mode)), evidence: once(legs.flatMap((leg) => leg.evidence)), legs };
  }

  function flowsOf(pairs, legs) {
    const byPair = new Map();
    for (const leg of legs) {
      if (!byPair.has(key(leg))) byPair.set(key(leg), []);
      byPair.get(key(leg)).push(leg);
    }
    const total = (name) => (byPair.has(name) ? sum(byPair.get(name), "kg") : 0);
    const flows = pairs.map((pair) => arrow(pair, byPair.get(key(pair)), total(pair.to + ">" + pair.from)));
    return flows.sort((a, b) => b.kg - a.kg || (a.from + " " + a.to < b.from + " " + b.to ? -1 : 1));
  }

  function chokepointsOf(common, entries) {
    const rows = new Map();
    for (const { node, name, reaction, receivers, ...entry } of entries) {
      if (!rows.has(node)) rows.set(node, { node, name, at: common.reactions.map(() => null) });
      rows.get(node).at[reaction] = { ...entry, receivers: receivers.map(([from, to, kg]) => ({ from, to, kg })) };
    }
    return { ...common, rows: [...rows.values()] };
  }

  /* `show(number)` turns the model into that frame; everything that reads the model then reads that year. */
  function open(packed) {
    const { tables, meta, groups, scale, home, sources } = packed;
    const model = { groups, scale, home, sources };

    function show(number) {
      const evidence = records(tables.evidence, number);
      const position = new Map(evidence.map((row, place) => [row.id, place]));
      const linked = (entry) => ({ ...entry, evidence: entry.evidence.map((id) => position.get(id)) });
      const nodes = records(tables.nodes, number).map(linked);
      const flows = flowsOf(records(tables.pairs, number), records(tables.legs, number).map(linked));
      const chokepoints = chokepointsOf(packed.chokepoints, records(tables.chokepoints, number));
      Object.assign(model, { meta: meta[number], number, nodes, flows, chokepoints, evidence });
    }

    /* The same thing in every frame, null where a frame does not have it: for charts over the years. */
    const over = (table, fields, read) => {
      const things = thingsWith(table, fields);
      return meta.map((_, number) => {
        const found = recordsOf(table, number, things);
        return found.length ? read(found) : null;
      });
    };
    model.over = {
      years: meta.map((entry) => entry.year),
      flow: (from, to) => over(tables.legs, { from, to }, (legs) => ({ kg: sum(legs, "kg"), low: sum(legs, "low"), high: sum(legs, "high") })),
      node: (id) => over(tables.nodes, { id }, ([node]) => node),
    };

    show(packed.first);
    return { model, show, meta, first: packed.first };
  }

  A.frames = { open, records };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
