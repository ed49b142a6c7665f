/* Texts of the page. What is written in the source is English and is the key of the catalogue. */
(function (A) {
  "use strict";

  let words = {};

  function use(catalogue) {
    words = catalogue;
  }

  /* The text in the language of the page; `{name}` stands for a value. */
  function t(text, values) {
    const found = words[text] || text;
    return values ? found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : found;
  }

  A.i18n = { use };
  A.t = t;
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
