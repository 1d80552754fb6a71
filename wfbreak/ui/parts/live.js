"use strict";
// The page as it is now: asked for when it has changed, and put in place so that what a person has
// opened, typed, chosen or scrolled to stays as it is.
(() => {
  const at = (id) => document.getElementById(id);
  const say = (id, words) => {
    if (at(id).textContent !== words) at(id).textContent = words;
  };
  // What was said is on the page, too: it goes when it has been read.
  let past;
  const announce = (words) => {
    say("news", words);
    clearTimeout(past);
    past = setTimeout(() => say("news", ""), 12000);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const id of ["news", "refused"]) say(id, "");
  });

  // Nodes that are the same thing: of the same id, else of the same kind in the same order.
  const same = (one, other) =>
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id || "") === (other.id || "");
  // What a person or the other script has set, and the server knows nothing of.
  const theirs = (node, name) =>
    (node.matches("details") && name === "open") ||
    (node.matches(".wfbreak-graph") && (name === "width" || name === "height")) ||
    (node.matches(".controls, .theme, details.resource") && name === "hidden");
  const attributes = (old, wanted) => {
    const chosen = old.classList.contains("chosen");
    for (const { name } of [...old.attributes])
      if (!wanted.hasAttribute(name) && !theirs(old, name)) old.removeAttribute(name);
    for (const { name, value } of wanted.attributes)
      if (old.getAttribute(name) !== value && !theirs(old, name)) old.setAttribute(name, value);
    if (chosen) old.classList.add("chosen");
  };
  const become = (old, wanted) => {
    if (old.isEqualNode(wanted)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = wanted.nodeValue;
      return;
    }
    attributes(old, wanted);
    if (old.matches("output")) return;
    children(old, wanted);
  };
  const children = (old, wanted) => {
    let here = old.firstChild;
    for (const next of [...wanted.childNodes]) {
      let found = here;
      if (next.id) {
        const known = at(next.id);
        found = known && known.parentNode === old ? known : null;
      }
      while (found && !same(found, next) && !next.id) {
        // What has an id of its own has its place found by that; what lies around it goes with it.
        found = found.id || found.nodeType === Node.TEXT_NODE ? found.nextSibling : null;
      }
      if (found && same(found, next)) {
        if (found === here) here = here.nextSibling;
        else old.insertBefore(found, here);
        become(found, next);
      } else {
        old.insertBefore(document.importNode(next, true), here);
      }
    }
    while (here) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
  };

  let version = document.body.dataset.version;
  const show = (page) => {
    if (!page.body.dataset.version) return false;
    const focus = document.activeElement;
    const before = document.body.dataset.said;
    document.title = page.title;
    for (const name of ["header", "main", "footer"]) {
      const [old, wanted] = [document, page].map((one) => one.querySelector(`body > ${name}`));
      if (old && wanted) become(old, wanted);
    }
    Object.assign(document.body.dataset, page.body.dataset);
    version = page.body.dataset.version;
    if (at("choice-said")) say("choice-said", page.body.dataset.said);
    else if (page.body.dataset.said !== before) announce(page.body.dataset.said);
    document.dispatchEvent(new Event("wfbreak:changed"));
    // What had the focus and is gone, or can do nothing now, hands it on.
    if (focus !== document.body && (!focus.isConnected || focus.matches(":disabled"))) at("decide-title")?.focus();
    return true;
  };
  const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = async (answer) => {
    const said = (await read(answer)).getElementById("refusal");
    return said ? said.textContent : `The server answers ${answer.status}.`;
  };
  const fetched = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(await why(answer));
    show(await read(answer));
  };

  // One thing at a time: what is done, what has changed.
  let turn = Promise.resolve();
  const inTurn = (act) => (turn = turn.then(act, act));

  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  const seen = () =>
    new Promise((done) => {
      const look = () => document.visibilityState === "visible" && (document.removeEventListener("visibilitychange", look), done());
      document.addEventListener("visibilitychange", look);
      look();
    });
  const follow = async () => {
    let lost = false;
    for (;;) {
      await seen();
      try {
        const answer = await fetch(`${document.body.dataset.changes}?since=${version}`);
        if (!answer.ok) throw new Error(await why(answer));
        const now = (await answer.json()).version;
        if (now !== version) await inTurn(fetched);
        if (lost) say("refused", "");
        lost = false;
      } catch (error) {
        // Whoever leaves the page breaks off what it asks.
        const words = error instanceof TypeError ? "wfbreak ui does not answer." : error.message;
        say("refused", `This page is not up to date. ${words}`);
        lost = true;
        await pause(2);
      }
    }
  };

  // What a form asks for is done without leaving the page.
  const sent = async (form, button) => {
    const asked = new FormData(form, button);
    say("refused", "");
    try {
      const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body: asked });
      if (!answer.ok) {
        say("refused", await why(answer));
        return;
      }
      const page = await read(answer);
      const done = page.getElementById("done");
      const words = done ? done.textContent : "";
      done?.remove();
      form.reset();
      if (form.id === "cancel-form") at("cancelling").open = false;
      show(page);
      announce(words);
    } catch {
      say("refused", "wfbreak ui does not answer: nobody knows whether it was done.");
    }
  };
  let isSending = false;
  document.addEventListener("submit", async (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    if (isSending) return; // a button that is pressed twice decides once
    isSending = true;
    await inTurn(() => sent(event.target, event.submitter));
    isSending = false;
  });

  // Which stacks are shown, while it is typed.
  const choice = at("choice");
  if (choice) {
    let soon;
    const choose = () => {
      const asked = new URLSearchParams([...new FormData(choice)].filter(([, value]) => value));
      history.replaceState(null, "", asked.size ? `/?${asked}` : "/");
      inTurn(fetched).catch((error) => say("refused", error.message));
    };
    const later = () => {
      clearTimeout(soon);
      soon = setTimeout(choose, 150);
    };
    choice.addEventListener("input", later);
    choice.addEventListener("change", later);
    choice.addEventListener("submit", (event) => {
      event.preventDefault();
      choose();
    });
  }
  follow();
})();
