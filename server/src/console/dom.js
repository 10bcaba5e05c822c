// Small things that everything is made of. Text from outside only ever becomes text nodes and attributes.

export const $ = (id) => document.getElementById(id);

export function element(tag, content, ...classes) {
  const made = document.createElement(tag);
  made.classList.add(...classes.filter(Boolean));
  made.append(...[content ?? ""].flat());
  return made;
}

export function button(text, onclick, key) {
  const made = element("button", text);
  made.onclick = onclick;
  if (key) made.dataset.key = key;
  return made;
}

// Puts other children in: what had the focus has it still, what was unfolded or scrolled stays so.
export function replace(container, children) {
  const focused = container.contains(document.activeElement) && document.activeElement.dataset.key;
  const unfolded = [...container.querySelectorAll("details[open][data-key]")].map(({ dataset }) => dataset.key);
  const scrolled = [...container.querySelectorAll("pre[data-key]")].map((pre) => [pre.dataset.key, pre.scrollTop]);
  container.replaceChildren(...children);
  const find = (key) => (key ? container.querySelector(`[data-key="${CSS.escape(key)}"]`) : null);
  unfolded.forEach((key) => { const details = find(key); if (details) details.open = true; });
  scrolled.forEach(([key, top]) => { const pre = find(key); if (pre) pre.scrollTop = top; });
  find(focused)?.focus({ preventScroll: true });
}

export const last = (arn) => arn.split(":").pop();
export const time = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").replace("Z", "");

export function span(millis) {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  const minutes = Math.floor(millis / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor(millis / 1000) % 60} s`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days ${Math.floor(minutes / 60) % 24} h`;
}

const SIGNS = { RUNNING: "▸", SUCCEEDED: "✓", CAUGHT: "!", FAILED: "✗", TIMED_OUT: "✗", ABORTED: "⊘", PENDING_REDRIVE: "↻" };

// A status never is only a colour.
export const status = (word, text = word) => element("span", `${SIGNS[word] ?? ""} ${text}`, "status", word);

export function pretty(text) {
  try {
    // What JSON.parse would round stays as the text has it.
    return /[0-9]{16}|[eE][+-]?[0-9]{3}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS, and not on this machine: the old way.
  const area = element("textarea", text);
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not copy");
}

export function copier(text, what) {
  const made = button("copy", async (event) => {
    event.stopPropagation();
    made.textContent = await copy(text).then(() => "copied", () => "not copied");
    setTimeout(() => { made.textContent = "copy"; }, 1500);
  }, `copy ${what}`);
  made.classList.add("copy");
  made.title = `Copy ${what}`;
  made.setAttribute("aria-label", `Copy ${what}`);
  return made;
}

// A payload under its title, with a button that copies it as it is.
export function payload(title, text, key = title) {
  const pre = element("pre", pretty(text));
  pre.dataset.key = key;
  pre.tabIndex = 0;
  return [element("h3", [title, " ", copier(text, title.toLowerCase())]), pre];
}
