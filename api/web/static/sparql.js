// Colours the words of a query. The text stays in the textarea; what is coloured lies under it.

const KINDS = [
  ["comment", /#[^\n]*/y],
  ["iri", /<[^<>"{}|^`\\\s]*>/y],
  ["text", /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y],
  ["variable", /[?$]\w+/y],
  ["iri", /[A-Za-z][\w.-]*:[\w.%-]*|:[\w.%-]+/y],
  ["keyword", /[A-Za-z_]+/y],
  ["number", /\d[\d.]*(?:[eE][+-]?\d+)?/y],
  ["", /\s+|[\s\S]/y],
];

function* tokens(text) {
  let at = 0;
  while (at < text.length) {
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found) {
        yield [kind, found[0]];
        at = pattern.lastIndex;
        break;
      }
    }
  }
}

function colour(text, into) {
  const parts = [];
  for (const [kind, words] of tokens(text)) {
    const part = document.createElement("span");
    if (kind) part.className = `code-${kind}`;
    part.textContent = words;
    parts.push(part);
  }
  into.replaceChildren(...parts, "\n");
}

const query = document.getElementById("query");
const under = query.parentElement.querySelector("pre");
const code = under.firstElementChild;

function follow() {
  under.scrollTop = query.scrollTop;
  under.scrollLeft = query.scrollLeft;
}

function refresh() {
  colour(query.value, code);
  follow();
}

query.parentElement.classList.add("coloured");
query.addEventListener("input", refresh);
query.addEventListener("scroll", follow);
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    query.form.requestSubmit();
  }
});
new ResizeObserver(follow).observe(query);
refresh();
