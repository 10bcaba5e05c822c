// The runs of distributed Map states: how far they are, and their children, which are executions of their own.

import { api } from "/console/ask.js";
import { $, button, element, replace, status, time } from "/console/dom.js";

const COUNTS = ["succeeded", "failed", "running", "pending", "aborted", "timedOut"];
const WORDS = { succeeded: "SUCCEEDED", failed: "FAILED", running: "RUNNING", aborted: "ABORTED", timedOut: "TIMED_OUT" };

export async function runs(executionArn, go) {
  const { mapRuns } = await api("ListMapRuns", { executionArn });
  const all = await Promise.all(mapRuns.map(({ mapRunArn }) => api("DescribeMapRun", { mapRunArn })));
  replace($("runs"), all.reverse().map((run) => card(run, go)));
}

function card({ mapRunArn, status: word, startDate, itemCounts, executionCounts }, go) {
  const total = Math.max(itemCounts.total, 1);
  const bar = element("div", COUNTS.map((name) => {
    const part = element("i", "", WORDS[name] ?? "pending");
    part.style.width = `${100 * itemCounts[name] / total}%`;
    return part;
  }), "progress");
  const told = COUNTS.filter((name) => itemCounts[name] > 0).map((name) => `${itemCounts[name]} ${name}`);
  const label = mapRunArn.split(":").at(-2).split("/").at(-1);
  return element("div", [
    element("p", [element("b", `Map run ${label} `), status(word), ` since ${time(startDate).slice(0, 19)} `,
      button(`show its ${executionCounts.total} children`, () => go({ run: mapRunArn, list: "" }), mapRunArn)]),
    bar,
    element("small", `${itemCounts.total} items: ${told.join(", ") || "none"}`),
  ], "run");
}
