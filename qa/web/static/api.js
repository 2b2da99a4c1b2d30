// Calls the service: JSON, server-sent events, errors as Failure, and the API key if one is required.

const KEY = "api-key";
const TABS_MS = 500; // for another tab to answer
const SILENT_MS = 60_000; // the service pings every 15 s
let askForKey = null;
let asking = null;

/** A failed call: the service's error code, or one of ours (offline, cut, silent, stopped). */
export class Failure extends Error {
  constructor(code, message = "", { status = 0, request = "", wait = 0 } = {}) {
    super(message || code);
    Object.assign(this, { code, status, request, wait });
  }
}

/** Set the prompt for an API key: `prompt(wrong)` resolves to the key, or null. */
export function onKeyNeeded(prompt) {
  askForKey = prompt;
}

function key() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const tabs = new BroadcastChannel(KEY); // of this page alone: same origin
tabs.addEventListener("message", ({ data }) => {
  if (data === "?" && key()) tabs.postMessage({ key: key() });
});

/** Return the key of another tab of this page, null where there is none: a link that opens in a new tab needs none typed. */
function keyOfOtherTab() {
  return new Promise((resolve) => {
    const told = ({ data }) => data.key && end(data.key);
    const end = (found) => {
      tabs.removeEventListener("message", told);
      resolve(found);
    };
    tabs.addEventListener("message", told);
    tabs.postMessage("?");
    setTimeout(end, TABS_MS, null);
  });
}

async function newKey(wrong) {
  const found = async () => (wrong ? null : await keyOfOtherTab()) ?? askForKey(wrong);
  asking ??= found().finally(() => {
    asking = null;
  });
  const given = await asking;
  if (given) sessionStorage.setItem(KEY, given);
  return Boolean(given);
}

async function failureOf(response) {
  const body = await response.json().catch(() => null);
  const error = body?.error ?? {};
  const code = response.status === 429 ? "too_many" : (error.code ?? "other");
  const wait = Number.parseInt(response.headers.get("retry-after") ?? "0", 10) || 0;
  const request = error.request_id || response.headers.get("x-request-id") || "";
  return new Failure(code, error.message || `HTTP ${response.status}`, { status: response.status, request, wait });
}

/** Return the response; throws a Failure for every other outcome. Prompts for a key when the service requires one. */
export async function call(path, { method = "GET", body, signal, accept = "application/json", cache = "no-store", more = {} } = {}) {
  for (;;) {
    const used = key();
    const headers = { Accept: accept, ...more };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (used) headers.Authorization = `Bearer ${used}`;
    let response;
    try {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      response = await fetch(path, { method, headers, body: sent, signal, cache, credentials: "same-origin" });
    } catch (error) {
      throw error.name === "AbortError" ? new Failure("stopped") : new Failure("offline", String(error.message));
    }
    if (response.ok) return response;
    const failure = await failureOf(response);
    if (response.status !== 401 || askForKey === null) throw failure;
    if (key() === used && !(await newKey(used !== null))) throw failure;
  }
}

export const getJSON = async (path) => (await call(path)).json();
export const sendJSON = async (method, path, body, signal) => (await call(path, { method, body, signal })).json();

/** Return the image at `path`, to be drawn on a canvas: an <img> could show no API key. The browser's cache keeps it. */
export async function bitmapOf(path) {
  const response = await call(path, { accept: "image/png", cache: "default" });
  return createImageBitmap(await response.blob());
}

/** Return the JSON at `path`; `otherwise` when the service has no such path. */
export async function getIfThere(path, otherwise) {
  try {
    return await getJSON(path);
  } catch (error) {
    if (error.status === 404 || error.status === 405) return otherwise;
    throw error;
  }
}

/** Return a new idempotency key. */
export function newIdempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // crypto.randomUUID is not there over plain HTTP
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Yield [event, data] of POST /chat; the same `body` sent again with the same idempotency key is stored once. Abort `control`
 * to stop: then it throws the Failure "stopped". */
export async function* chat(body, idempotencyKey, control) {
  let silent = false;
  let alarm = 0;
  const heard = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      silent = true;
      control.abort();
    }, SILENT_MS);
  };
  try {
    const request = { ...body, stream: true };
    const more = { "Idempotency-Key": idempotencyKey };
    const response = await call("/chat", { method: "POST", body: request, signal: control.signal, accept: "text/event-stream", more });
    yield* serverSent(response, heard);
  } catch (error) {
    if (silent) throw new Failure("silent");
    if (error instanceof Failure) throw error;
    throw control.signal.aborted ? new Failure("stopped") : new Failure("cut", String(error.message));
  } finally {
    clearTimeout(alarm);
    control.abort(); // stops the work when the caller stops reading
  }
}

/** Yield [event, data] of a stream; `heard()` is called with each piece that comes. */
export async function* serverSent(response, heard) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = new Map();
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
      }
      if (fields.has("data")) yield [fields.get("event"), JSON.parse(fields.get("data"))];
    }
  }
}

/** Send a form; `progress(sent, total)` counts bytes. Returns the JSON answer; throws and prompts as `call` does. */
export async function upload(method, path, form, progress) {
  for (;;) {
    const used = key();
    const request = new XMLHttpRequest(); // fetch doesn't tell how much has been sent
    request.open(method, path);
    request.setRequestHeader("Accept", "application/json");
    if (used) request.setRequestHeader("Authorization", `Bearer ${used}`);
    request.upload.addEventListener("progress", (event) => progress(event.loaded, event.total));
    await new Promise((resolve, reject) => {
      request.addEventListener("load", resolve);
      request.addEventListener("error", () => reject(new Failure("offline")));
      request.send(form);
    });
    const headers = { "retry-after": request.getResponseHeader("retry-after") ?? "0", "x-request-id": request.getResponseHeader("x-request-id") ?? "" };
    const response = new Response(request.responseText, { status: request.status, headers });
    if (response.ok) return response.json();
    const failure = await failureOf(response);
    if (response.status !== 401 || askForKey === null) throw failure;
    if (key() === used && !(await newKey(used !== null))) throw failure;
  }
}

/** Download `path` under the file name that the service suggests. */
export async function download(path, fallbackName) {
  const response = await call(path, { accept: "*/*" });
  const disposition = response.headers.get("content-disposition") ?? "";
  const extended = /filename\*=utf-8''([^;]+)/i.exec(disposition);
  const plain = /filename="?([^";]+)"?/i.exec(disposition);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = extended ? decodeURIComponent(extended[1]) : (plain?.[1] ?? fallbackName);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
