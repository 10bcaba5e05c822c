// The page: what is looked at stands in its address, so that a link leads to the same place; every second it asks
// what is new. It only reads.

import { api, get } from "/console/ask.js";
import { $, copier, element, last, payload, pretty, replace, span, status, time } from "/console/dom.js";
import { history, reveal, rows } from "/console/history.js";
import * as list from "/console/list.js";
import { runs } from "/console/runs.js";
import * as table from "/console/states.js";

const PERIOD = 1000;   // milliseconds between two looks; more where a look takes long
const TABS = ["states", "history", "data", "definition"];
const NAMES = ["execution", "tab", "state", "machine", "list", "find", "run"];

// What is looked at: an execution, a view of it, a visit by the id of its first event; and the filters of the list.
let look = read();
let known = {};        // what the server has said of the execution that is looked at

function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""]));
}

function go(change) {
  const turned = change.execution !== undefined && change.execution !== look.execution;
  const filtered = ["machine", "list", "find", "run"].some((name) => name in change && change[name] !== look[name]);
  if (turned) change = { state: "", tab: "", ...change };
  look = { ...look, ...change };
  const set = NAMES.filter((name) => look[name]).map((name) => [name, look[name]]);
  window.history.pushState(null, "", `#${new URLSearchParams(set)}`);
  moved(turned, filtered);
}

function moved(turned, filtered) {
  if (turned) {
    known = {};
    table.forget();
  }
  if (filtered) list.first();
  show();
  refresh();
}

// What needs no answer of the server.
function show() {
  const tab = TABS.includes(look.tab) ? look.tab : "states";
  for (const name of TABS) {
    const chosen = name === tab;
    $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    $(`panel-${name}`).hidden = !chosen;
  }
  $("status").value = look.list;
  if (document.activeElement !== $("find")) $("find").value = look.find;
  $("execution").hidden = !look.execution;
  document.body.classList.toggle("reading", Boolean(look.execution));
  $("scope").hidden = !look.run;
  if (look.run) {
    const all = element("button", "× all executions");
    all.onclick = () => go({ run: "" });
    $("scope").replaceChildren(element("b", "Children of a map run "), all);
  }
  if (!known.tree) return;
  table.states(known.tree, known.events, look, go);
  rows(known.events, look, go);
  if (look.state && tab === "history") reveal(look.state);
  if (look.state && tab === "states") table.unfold(look.state);
}

async function execution() {
  const executionArn = look.execution;
  if (!executionArn) return;
  const light = await api("DescribeExecution", { executionArn, includedData: "METADATA_ONLY" });
  const settled = light.status !== "RUNNING" && `${light.status} ${light.stopDate} ${light.redriveCount}`;
  if (settled && settled === known.settled) return;
  const [facts, tree] = await Promise.all([
    api("DescribeExecution", { executionArn }),
    get("tree", { arn: executionArn }),
  ]);
  await runs(executionArn, go);
  if (executionArn !== look.execution) return; // another one was chosen meanwhile
  head(facts);
  // What has not changed is left alone: a text that somebody marks stays marked.
  const version = `${facts.status} ${facts.redriveCount} ${tree.lastEvent}`;
  if (version !== known.version || facts.status === "RUNNING") {
    const events = version === known.version ? known.events : await history(executionArn, look.all);
    if (version !== known.version) await table.graph(executionArn, tree.lastEvent, pick);
    if (executionArn !== look.execution) return;
    const first = !known.tree;
    const grown = version !== known.version;
    known = { ...known, tree, events, version };
    if (first) await body(executionArn);
    if (first) show();
    else if (grown) redraw();
    else table.states(tree, events, look, go);
  }
  known.settled = settled === `${facts.status} ${facts.stopDate} ${facts.redriveCount}` && settled;
}

function redraw() {
  table.states(known.tree, known.events, look, go);
  rows(known.events, look, go);
}

function pick(name) {
  const state = table.visitOf(known.tree, name);
  if (state) go({ tab: "states", state });
}

