// Chinese words in place of Dagster's, Chinese names for its search and its filter, what is left of a run. See chinese.py.
(() => {
  const { words, patterns, steps, found } = TABLE;
  const CHOICE = "minzheng.words";
  const english = localStorage.getItem(CHOICE) === "en";
  const varying = Object.entries(patterns).map(([from, to]) => [new RegExp(`^${from}$`), to]);
  const KEPT = "pre, code, textarea, .CodeMirror, script, style, [class*=MiddleTruncate_measure]";
  const TITLES = ["placeholder", "title", "aria-label"];

  const step = (own) => {
    const [first, last] = own.split("…");
    return steps[own] ?? (last && steps[Object.keys(steps).find((one) => one.startsWith(first) && one.endsWith(last))]);
  };
  const chinese = (text) => {
    const own = text.trim();
    if (!/[A-Za-z]/.test(own)) return text;
    let told = words[own];
    if (told === undefined && location.pathname.includes("/runs/")) told = step(own);
    if (told === undefined) {
      const [like, to] = varying.find(([like]) => like.test(own)) || [];
      told = like && own.replace(like, to);
    }
    return told === undefined ? text : text.replace(own, () => told);
  };
  const say = (node) => {
    if (node.parentElement?.closest(KEPT) && !node.parentElement.matches(".CodeMirror-placeholder")) return;
    const told = chinese(node.nodeValue);
    if (told !== node.nodeValue) node.nodeValue = told;
  };
  const entitle = (element) => {
    for (const name of TITLES) {
      const text = element.getAttribute(name);
      const told = text && chinese(text);
      if (told && told !== text) element.setAttribute(name, told);
    }
  };
  const everything = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return say(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    entitle(root);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walk.nextNode()) (walk.currentNode.nodeType === Node.TEXT_NODE ? say : entitle)(walk.currentNode);
  };
  const changed = (records) => {
    for (const one of records) {
      if (one.type === "characterData") say(one.target);
      else if (one.type === "attributes") entitle(one.target);
      else one.addedNodes.forEach(everything);
    }
  };

  // The search knows keys only: give each result its Chinese name to show, and the words it is to be found by.
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    for (const result of message?.results || []) {
      const [name, by] = found[(result.href || "").split("?")[0].split("/").pop()] || [];
      if (name && !result.label.includes(name)) Object.assign(result, { label: `${name} ${result.label}`, segments: by.split(" ") });
    }
    return post.call(this, message, ...rest);
  };

  // The catalog's filter knows keys only too: what people call a thing becomes the keys of all that is called so.
  const keysOf = (own) => Object.keys(found).filter((key) => `${found[key][0]} ${found[key][1]}`.toLowerCase().includes(own.toLowerCase()));
  addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".CodeMirror")?.CodeMirror;
    const own = box?.getValue().trim();
    if (event.key !== "Enter" || event.isComposing || !own || /[:"*+()\n]/.test(own) || location.pathname.includes("/playground")) return;
    const keys = keysOf(own);
    if (keys.length) box.setValue(keys.map((key) => `key:"*/${key}"`).join(" or "));
  }, true);

  // What is left of the run that is looked at, asked every five seconds.
  const left = async (strip) => {
    const [, prefix, run] = location.pathname.match(/^(.*)\/runs\/([\w-]{36})/) || [];
    strip.textContent = run && !document.hidden ? await fetch(`${prefix}/left/${run}`).then((answer) => (answer.ok ? answer.text() : ""), () => "") : "";
    strip.hidden = !strip.textContent;
  };

  if (!english) {
    new MutationObserver(changed).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: TITLES });
  }
  addEventListener("DOMContentLoaded", () => {
    const change = document.createElement("button");
    change.textContent = english ? "中文" : "English";
    change.className = "own-language";
    change.onclick = () => (localStorage.setItem(CHOICE, english ? "zh" : "en"), location.reload());
    const strip = document.createElement("output");
    strip.className = "own-left";
    strip.hidden = true;
    document.body.append(change, strip);
    setInterval(left, 5000, strip);
  });
})();
