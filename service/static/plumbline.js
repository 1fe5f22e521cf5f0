// Keys and focus. Everything here is an addition: links and forms work without it.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);
  const links = () => all(".line:not([hidden]) .name a");
  const chosen = () => $(".line .name a[aria-current]");
  const lineOf = (element) => element.closest(".line");
  const ticked = () => all("[name=tick]:checked");
  const said = $("#said"), FIELD = "input:not([type=hidden]), select, textarea";
  let waiting = "", afterG = 0, early = [];

  function mark(link) {
    const before = chosen();
    if (before) { before.removeAttribute("aria-current"); lineOf(before).classList.remove("chosen"); }
    link.setAttribute("aria-current", "true");
    lineOf(link).classList.add("chosen");
  }

  function open(link) { link.focus(); link.scrollIntoView({ block: "nearest" }); link.click(); }

  function move(step) {
    const rows = links(), at = rows.indexOf(rows.includes(document.activeElement) ? document.activeElement : chosen());
    const next = rows[at < 0 ? 0 : at + step];
    if (next) open(next);
  }

  // A verdict by key is about the marked line: while its detail is on the way, the key waits for it.
  function isShown() {
    const link = chosen(), article = $("#detail article");
    return !link || article?.dataset.item === lineOf(link).dataset.item;
  }

  function verdict(key) {
    const logs = key === "c" || key === "m", bulk = !logs && ticked().length > 0, form = $(logs ? `#log-${key}` : bulk ? "#bulk" : "#verdict");
    // Between its insertion and its initialisation by htmx a form would be sent by the browser itself.
    if ((!bulk && !isShown()) || (form && !form.dataset.htmxPowered)) { waiting = key; return; }
    waiting = "";
    const found = logs ? form?.closest("details") : form && $(`[data-key=${key}]`, form);
    if (found?.tagName !== "DETAILS") { found?.click(); return; }
    found.open = true;
    ($("input:checked", found) || $(FIELD, found)).focus();
  }

  const press = (selector) => () => $(selector)?.click();
  const goes = {
    j: () => move(1), k: () => move(-1), e: () => verdict("e"), d: () => verdict("d"), s: () => verdict("s"), c: () => verdict("c"), m: () => verdict("m"),
    z: () => ($("#message [data-key=z]") ? press("#message [data-key=z]")() : verdict("z")),
    x: press(".line.chosen [name=tick]"), n: press(".pages [data-key=n]"), p: press(".pages [data-key=p]"),
    X: () => { const boxes = all("[name=tick]"), some = boxes.some((box) => !box.checked); boxes.forEach((box) => { box.checked = some; }); count(); },
    "/": () => $("#q")?.focus(), g: () => { afterG = Date.now(); }, "?": press("#menu summary"),
  };

  function count() {
    const boxes = ticked(), out = $("#ticked");
    if (!out) return;
    const sum = boxes.reduce((total, box) => total + Number(lineOf(box).dataset.amount), 0);
    const style = { style: "currency", currency: out.dataset.currency || "XXX", maximumFractionDigits: 0 };
    const money = new Intl.NumberFormat(document.documentElement.lang, style).format(sum);
    out.textContent = out.dataset.text.replace("{number}", boxes.length).replace("{money}", money);
  }

  on("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const take = (act) => { event.preventDefault(); if (early) early.push(act); else act(); };
    const shown = target.closest(".verdicts details[open]") || $(".verdicts details[open], .menu[open]");
    if (event.key === "Escape" && shown) { shown.open = false; $("summary", shown).focus(); return; }
    if (event.key === "Enter" && target.matches(".verdicts .sheet input")) { take(() => $("button", target.closest(".sheet")).click()); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    if (target.closest("input:not([name=tick]), select, textarea")) return;
    if (event.key === "Enter" && target.matches(".line .name a")) { take(() => location.assign(target.dataset.page)); return; }
    const area = Date.now() - afterG < 1500 && $(`[data-go="${CSS.escape(event.key)}"]`);
    afterG = 0;
    if (area) take(() => area.click());
    else if (Object.hasOwn(goes, event.key)) take(goes[event.key]);
  });
  // htmx takes hold of the links at DOMContentLoaded; a key pressed before that waits for it and is not lost.
  on("DOMContentLoaded", () => { const acts = early; early = null; if ($("#message")) arrive(); acts.forEach((act) => act()); });

  on("click", (event) => {
    const target = event.target, link = target.closest(".line .name a"), line = lineOf(target);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) mark(link);
    if (line && !target.closest("a, input, label, button") && !String(getSelection())) open($(".name a", line));
    all(".menu[open], .verdicts details[open]").forEach((one) => { one.open = one.contains(target); });
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText($(`#${copy.dataset.copy}`).value).then(() => { said.textContent = copy.dataset.done; });
  });

  on("change", (event) => {
    if (event.target.name === "tick") { waiting = ""; count(); }
    if (event.target.name === "until_date") $("[value=date]", event.target.closest("fieldset")).checked = true;
  });

  // Lines leave at once; the answer confirms it, or brings them back marked.
  on("htmx:before:request", (event) => {
    const form = event.target, then = form.elements?.then, link = chosen();
    if (form.id === "bulk") ticked().forEach((box) => { lineOf(box).hidden = true; });
    if (form.id !== "verdict" || then.value || !link) return;
    const rows = links(), at = rows.indexOf(link), next = rows[at + 1] || rows[at - 1];
    if (next) event.detail.ctx.request.body.set("then", lineOf(next).dataset.item);
    lineOf(link).hidden = true;
  });

  function failed() {
    all(".line[hidden]").forEach((line) => { line.hidden = false; line.classList.add("failed"); });
    $("#saved-not").hidden = false;
    said.textContent = said.dataset.failed;
  }
  on("htmx:error", (event) => { if (event.detail.ctx.request.method === "POST") failed(); });
  on("htmx:response:error", (event) => { if (event.detail.ctx.response.status >= 500) failed(); });

  on("htmx:after:swap", (event) => {
    if (event.detail.ctx.target?.id === "work") arrive();
    else said.textContent = chosen()?.dataset.say || "";
    ready();
    if (waiting) verdict(waiting);
  });

  // After a decision: to what is wrong, else to the next line; the message is read out.
  function arrive() {
    const wrong = $(".wrong"), message = $("#message p");
    const to = (wrong && ($("[aria-invalid]") || $(FIELD, wrong.closest("details") || document))) || chosen() || links()[0] || $("#main");
    $("#saved-not").hidden = true;
    to.focus();
    said.textContent = (wrong || message || to).textContent;
  }

  function ready() {
    all(".copy[hidden]").forEach((button) => { button.hidden = false; });
    count();
  }
  ready();
})();
