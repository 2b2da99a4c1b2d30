// The welcome view of an empty conversation: suggested questions and the library's documents.

import { getIfThere } from "./api.js";
import { $, button, drawn, el } from "./dom.js";
import { T, chinese } from "./i18n.js";
import { shelf } from "./scope.js";

const SHELF = 6;
const RETRY_MS = 3000;
const TRIES = 40;

/** Show the documents, and the suggested questions as soon as the service has some.
 * `hooks`: ask(question), library, open() shows the dialog of documents. */
export async function showWelcome(documents, { ask, library, open }) {
  const questions = el("div", { class: "questions" });
  const parts = [questions];
  if (documents.length === 0) parts.push(el("p", { class: "empty", text: library.uploads ? T.emptyAdd : T.empty }));
  else parts.push(el("h3", { text: T.shelf }), shelf(documents.slice(0, SHELF)));
  if (library.uploads) parts.push(button({ class: "plain small add-more" }, open, drawn("plus"), el("span", { text: T.addFiles })));
  else if (documents.length > SHELF) parts.push(button({ class: "plain small add-more" }, open, drawn("books"), el("span", { text: T.holdings(documents.length) })));
  $("start").replaceChildren(...parts);
  if (documents.length === 0) return;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await getIfThere(`/suggestions?limit=4&language=${chinese ? "zh" : "en"}`, null).catch(() => null);
    if (found === null || !questions.isConnected) return;
    if (found.questions.length) {
      questions.replaceChildren(el("h3", { text: T.tryThese }), suggestions(found.questions, documents, ask));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function suggestions(questions, documents, ask) {
  const list = el("ul", { class: "suggestions" });
  for (const { question, document: name } of questions) {
    const from = documents.find((item) => item.name === name || item.id === name);
    const act = button({}, () => ask(question), el("span", { class: "suggested", content: question }));
    act.append(el("span", { class: "section", content: from?.title ?? name ?? "" }), drawn("arrow"));
    list.append(el("li", {}, act));
  }
  return list;
}
