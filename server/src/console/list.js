// The executions, newest first, in pages; and what to do where there are none.

import { get } from "/console/ask.js";
import { $, copier, element, last, replace, span, status, time } from "/console/dom.js";

const PAGE = 50;          // executions in a page
const before = [];        // where the pages before this one began
let shown = "";           // what the list was made from
let next;

// Looks again. `look` has the filters; `choose` is called with the ARN of an execution. Gives the newest one.
export async function executions(look, choose) {
  const { machine, list, find, run } = look;
  const seen = await get("executions", { machine, status: list, name: find, run, limit: PAGE, after: before.at(-1) });
  machines(seen.machines, machine);
  next = seen.next;
  const version = JSON.stringify([seen.executions, look.execution]);
  if (version !== shown) {
    shown = version;
    replace($("executions"), seen.executions.map((execution) => row(execution, look.execution, choose)));
  }
  $("pages").hidden = before.length === 0 && !next;
  $("newer").disabled = before.length === 0;
  $("older").disabled = !next;
  $("none").hidden = seen.executions.length > 0;
  if (seen.executions.length === 0) nothing(seen.machines, look);
  return seen.executions[0]?.executionArn;
}

export function first() {
  before.length = 0;
}

export function older() {
  if (next) before.push(next);
}

export function newer() {
  before.pop();
}

function machines(all, chosen) {
  const wanted = all.map(({ arn, name, type }) => [arn, type === "EXPRESS" ? `${name} (Express)` : name]);
  if (chosen && !all.some(({ arn }) => arn === chosen)) wanted.push([chosen, `${last(chosen)} (deleted)`]);
  const known = [...$("machine").options].slice(1).map(({ value, text }) => [value, text]);
  if (JSON.stringify(known) !== JSON.stringify(wanted)) {
    $("machine").replaceChildren(new Option("all", ""), ...wanted.map(([arn, text]) => new Option(text, arn)));
  }
  $("machine").value = chosen;
}

function row({ executionArn, stateMachineArn, name, status: word, startDate, stopDate, redriveCount }, chosen, choose) {
  const took = stopDate ? ` · ${span((stopDate - startDate) * 1000)}` : "";
  const redriven = redriveCount ? ` · redriven ${redriveCount}×` : "";
  const link = element("a", [
    element("b", name),
    status(word),
    element("small", `${last(stateMachineArn)} · ${time(startDate).slice(0, 19)}${took}${redriven}`),
  ]);
  link.href = `#${new URLSearchParams({ execution: executionArn })}`;
  link.dataset.key = executionArn;
  if (executionArn === chosen) link.setAttribute("aria-current", "true");
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    choose(executionArn);
  };
  return element("li", link);
}

function nothing(all, { machine, list, find }) {
  const chosen = all.find(({ arn }) => arn === machine);
  const aws = `aws stepfunctions --endpoint-url ${location.origin}`;
  const start = (arn) => `${aws} start-execution --state-machine-arn '${arn}' --input '{}'`;
  let words, command;
  if (find) {
    words = "No execution has this name or ARN.";
  } else if (chosen?.type === "EXPRESS") {
    words = "Express executions are not listed and leave no history, as at AWS. Their logs are written by aslx serve " +
      "--logs FILE, if the state machine has a loggingConfiguration.";
  } else if (list) {
    words = "No execution has this status.";
  } else if (machine || all.length > 0) {
    words = "No executions yet. Start one, and it shows up here:";
    command = start((chosen ?? all.find(({ type }) => type !== "EXPRESS") ?? all[0] ?? { arn: machine }).arn);
  } else {
    words = "No state machines yet. Make one, start it, and its execution shows up here:";
    command = `${aws} create-state-machine --name hello --role-arn arn:aws:iam::000000000000:role/any ` +
      `--definition '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}'`;
  }
  const made = [element("p", words)];
  if (command) made.push(element("pre", command), copier(command, "command"));
  if ($("none").textContent !== element("div", made).textContent) $("none").replaceChildren(...made);
}
