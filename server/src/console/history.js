// The events of an execution, each with the state that it belongs to.

import { api } from "/console/ask.js";
import { $, button, element, payload, replace, time } from "/console/dom.js";

const MOST = 1000;  // events that are read and shown at first

// The events by id. Each gets the visit that it belongs to: what it follows from, back to where a state was entered.
export async function history(executionArn, all) {
  const events = new Map();
  let nextToken;
  do {
    const page = await api("GetExecutionHistory", { executionArn, maxResults: MOST, nextToken });
    for (const event of page.events) {
      const before = events.get(event.previousEventId);
      event.visit = event.stateEnteredEventDetails ? event.id : before?.visit;
      event.state = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? before?.state;
      events.set(event.id, event);
    }
    nextToken = page.nextToken;
  } while (nextToken && all);
  $("rest").hidden = !nextToken;
  return events;
}

export function rows(events, look, go) {
  replace($("events"), [...events.values()].map((event) => row(event, look, go)));
}

// Brings the first event of the chosen state into view.
export function reveal(id) {
  document.querySelector(`#events tr[data-event="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "center" });
}

function row(event, look, go) {
  const details = Object.entries(event).find(([name]) => name.endsWith("EventDetails"))?.[1] ?? {};
  const chosen = look.state && `${event.visit}` === look.state;
  const state = event.state === undefined ? "" :
    button(event.state, () => go({ tab: "states", state: `${event.visit}` }), `state of ${event.id}`);
  const made = element("tr", [
    element("td", `${event.id}`, "number"),
    element("td", `${event.previousEventId}`, "number"),
    element("td", time(event.timestamp), "number"),
    element("td", event.type, bad(event.type) && "FAILED"),
    element("td", state),
    element("td", Object.keys(details).length > 0 ? folded(event.id, details) : ""),
  ], chosen && "chosen");
  made.dataset.event = event.id;
  return made;
}

const bad = (type) => /(Failed|TimedOut|Aborted)$/.test(type);

// Payloads of a thousand events may be a hundred megabytes: they are written when somebody looks.
function folded(id, details) {
  const { name, resource, error, cause } = details;
  const words = error ? `${error}${cause ? `: ${cause}` : ""}` : name ?? resource ?? "";
  const made = element("details", element("summary", words.slice(0, 160) || "details"));
  made.dataset.key = `event ${id}`;
  made.ontoggle = () => {
    if (made.open && made.children.length === 1) {
      made.append(...Object.entries(details).flatMap(([title, value]) =>
        payload(title, typeof value === "string" ? value : JSON.stringify(value), `event ${id} ${title}`)));
    }
  };
  return made;
}
