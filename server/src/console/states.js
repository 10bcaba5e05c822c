// The visits of states: where each stands in time, and below it what went in, what was tried and what came out.

import { picture } from "/console/ask.js";
import { $, button, element, payload, replace, span, status } from "/console/dom.js";

const MOST = 500;        // rows shown of a long execution; the history has them all
const open = new Set();  // the visits that are unfolded, by the id of their first event

// The picture, with its colours from graph.css. A click on a state calls `select` with its name.
export async function graph(execution, event, select) {
  const text = await picture({ arn: execution, event });
  const drawn = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  for (const title of drawn.querySelectorAll("g > title")) {
    title.parentNode.dataset.state = title.textContent.replace(/ \(\w+\)$/, "");
  }
  $("graph").replaceChildren(drawn);
  $("graph").onclick = ({ target }) => {
    const name = target.closest("g[data-state]")?.dataset.state;
    if (name !== undefined) select(name);
  };
}

// Draws the rows. `told` is the tree of visits, `events` the history by id; `look` says what is chosen, and `go`
// changes that.
export function states(told, events, look, go) {
  if (look.state) open.add(Number(look.state));
  const total = Math.max(told.millis ?? 0, 1);
  const rows = told.visits.slice(0, MOST).flatMap((visit) => visitRows(visit, total, events, look, go));
  if (told.visits.length > MOST) {
    rows.push(element("tr", wide(`${told.visits.length - MOST} more visits: the history has them all`)));
  }
  replace($("visits"), rows);
  mark(look.state, told.visits);
}

// Shows which state is chosen, in the picture and in the table.
function mark(entered, visits) {
  const name = visits.find((visit) => `${visit.entered}` === entered)?.state;
  document.querySelectorAll("#graph g[data-state]").forEach((node) =>
    node.classList.toggle("chosen", node.dataset.state === name));
}

// Unfolds the latest visit of a state.
export function visitOf(told, name) {
  const found = told.visits.findLast((visit) => visit.state === name);
  return found && `${found.entered}`;
}

export function forget() {
  open.clear();
}

export function unfold(entered) {
  open.add(Number(entered));
  const row = document.querySelector(`#visits tr[data-visit="${CSS.escape(entered)}"]`);
  row?.scrollIntoView({ block: "nearest" });
}

function wide(content) {
  const cell = element("td", content);
  cell.colSpan = 4;
  return cell;
}

function visitRows(visit, total, events, look, go) {
  const isOpen = open.has(visit.entered);
  const name = button("", () => {
    if (!open.delete(visit.entered)) open.add(visit.entered);
    go({ state: open.has(visit.entered) ? `${visit.entered}` : "" });
  }, `visit ${visit.entered}`);
  name.append(status(visit.status, visit.state));
  name.title = visit.status;
  name.setAttribute("aria-expanded", String(isOpen));
  const attempts = visit.attempts ?? [];
  const failed = [...new Set(attempts.map(({ error }) => error).filter(Boolean))];
  const line = element("tr", [
    element("td", [name, visit.inside ? element("small", `in ${visit.inside}`) : ""]),
    element("td", visit.type),
    element("td", timeline(visit, total), "line"),
    element("td", [`${attempts.length || ""}`, ...failed.map((error) => element("small", error, "FAILED"))]),
  ], "visit", look.state === `${visit.entered}` && "chosen");
  line.dataset.visit = visit.entered;
  line.dataset.state = visit.state;
  line.dataset.status = visit.status;
  line.style.setProperty("--depth", visit.inside ? Math.min(visit.inside.split(" / ").length, 8) : 0);
  line.onclick = ({ target }) => { if (!target.closest("button")) name.click(); };
  return isOpen ? [line, element("tr", wide(details(visit, events, go)), "details")] : [line];
}

// A bar from begin to end; a piece of it for each attempt, so that the waits between them are seen.
function timeline({ offset, millis, status: word, attempts = [] }, total) {
  const running = word === "RUNNING";
  const place = (bar, from, length) => {
    bar.style.left = `${Math.min(100 * from / total, 99)}%`;
    bar.style.width = `${100 * length / total}%`;
    return bar;
  };
  const track = element("div", place(element("i", "", "bar", word), offset, running ? total - offset : millis), "track");
  if (attempts.length > 1) {
    track.append(...attempts.map((attempt) => place(element("i", "", "try", attempt.error ? "FAILED" : word),
      attempt.offset, attempt.millis ?? total - attempt.offset)));
  }
  return [track, element("small", `+${span(offset)} · ${running ? "runs" : span(millis)}`)];
}

function details(visit, events, go) {
  const own = [...events.values()].filter((event) => event.visit === visit.entered);
  const entered = events.get(visit.entered)?.stateEnteredEventDetails;
  const exited = events.get(visit.exited)?.stateExitedEventDetails;
  const parts = [];
  const key = (what) => `${visit.entered} ${what}`;
  if (entered?.input !== undefined) parts.push(...payload("Input", entered.input, key("input")));
  parts.push(...attemptsOf(visit, own, key));
  if (exited?.output !== undefined) parts.push(...payload("Output", exited.output, key("output")));
  if (exited?.assignedVariables) {
    const variables = Object.entries(exited.assignedVariables).map(([name, value]) => `${JSON.stringify(name)}: ${value}`);
    parts.push(...payload("Assigned variables", `{${variables.join(", ")}}`, key("variables")));
  }
  if (visit.error) {
    parts.push(element("h3", visit.status === "CAUGHT" ? "Caught" : "Error"),
      element("p", [element("b", visit.error), visit.cause ? `: ${visit.cause}` : ""], visit.status, "error"));
  }
  parts.push(element("p", [visit.next ? `then ${visit.next} · ` : "",
    button(`history from event ${visit.entered}`, () => go({ tab: "history", state: `${visit.entered}` }))]));
  return parts;
}

function attemptsOf({ attempts = [] }, own, key) {
  const calls = own.filter(({ type }) => /^(Task|LambdaFunction|Activity)Scheduled$/.test(type)).map((event) =>
    event.taskScheduledEventDetails ?? event.lambdaFunctionScheduledEventDetails ?? event.activityScheduledEventDetails);
  const plain = attempts.length === 1 && !attempts[0].error && calls.length === 0;
  if (attempts.length === 0 || plain) return [];
  const rows = attempts.flatMap((attempt, number) => {
    const { error, cause, offset, millis } = attempt;
    const before = attempts[number - 1];
    const waited = before && offset - before.offset - before.millis;
    const call = calls[number];
    const made = [element("b", `Attempt ${number + 1}`), ` at +${span(offset)}, ${millis === undefined ? "runs" : `took ${span(millis)}`}`];
    if (call) made.push(element("small", ` ${[call.resourceType, call.resource].filter(Boolean).join(":")}`));
    if (error) made.push(element("p", [element("b", error), cause ? `: ${cause}` : ""], "FAILED", "error"));
    const sent = call && (call.parameters ?? call.input);
    if (sent !== undefined) {
      const folded = element("details", [element("summary", "called with"), ...payload("Parameters", sent, key(`sent ${number}`))]);
      folded.dataset.key = key(`call ${number}`);
      made.push(folded);
    }
    const pause = waited > 0 ? [element("li", `waited ${span(waited)}`, "pause")] : [];
    return [...pause, element("li", made)];
  });
  return [element("h3", "Attempts"), element("ul", rows, "attempts")];
}
