// The reference of the HTTP API, drawn from its OpenAPI document; nothing is loaded from elsewhere.

import { getJSON, onKeyNeeded } from "./api.js";
import { $, el } from "./dom.js";
import { askForKey } from "./dialogs.js";
import { failureBox } from "./failure.js";
import { T } from "./i18n.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

onKeyNeeded(askForKey);

function operation(path, method, item) {
  const head = el("summary", {}, el("span", { class: "method", text: method.toUpperCase() }), el("code", { text: path }), el("span", { class: "soft", text: item.summary ?? "" }));
  const body = el("div", { class: "body" }, el("p", { text: item.description ?? "" }));
  const given = (item.parameters ?? []).filter((one) => one.in !== "header" || one.name !== "authorization");
  if (given.length) body.append(el("h3", { text: T.parameters }), list(given.map((one) => [`${one.name} (${one.in}${one.required ? ", required" : ""})`, one.description ?? ""])));
  for (const [type, content] of Object.entries(item.requestBody?.content ?? {})) body.append(...part(T.requestOf(type), content));
  for (const [status, response] of Object.entries(item.responses ?? {})) {
    const [type, content] = Object.entries(response.content ?? {})[0] ?? ["", {}];
    body.append(...part(`${status}: ${response.description}${type ? `, ${type}` : ""}`, content));
  }
  return el("details", {}, head, body);
}

const list = (rows) => el("dl", {}, ...rows.flatMap(([name, text]) => [el("dt", {}, el("code", { text: name })), el("dd", { text })]));

/** Return a heading, and the schema's name with an example where there is one. */
function part(title, { schema = {}, example, examples }) {
  const name = (schema.$ref ?? schema.items?.$ref ?? "").split("/").pop();
  const shown = example ?? Object.values(examples ?? {})[0]?.value ?? known[name]?.examples?.[0];
  const parts = [el("h3", { text: name ? `${title}, ${name}` : title })];
  if (shown !== undefined) {
    const text = typeof shown === "string" ? shown : JSON.stringify(shown, null, 2);
    parts.push(el("pre", { label: title, attrs: { tabindex: "0", role: "region" } }, el("code", { text })));
  }
  return parts;
}

let known = {};

async function draw() {
  const api = await getJSON("/openapi.json");
  known = api.components?.schemas ?? {};
  $("about").textContent = `${api.info.title} ${api.info.version}. ${api.info.description ?? ""}`;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => one in item)) {
      const tag = item[method].tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, item[method]));
    }
  }
  $("operations").replaceChildren(...[...groups].map(([tag, items]) => el("section", {}, el("h2", { text: tag }), ...items)));
}

draw().catch((error) => $("operations").replaceChildren(failureBox(error, [[T.reload, () => location.reload()]])));