function head(facts) {
  $("name").textContent = facts.name;
  document.title = `${facts.name} · aslx`;
  $("chip").replaceChildren(status(facts.status));
  const end = facts.stopDate ?? Date.now() / 1000;
  const parent = facts.mapRunArn && element("a", last(facts.mapRunArn));
  if (parent) parent.onclick = (event) => { event.preventDefault(); up(facts.mapRunArn); };
  if (parent) parent.href = "#";
  const lines = {
    "State machine": last(facts.stateMachineArn),
    Version: facts.stateMachineVersionArn && last(facts.stateMachineVersionArn),
    Alias: facts.stateMachineAliasArn && last(facts.stateMachineAliasArn),
    "Child of map run": parent,
    Started: `${time(facts.startDate)} UTC`,
    Ended: facts.stopDate && `${time(facts.stopDate)} UTC`,
    [facts.stopDate ? "Took" : "Runs for"]: span(Math.max(end - facts.startDate, 0) * 1000),
    Redriven: facts.redriveCount ? `${facts.redriveCount}×, last ${time(facts.redriveDate)}` : "",
    ARN: [facts.executionArn, " ", copier(facts.executionArn, "ARN")],
  };
  replace($("facts"), Object.entries(lines).filter(([, value]) => value)
    .map(([name, value]) => element("div", [element("dt", name), element("dd", value)])));
  $("failure").hidden = !facts.error && !facts.cause;
  const words = [element("b", facts.error ?? "No error name"), facts.cause ? `: ${pretty(facts.cause)}` : ""];
  if ($("failure").textContent !== element("p", words).textContent) $("failure").replaceChildren(...words);
  const data = [...payload("Input", facts.input ?? "")];
  if (facts.output !== undefined) data.push(...payload("Output", facts.output));
  else data.push(element("p", facts.status === "RUNNING" ? "It has no output yet." : "It has no output."));
  if (known.data !== `${facts.status} ${facts.redriveCount}`) replace($("panel-data"), data);
  known.data = `${facts.status} ${facts.redriveCount}`;
}

async function body(executionArn) {
  const { definition } = await api("DescribeStateMachineForExecution", { executionArn });
  replace($("panel-definition"), payload("Definition", definition));
}

// From a child to the execution whose Map state started it.
async function up(mapRunArn) {
  const { executionArn } = await api("DescribeMapRun", { mapRunArn });
  go({ execution: executionArn, run: "" });
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
      const newest = await list.executions(look, (arn) => go({ execution: arn }));
      if (!look.execution && newest && !narrow.matches) {
        look.execution = newest;
        show();
      }
      await execution();
      $("trouble").hidden = true;
    } catch (error) {
      $("trouble").textContent = error.message;
      $("trouble").hidden = false;
    }
  }
  looking = false;
}

async function live() {
  const begun = performance.now();
  if (!document.hidden) await refresh();
  setTimeout(live, Math.max(PERIOD, 5 * (performance.now() - begun)));
}

const narrow = matchMedia("(max-width: 60rem)");
$("machine").onchange = () => go({ machine: $("machine").value, run: "" });
$("status").onchange = () => go({ list: $("status").value });
$("find").onchange = () => go({ find: $("find").value.trim() });
$("back").onclick = () => go({ execution: "" });
$("older").onclick = () => { list.older(); refresh(); };
$("newer").onclick = () => { list.newer(); refresh(); };
$("all").onclick = () => { look.all = true; known.version = known.settled = ""; refresh(); };
for (const name of TABS) $(`tab-${name}`).onclick = () => go({ tab: name });
$("tabs").onkeydown = ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const here = Math.max(TABS.indexOf(look.tab), 0);
  const tab = TABS[(here + step + TABS.length) % TABS.length];
  go({ tab });
  $(`tab-${tab}`).focus();
};
window.onpopstate = () => {
  const old = look;
  look = read();
  moved(look.execution !== old.execution, ["machine", "list", "find", "run"].some((name) => look[name] !== old[name]));
};
document.onvisibilitychange = () => { if (!document.hidden) refresh(); };
show();
live();
