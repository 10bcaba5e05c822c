// What the page asks the server: operations of the API that only read, and addresses of its own.

async function fetched(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new Error("the server does not answer");
  }
}

async function answered(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.message ?? body.Message ?? response.statusText);
  return body;
}

export async function api(operation, request) {
  return answered(await fetched("/", {
    method: "POST",
    headers: { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(request),
  }));
}

const address = (what, query) =>
  `/console/${what}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`;

export const get = async (what, query) => answered(await fetched(address(what, query)));

export async function picture(query) {
  const response = await fetched(address("graph", query));
  if (!response.ok) await answered(response);
  return response.text();
}
