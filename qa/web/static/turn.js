// A turn on the page: a question, and its answer, failure or progress.

import { abstentionNode, appendSentence, footNode, isReply, nearestNode, replyNode, sourcesNode } from "./answer.js";
import { button, composing, drawn, el, iconButton } from "./dom.js";
import { failureBox } from "./failure.js";
import { T } from "./i18n.js";

const SHOWN = 4; // passages
const PATIENCE_MS = 400; // an answer that is there by then shows no passages before

/** The view of a turn. `hooks`: again(turn), edit(turn, question), askAll(turn), fresh(turn), link(turn). */
export class Turn {
  constructor(question, hooks) {
    this.question = question;
    this.hooks = hooks;
    this.userId = null;
    this.scope = null;
    this.searched = "";
    this.answer = null;
    this.replacing = null;
    this.sources = new Map();
    this.messageId = null;
    this.found = null;
    this.timer = 0;
    this.thoughts = null;
    this.asked = el("h2", { class: "asked" }, el("span", { class: "sr", text: T.you }), el("span", { class: "asked-text", content: question }));
    this.head = el("div", { class: "head-row" }, this.asked);
    this.text = el("div", { class: "sentences" });
    this.body = el("div", { class: "reply", attrs: { "aria-busy": "true" } }, this.text);
    this.root = el("section", { class: "turn" }, this.head, this.body);
    this.working(T.understanding);
  }

  /** Show what the service is doing. */
  working(what) {
    this.busy?.remove();
    this.busy = el("p", { class: "working", text: what });
    this.body.append(this.busy);
  }

  /** Show the passages that were found, while a model writes from them. */
  passages(passages) {
    this.working(T.checking(passages.length));
    if (!passages.length) return;
    this.timer = setTimeout(() => {
      this.found = el("div", { class: "found" }, el("h3", { text: T.reading }), nearestNode(passages.slice(0, SHOWN)));
      this.body.append(this.found);
    }, PATIENCE_MS);
  }

  rewritten(question) {
    this.body.querySelector(".understood")?.remove();
    if (question.trim() === this.question.trim()) return;
    this.body.prepend(el("p", { class: "understood", title: T.understood + question }, drawn("search"), el("span", { text: T.understood }), el("span", { class: "understood-text", content: question })));
  }

  /** Show some of the model's thoughts, folded away. They are not kept with the answer. */
  think(text) {
    if (!this.thoughts) {
      this.thoughts = el("p", { class: "thoughts-text" });
      this.text.before(el("details", { class: "thoughts" }, el("summary", { text: T.thoughts }), this.thoughts));
    }
    this.thoughts.append(text);
  }

  /** Show a sentence of the stream, with its citations. */
  addSentence(sentence) {
    for (const source of sentence.sources) this.sources.set(source.number, source);
    appendSentence(this.text, sentence, sentence.sources, () => this.answer?.citations ?? [...this.sources.values()]);
  }

  /** Show the whole answer; sentences that the stream has shown already stay as they are. */
  finish(answer, { userId = null, messageId = null, feedback = null } = {}) {
    this.answer = answer;
    this.userId = userId;
    this.messageId = messageId;
    this.settled();
    this.rewritten(answer.standalone_question);
    this.text.classList.toggle("quoted", answer.answerer === "extractive");
    if (this.text.querySelectorAll(".sentence").length !== answer.sentences.length) this.showSentences(answer);
    if (isReply(answer)) this.text.replaceChildren(replyNode(answer));
    else if (answer.abstained) this.text.replaceChildren(abstentionNode(answer, this.chosenScope()));
    else this.body.append(sourcesNode(answer));
    for (const warning of answer.warnings) this.body.append(el("p", { class: "warning" }, drawn("warning"), el("span", { content: warning })));
    this.body.append(footNode(answer, { messageId, feedback, again: () => this.hooks.again(this), link: messageId && (() => this.hooks.link(this)) }));
    if (userId) this.head.prepend(iconButton("edit", T.edit, () => this.edit(), { class: "icon-button edit" }));
  }

  showSentences(answer) {
    const numbered = new Map(answer.citations.map((citation) => [citation.number, citation]));
    this.text.replaceChildren();
    for (const sentence of answer.sentences) {
      appendSentence(this.text, sentence, sentence.citations.map((number) => numbered.get(number)), () => answer.citations);
    }
  }

  /** Note what the question looks in: the scope's choice, and in words. */
  within(scope) {
    this.scope = scope.chosen();
    const { documents, collections } = this.scope;
    const within = collections ?? scope.limit;
    this.fixed = scope.keep; // the conversation stays where this question looks
    this.searched = documents ? T.inScope(documents.length) : within ? T.inCollection(scope.named(within)) : "";
  }

  chosenScope() {
    const chosen = this.scope?.documents ?? this.scope?.collections;
    return this.searched ? { text: this.searched, askAll: chosen && !this.fixed && (() => this.hooks.askAll(this)) } : null;
  }

  stopped() {
    this.settled();
    const again = button({ class: "plain small", text: T.resume }, () => this.hooks.again(this));
    const said = this.text.querySelector(".sentence") ? T.stoppedHere : T.stopped;
    this.body.append(el("p", { class: "stopped" }, el("span", { text: said }), again));
  }

  failed(failure) {
    this.settled();
    const actions = [[T.resume, () => this.hooks.again(this)]];
    if (failure.code === "unknown_conversation") actions.unshift([T.startFresh, () => this.hooks.fresh(this)]);
    if (["unknown_document", "unknown_collection"].includes(failure.code)) actions.unshift([T.askAll, () => this.hooks.askAll(this)]);
    this.body.append(failureBox(failure, actions, T.stillThere));
  }

  settled() {
    this.busy?.remove();
    this.found?.remove();
    clearTimeout(this.timer);
    this.body.removeAttribute("aria-busy");
  }

  /** Edit the question in place. */
  edit() {
    const box = el("textarea", { class: "line", attrs: { rows: "2", "aria-label": T.editLabel } });
    box.value = this.question;
    const last = this.root.nextElementSibling === null;
    const close = () => {
      form.remove();
      this.head.hidden = false;
      this.head.querySelector(".edit")?.focus();
    };
    const submit = (event) => {
      event?.preventDefault();
      const question = box.value.trim();
      if (!question || document.body.classList.contains("busy")) return; // what was typed stays until it can be asked
      close();
      this.hooks.edit(this, question);
    };
    const keydown = (event) => {
      if (composing(event)) return;
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (event.key === "Enter" && !event.shiftKey) submit(event);
    };
    const row = el("div", { class: "row" }, last ? null : el("span", { class: "soft", text: T.editDrops }), button({ class: "plain small", text: T.cancel }, close), el("button", { class: "primary small", text: T.askEdited, attrs: { type: "submit" } }));
    const form = el("form", { class: "edit-form", on: { submit, keydown } }, box, row);
    this.head.hidden = true;
    this.head.after(form);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }
}
