// Copies an answer as text with its citations.

import { languageOf } from "./dom.js";
import { WORDS } from "./i18n.js";
import { pagesOf } from "./quotation.js";

/** Return the answer with [1] marks and names of compared documents and, below it, what each mark stands for. */
export function withCitations(answer) {
  const words = languageOf(answer.question) === "en" ? WORDS.en : WORDS.zh;
  const { named } = words;
  const introduced = answer.sentences.some((sentence) => sentence.lead_in);
  const onLines = (answer.answerer === "extractive" && !introduced) || answer.sentences.some((sentence) => sentence.document);
  const lines = answer.sentences.map((sentence) => {
    const said = sentence.section ? named(sentence.section, sentence.text) : sentence.text;
    const text = said + sentence.citations.map((number) => `[${number}]`).join("");
    return sentence.document ? named(sentence.document, text) : text;
  });
  const notes = answer.citations.map((citation) => {
    const place = [citation.title, citation.section, citation.document, pagesOf(citation, words)].filter(Boolean).join(" · ");
    return `[${citation.number}] ${place}\n    ${citation.quote.replaceAll(/\s*\n\s*/g, " ")}`;
  });
  return [onLines && lines.length ? lines.join("\n") : answer.answer, ...notes].join("\n\n"); // a model's has Markdown
}

/** Put `text` into the clipboard; return whether that succeeded. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no permission, or a page over plain HTTP
  }
}

function copyBySelection(text) {
  const before = document.activeElement;
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr";
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  before?.focus();
  return done;
}
