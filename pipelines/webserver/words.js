// Chinese words in place of Dagster's, and Chinese names for its search. See chinese.py.
(() => {
  const { words, patterns, steps, found } = TABLE;
  const CHOICE = "minzheng.words";
  const english = localStorage.getItem(CHOICE) === "en";
  const varying = Object.entries(patterns).map(([from, to]) => [new RegExp(`^${from}$`), to]);
  const KEPT = "pre, code, textarea, .CodeMirror, script, style";
  const TITLES = ["placeholder", "title", "aria-label"];

  const chinese = (text) => {
    const own = text.trim();
    if (!/[A-Za-z]/.test(own)) return text;
    let told = words[own];
    if (told === undefined && location.pathname.includes("/runs/")) told = steps[own];
    if (told === undefined) {
      const [like, to] = varying.find(([like]) => like.test(own)) || [];
      told = like && own.replace(like, to);
    }
    return told === undefined ? text : text.replace(own, () => told);
  };
  const say = (node) => {
    if (node.parentElement?.closest(KEPT)) return;
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

  if (!english) {
    new MutationObserver(changed).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: TITLES });
  }
  addEventListener("DOMContentLoaded", () => {
    const change = document.createElement("button");
    change.textContent = english ? "中文" : "English";
    change.style.cssText = "position:fixed;left:150px;bottom:18px;z-index:9;font-size:11px;opacity:.7";
    change.onclick = () => (localStorage.setItem(CHOICE, english ? "zh" : "en"), location.reload());
    document.body.append(change);
  });
})();
