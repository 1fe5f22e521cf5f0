// Keys and focus. Everything here is an addition: links and forms work without it.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const links = () => all(".line:not([hidden]) th a");
  const chosen = () => $(".line th a[aria-current]");
  const ticked = () => all("[name=tick]:checked");
  const say = (text) => { $("#said").textContent = text || ""; };
  let waiting = "", afterG = 0, early = [];

  function mark(link) {
    all(".line.chosen").forEach((line) => line.classList.remove("chosen"));
    all(".line th a[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    link.closest(".line").classList.add("chosen");
  }

  function move(step) {
    const rows = links();
    const at = rows.indexOf(rows.includes(document.activeElement) ? document.activeElement : chosen());
    const next = rows[at < 0 ? 0 : at + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); next.click(); }
  }

  // A verdict by key must be about the line that is marked: while its detail is on the way, the key waits for it.
  function isShown() {
    const link = chosen(), article = $("#detail article");
    return !link || (article && article.dataset.item === link.closest(".line").dataset.item);
  }

  function verdict(key) {
    const root = ticked().length ? $("#bulk") : $("#verdict");
    if (root === $("#verdict") && !isShown()) { waiting = key; return; }
    waiting = "";
    const found = root && $(`[data-key=${key}]`, root);
    if (!found) return;
    if (found.tagName !== "DETAILS") { found.click(); return; }
    found.open = true;
    ($("input:checked", found) || $("input", found)).focus();
  }

  const goes = {
    j: () => move(1), k: () => move(-1), e: () => verdict("e"), d: () => verdict("d"), s: () => verdict("s"),
    z: () => { const undo = $("#message [data-key=z]"); undo ? undo.click() : verdict("z"); },
    x: () => { const box = chosen() && $("[name=tick]", chosen().closest(".line")); if (box) box.click(); },
    X: () => { const boxes = all("[name=tick]"), on = boxes.some((box) => !box.checked); boxes.forEach((box) => { box.checked = on; }); count(); },
    n: () => $(".pages [data-key=n]")?.click(), p: () => $(".pages [data-key=p]")?.click(),
    "/": () => $("#q")?.focus(), g: () => { afterG = Date.now(); },
    "?": () => { const menu = $("#menu"); if (menu) { menu.open = !menu.open; $("summary", menu).focus(); } },
  };

  function count() {
    const boxes = ticked(), out = $("#ticked");
    if (!out) return;
    const sum = boxes.reduce((total, box) => total + Number(box.closest(".line").dataset.amount), 0);
    const money = out.dataset.currency && new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: out.dataset.currency, maximumFractionDigits: 0 }).format(sum);
    out.textContent = out.dataset.text.replace("{number}", boxes.length).replace("{money}", money || "");
  }

  function press(event) {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Escape") {
      const open = target.closest("details[open]") || $(".verdicts details[open], .menu[open]");
      if (open) { open.open = false; $("summary", open).focus(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    if (target.closest("input:not([name=tick]), select, textarea")) return;
    if (event.key === "Enter" && target.matches(".line th a")) { event.preventDefault(); location.href = target.dataset.page; return; }
    const area = Date.now() - afterG < 1500 && $(`[data-go="${CSS.escape(event.key)}"]`);
    afterG = 0;
    const act = area ? () => area.click() : Object.hasOwn(goes, event.key) && goes[event.key];
    if (!act) return;
    event.preventDefault();
    if (early) early.push(act); else act();
  }
  document.addEventListener("keydown", press);
  // htmx takes hold of the links at DOMContentLoaded; a key pressed before that waits for it and is not lost.
  document.addEventListener("DOMContentLoaded", () => { const acts = early; early = null; acts.forEach((act) => act()); });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const link = target.closest(".line th a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) mark(link);
    const line = target.closest(".line");
    if (line && !target.closest("a, input, label, button") && !String(getSelection())) { const own = $("th a", line); own.focus(); own.click(); }
    all("details[open].menu, .verdicts details[open]").forEach((one) => { if (!one.contains(target)) one.open = false; });
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).value).then(() => say(copy.dataset.done));
  });

  document.addEventListener("change", (event) => {
    if (event.target.name === "tick") count();
    if (event.target.type === "date") event.target.closest("fieldset").querySelector("[value=date]").checked = true;
  });

  // The line leaves at once; the answer confirms it, or brings it back marked.
  document.addEventListener("htmx:before:request", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.elements.place) return;
    if (form.id === "verdict" && form.elements.then && !form.elements.then.value) {
      const rows = links(), at = rows.indexOf(chosen()), next = rows[at + 1] || rows[at - 1];
      if (next && at >= 0) event.detail.ctx.request.body.set("then", next.closest(".line").dataset.item);
    }
    leaving(form).forEach((line) => { line.hidden = true; });
  });

  function leaving(form) {
    if (form.id === "bulk") return ticked().map((box) => box.closest(".line"));
    return form.id === "verdict" && !form.elements.then?.value && chosen() ? [chosen().closest(".line")] : [];
  }

  function failed() {
    all(".line[hidden]").forEach((line) => { line.hidden = false; line.classList.add("failed"); });
    say($("#said").dataset.failed);
    $("#saved-not").hidden = false;
  }
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:response:error", (event) => { if (event.detail.ctx.response.status >= 500) failed(); });

  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    if (target && target.id === "work") arrive();
    else if (chosen()) say(chosen().dataset.say);
    ready();
    if (waiting && isShown()) verdict(waiting);
  });

  // After a decision: to what is wrong, else to the next line, and the message is read out.
  function arrive() {
    const wrong = $(".wrong");
    const to = wrong ? $("input, textarea", wrong.closest("details") || document) : chosen() || $(".line th a") || $("#main");
    if (to) to.focus();
    const message = $("#message p");
    say((wrong || message || chosen())?.textContent);
  }

  function ready() {
    all(".copy[hidden]").forEach((button) => { button.hidden = false; });
    count();
  }
  ready();
})();
