"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const all = (what) => [...document.querySelectorAll(what)];
  for (const one of all(".controls, .theme")) one.hidden = false;

  // Colours: as the screen has them, unless somebody chooses.
  at("theme").addEventListener("change", (event) => {
    document.documentElement.classList.remove("light", "dark");
    if (event.target.value) document.documentElement.classList.add(event.target.value);
  });

  // The graph's size.
  const svg = document.querySelector(".wfbreak-graph");
  const whole = svg.viewBox.baseVal;
  const say = (id, words) => {
    if (at(id).textContent !== words) at(id).textContent = words;
  };
  let scale = 1;
  const size = (wanted) => {
    scale = Math.min(4, Math.max(0.1, wanted));
    svg.setAttribute("width", Math.round(whole.width * scale));
    svg.setAttribute("height", Math.round(whole.height * scale));
    say("zoom-said", `${Math.round(scale * 100)} %`);
  };
  const fit = () => Math.min(1, (svg.parentElement.clientWidth - 2) / whole.width);
  at("zoom").addEventListener("click", (event) => {
    const asked = event.target.dataset.zoom;
    if (asked === "fit") size(fit());
    else if (asked === "in") size(scale * 1.25);
    else if (asked === "out") size(scale / 1.25);
    else if (asked) size(Number(asked));
  });
  // Letters stay large enough to be read; what does not fit is scrolled to.
  size(Math.max(0.75, fit()));
  // What a reader looks for first is in sight.
  const first = svg.querySelector(".s-failed, .s-stopped, .s-running");
  if (first) {
    const frame = svg.parentElement;
    const there = first.getBoundingClientRect();
    const here = frame.getBoundingClientRect();
    frame.scrollLeft += there.left + there.width / 2 - here.left - here.width / 2;
  }

  // Which resources are shown.
  const resources = () => all("details.resource");
  const show = () => {
    const words = at("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = at("filter-state").value;
    let shown = 0;
    const them = resources();
    for (const one of them) {
      const fits = words.every((word) => one.dataset.words.includes(word));
      one.hidden = !(fits && (!state || one.dataset.state === state));
      shown += !one.hidden;
    }
    say("filter-said", `${shown} of ${them.length}`);
  };
  at("filter-text").addEventListener("input", show);
  at("filter-state").addEventListener("change", show);
  const open = (wanted) => {
    for (const one of resources()) if (!one.hidden) one.open = wanted;
  };
  at("open-all").addEventListener("click", () => open(true));
  at("close-all").addEventListener("click", () => open(false));
  show();

  // What is led to is opened and shown, and stands out together with what else is of the same
  // thing: its box, its line, its row.
  const partners = (target) => {
    const links = target.querySelectorAll(target.matches(".node") ? "a" : "[data-same] a");
    return [...links].map((link) => at(link.getAttribute("href").slice(1))).filter(Boolean);
  };
  const arrive = () => {
    for (const one of all(".chosen")) one.classList.remove("chosen");
    const target = location.hash.length > 1 && at(decodeURIComponent(location.hash.slice(1)));
    if (!target || target.tagName === "SECTION" || target.tagName === "MAIN") return;
    for (let one = target; one; one = one.parentElement) {
      one.hidden = false;
      if (one.tagName === "DETAILS") one.open = true;
    }
    for (const one of [target, ...partners(target)]) one.classList.add("chosen");
    target.scrollIntoView({ block: "center", inline: "center" });
    const focus = target.querySelector("summary, a") || target;
    if (target.matches(".lines li") && !target.querySelector("a")) return;
    focus.focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);
  // The same link once more: the hash stays, and no event comes.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#'], a");
    if (link && link.getAttribute("href") === location.hash) arrive();
  });
  arrive();

  // A page that is kept up to date has changed in places.
  document.addEventListener("wfbreak:changed", () => {
    size(scale);
    show();
  });

  // On paper nothing can be opened. What would be a book is printed as it stands on the screen.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = resources().length > 60 ? [] : all("details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
