// Explains a failure: what happened, what to do, and the request id for the service's log.

import { button, drawn, el } from "./dom.js";
import { T } from "./i18n.js";

/** Return [what, what to do] of a failure. */
export function worded(failure) {
  const model = failure.code?.startsWith("model_") ? "busy" : failure.code;
  return T.failures[model] ?? T.failures.other;
}

/** Return a box that explains a failure; `actions` are [text, act], `offline` is said too where the service can't be reached. */
export function failureBox(failure, actions, offline = "") {
  const [what, advice] = worded(failure);
  const box = el("div", { class: "failure", attrs: { role: "alert" } });
  box.append(drawn("warning"), el("p", { class: "failure-what", text: what }), el("p", { text: failure.code === "offline" ? advice + offline : advice }));
  if (failure.wait > 1) box.append(el("p", { text: T.waitSeconds(failure.wait) }));
  const known = failure.message && failure.message !== failure.code;
  if (known || failure.request) {
    const lines = [known ? failure.message : "", failure.request ? `${T.reference}: ${failure.request}` : ""];
    box.append(el("details", {}, el("summary", { text: T.details }), el("p", { class: "small", text: lines.filter(Boolean).join("\n") })));
  }
  box.append(el("div", { class: "failure-actions" }, ...actions.map(([text, act]) => button({ class: "plain", text }, act))));
  return box;
}
