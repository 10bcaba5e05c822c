// The page reads what the server knows through the same API that every client uses, and two addresses of its own:
// /console/tree for the visits of states, /console/graph for the picture.

const PERIOD = 1000;      // milliseconds between two looks at what may have changed
const PAGE = 50;          // executions in a page of the list
const MOST_VISITS = 500;  // rows shown of a long execution; the history has them all
const MOST_EVENTS = 1000;

const $ = (id) => document.getElementById(id);
const shown = { arn: location.hash.slice(1), tab: "states", pages: 1, version: "" };

async function api(operation, request) {
  const answer = await fetch("/", {
    method: "POST",
    headers: { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(request),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message ?? body.Message ?? answer.statusText);
  return body;
}

function element(tag, content, ...classes) {
  const made = document.createElement(tag);
  made.classList.add(...classes.filter(Boolean));
  made.append(...[content ?? ""].flat());
  return made;
}

const last = (arn) => arn.split(":").pop();
const time = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").replace("Z", "");

function span(millis) {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  const minutes = Math.floor(millis / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round(millis / 1000) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function machines() {
  const { stateMachines } = await api("ListStateMachines", { maxResults: 1000 });
  const known = new Set([...$("machine").options].map((option) => option.value));
  for (const { stateMachineArn, name } of stateMachines) {
    if (!known.has(stateMachineArn)) $("machine").append(new Option(name, stateMachineArn));
  }
  return stateMachines.filter(({ type }) => type !== "EXPRESS").map(({ stateMachineArn }) => stateMachineArn);
}

async function executions() {
  const standard = await machines();
  const chosen = $("machine").value ? [$("machine").value] : standard;
  const statusFilter = $("status").value || undefined;
  const maxResults = PAGE * shown.pages;
  const lists = await Promise.all(chosen.map((stateMachineArn) =>
    api("ListExecutions", { stateMachineArn, statusFilter, maxResults: Math.min(maxResults, 1000) })));
  const all = lists.flatMap((list) => list.executions).sort((one, other) => other.startDate - one.startDate);
  $("none").hidden = all.length > 0;
  $("more").hidden = maxResults >= 1000 || !(all.length > maxResults || lists.some((list) => list.nextToken));
  $("executions").replaceChildren(...all.slice(0, maxResults).map(row));
  if (!shown.arn && all.length > 0) choose(all[0].executionArn);
}

function row({ executionArn, stateMachineArn, name, status, startDate, stopDate }) {
  const took = stopDate ? ` · ${span((stopDate - startDate) * 1000)}` : "";
  const button = element("button", [
    element("b", name),
    element("span", status, "chip", status),
    element("small", `${last(stateMachineArn)} · ${time(startDate)}${took}`),
  ]);
  if (executionArn === shown.arn) button.setAttribute("aria-current", "true");
  button.onclick = () => choose(executionArn);
  return element("li", button);
}

function choose(arn) {
  shown.arn = arn;
  shown.version = "";
  location.hash = arn;
  refresh();
}

async function execution() {
  if (!shown.arn) return;
  const executionArn = shown.arn;
  const [facts, tree] = await Promise.all([
    api("DescribeExecution", { executionArn }),
    fetch(`/console/tree?arn=${encodeURIComponent(executionArn)}`).then((answer) => answer.json()),
  ]);
  if (executionArn !== shown.arn) return; // another one was chosen meanwhile
  describe(facts);
  // What has not changed is left alone, so that what is unfolded stays so.
  const version = `${executionArn} ${facts.status} ${tree.lastEvent}`;
  if (version === shown.version) return;
  shown.version = version;
  $("graph").src = `/console/graph?arn=${encodeURIComponent(executionArn)}&event=${tree.lastEvent}`;
  const events = await history(executionArn);
  if (executionArn !== shown.arn) return;
  $("visits").replaceChildren(...tree.visits.slice(0, MOST_VISITS).flatMap((visit) => visitRows(visit, events)));
  if (tree.visits.length > MOST_VISITS) {
    const cell = element("td", `${tree.visits.length - MOST_VISITS} more visits: see GetExecutionHistory`);
    cell.colSpan = 5;
    $("visits").append(element("tr", cell));
  }
  $("events").replaceChildren(...[...events.values()].map(eventRow));
  const { definition } = await api("DescribeStateMachineForExecution", { executionArn });
  $("definition").textContent = pretty(definition);
}

async function history(executionArn) {
  const events = new Map();
  let nextToken;
  do {
    const page = await api("GetExecutionHistory", { executionArn, maxResults: MOST_EVENTS, nextToken });
    page.events.forEach((event) => events.set(event.id, event));
    nextToken = page.nextToken;
  } while (nextToken && events.size < MOST_EVENTS);
  return events;
}

function describe(facts) {
  $("execution").hidden = false;
  $("name").textContent = facts.name;
  $("chip").textContent = facts.status;
  $("chip").className = `chip ${facts.status}`;
  const end = facts.stopDate ?? Date.now() / 1000;
  const lines = {
    "State machine": last(facts.stateMachineArn),
    Started: time(facts.startDate),
    Ended: facts.stopDate ? time(facts.stopDate) : "",
    Took: span((end - facts.startDate) * 1000),
    Redriven: facts.redriveCount ? `${facts.redriveCount} times` : "",
    Error: facts.error,
    Cause: facts.cause,
    ARN: facts.executionArn,
  };
  $("facts").replaceChildren(...Object.entries(lines).filter(([, value]) => value)
    .map(([name, value]) => element("div", [element("dt", name), element("dd", value)])));
  $("input").textContent = pretty(facts.input ?? "");
  $("outcome").replaceChildren(...(facts.output === undefined ? [] :
    [element("h3", "Output"), element("pre", pretty(facts.output))]));
}

function visitRows(visit, events) {
  const attempts = visit.attempts ?? [];
  const failed = attempts.map((attempt) => attempt.error).filter(Boolean);
  const line = element("tr", [
    element("td", [element("span", visit.state, visit.status), element("small", visit.inside ? ` in ${visit.inside}` : "")]),
    element("td", visit.type),
    element("td", `+${span(visit.offset)}`, "number"),
    element("td", visit.status === "RUNNING" ? "…" : span(visit.millis), "number"),
    element("td", `${attempts.length || ""}${failed.length ? ` (${failed.join(", ")})` : ""}`),
  ], "visit");
  line.style.setProperty("--depth", visit.inside ? visit.inside.split(" / ").length : 0);
  const unfolded = element("tr", "");
  unfolded.hidden = true;
  line.onclick = () => {
    unfolded.hidden = !unfolded.hidden;
    if (!unfolded.hidden) unfolded.replaceChildren(visitDetails(visit, events));
  };
  return [line, unfolded];
}

function visitDetails(visit, events) {
  const input = events.get(visit.entered)?.stateEnteredEventDetails?.input;
  const output = events.get(visit.exited)?.stateExitedEventDetails?.output;
  const parts = [];
  if (input !== undefined) parts.push(element("h3", "Input"), element("pre", pretty(input)));
  if (output !== undefined) parts.push(element("h3", "Output"), element("pre", pretty(output)));
  (visit.attempts ?? []).forEach(({ error, cause }, number) => {
    const words = error ? `${error}${cause ? `: ${cause}` : ""}` : "no error";
    parts.push(element("p", `Attempt ${number + 1}: ${words}`));
  });
  if (visit.error) parts.push(element("p", `${visit.error}: ${visit.cause ?? ""}`, "FAILED"));
  if (visit.next) parts.push(element("p", `then ${visit.next}`));
  const cell = element("td", parts);
  cell.colSpan = 5;
  return cell;
}

function eventRow(event) {
  const details = Object.entries(event).find(([name]) => name.endsWith("EventDetails"))?.[1];
  const told = details && Object.keys(details).length > 0
    ? element("details", [element("summary", details.name ?? details.resource ?? details.error ?? "show"),
      element("pre", JSON.stringify(details, null, 2))])
    : "";
  return element("tr", [
    element("td", `${event.id}`, "number"),
    element("td", `${event.previousEventId}`, "number"),
    element("td", time(event.timestamp), "number"),
    element("td", event.type),
    element("td", told),
  ]);
}

function select(tab) {
  shown.tab = tab;
  document.querySelectorAll("[data-tab]").forEach((button) =>
    button.setAttribute("aria-selected", String(button.dataset.tab === tab)));
  document.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = panel.dataset.panel !== tab; });
}

// One look at a time; whoever asks during one gets another after it.
let looking = false;
let again = false;
async function refresh() {
  again = true;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    try {
      await executions();
      await execution();
      $("trouble").hidden = true;
    } catch (error) {
      $("trouble").textContent = `the server does not answer as expected: ${error.message}`;
      $("trouble").hidden = false;
    }
  }
  looking = false;
}

document.querySelectorAll("[data-tab]").forEach((button) => { button.onclick = () => select(button.dataset.tab); });
$("machine").onchange = $("status").onchange = () => { shown.pages = 1; refresh(); };
$("more").onclick = () => { shown.pages += 1; refresh(); };
window.onhashchange = () => { if (location.hash.slice(1) !== shown.arn) choose(location.hash.slice(1)); };
setInterval(() => { if (!document.hidden) refresh(); }, PERIOD);
refresh();
