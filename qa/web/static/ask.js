// The open conversation: sends questions, renders the stream of answers, and asks earlier questions again.

import { isReply } from "./answer.js";
import { Failure, chat, getJSON, newIdempotencyKey, sendJSON } from "./api.js";
import { $, announce, isNarrow, reveal } from "./dom.js";
import { toast } from "./dialogs.js";
import { T } from "./i18n.js";
import { closeSource } from "./source.js";
import { Turn } from "./turn.js";

/** `hooks`: changed(stored) when a turn was stored or another conversation was opened, busy(yes), asked(question) when a
 * question has been sent, typed(question) when it failed and goes back into the box. */
export class Conversation {
  constructor(scope, hooks) {
    this.scope = scope;
    this.hooks = hooks;
    this.id = null;
    this.title = "";
    this.turns = [];
    this.control = null;
    this.loads = 0;
    this.loading = false; // a stored conversation is on its way
    this.unanswered = { sent: "", key: "" }; // the question that was sent last, until it has its answer
  }

  get running() {
    return this.control !== null;
  }

  stop() {
    this.control?.abort();
  }

  /** Leave the conversation for the one with `id`; null is a new one. */
  leave(id = null) {
    this.stop();
    if (this.running) this.settle();
    this.control = null;
    this.loads += 1;
    this.loading = false;
    this.hooks.busy(false);
    closeSource();
    this.id = id;
    this.title = "";
    this.turns = [];
    this.scope.limitTo(null);
    $("log").replaceChildren();
    this.arrange();
  }

  arrange() {
    $("welcome").hidden = this.turns.length > 0 || this.id !== null;
    $("log").hidden = this.turns.length === 0;
    this.hooks.changed();
  }

  /** Show a stored conversation, at the answer with the id `message`, else at its end. On a Failure, which is thrown, a new one
   * is open. */
  async load(id, message = null) {
    this.leave(id);
    const load = this.loads;
    this.loading = true;
    this.hooks.busy(false);
    try {
      const stored = await getJSON(`/conversations/${encodeURIComponent(id)}`);
      if (load !== this.loads) return;
      this.loading = false;
      this.hooks.busy(false);
      this.title = stored.title;
      this.scope.limitTo(stored.collections ?? null);
      $("log").setAttribute("aria-busy", "true");
      this.restore(stored.messages);
      $("log").removeAttribute("aria-busy");
      if (this.turns.length === 0) this.id = stored.id;
      this.arrange();
      $("welcome").hidden = this.turns.length > 0;
      if (message) this.show(message);
      else toEnd();
    } catch (error) {
      if (load === this.loads) {
        this.leave();
        throw error;
      }
    }
  }

  /** Scroll to the answer with this id. */
  show(message) {
    const turn = this.turns.find((one) => [one.messageId, one.userId].includes(message));
    if (!turn) return void toast(T.turnGone);
    document.querySelector(".turn.linked")?.classList.remove("linked");
    turn.root.classList.add("linked");
    reveal($("scroll"), turn.root, "start");
    turn.asked.tabIndex = -1;
    turn.asked.focus({ preventScroll: true });
  }

  restore(messages) {
    let user = null;
    for (const message of messages) {
      if (message.role === "user") user = message;
      else if (message.answer) {
        const turn = this.add(user?.content ?? message.answer.question);
        turn.finish(message.answer, { userId: user?.id ?? null, messageId: message.id, feedback: message.feedback });
        user = null;
      }
    }
  }

  add(question) {
    const turn = new Turn(question, {
      again: (which) => this.again(which),
      edit: (which, text) => this.ask(text, { instead: which }),
      askAll: (which) => {
        this.scope.choose();
        this.again(which);
      },
      link: (which) => `${location.origin}${location.pathname}#${this.id}/${which.messageId}`,
      fresh: (which) => {
        const { question: text } = which;
        this.leave();
        this.ask(text);
      },
    });
    this.turns.push(turn);
    $("log").append(turn.root);
    return turn;
  }

  again(turn) {
    this.ask(turn.question, { instead: turn });
  }

  /** Ask. `instead` is the turn that this one replaces, with all that follow it. */
  async ask(question, { instead = null } = {}) {
    if (this.running || this.loading) return;
    closeSource();
    if (this.turns.length === 0) $("log").replaceChildren(); // what it says of a conversation that is gone
    const kept = this.clear(instead);
    const turn = this.add(question);
    this.arrange();
    turn.within(this.scope);
    const control = new AbortController();
    this.control = control;
    this.hooks.busy(true);
    this.hooks.asked(question);
    bringUp(turn);
    try {
      await this.receive(turn, kept[0]?.userId ?? null, control);
    } catch (error) {
      if (this.control === control) this.failed(turn, error, kept);
    } finally {
      if (this.control === control) {
        this.control = null;
        this.hooks.busy(false);
        if (!isNarrow() && document.activeElement === document.body) $("question").focus();
      }
    }
  }

  async receive(turn, replaces, control) {
    // Made first: a question that was asked alone is not listed.
    const id = this.id ?? (await this.begin(turn.scope, control.signal));
    if (this.control !== control) return;
    this.id = id;
    const body = { question: turn.question, conversation_id: id };
    if (turn.scope.documents) body.documents = turn.scope.documents;
    if (turn.scope.collections) body.collections = turn.scope.collections;
    if (replaces) body.replaces = replaces;
    for await (const [name, data] of chat(body, this.keyOf(body), control)) {
      if (this.control !== control) return;
      const stick = nearEnd();
      if (name === "started") {
        this.id = data.conversation_id;
        this.hooks.changed(); // the URL is the conversation's from now on, even if this question fails
        turn.working(T.searching);
      } else if (name === "rewritten") turn.rewritten(data.standalone_question);
      else if (name === "passages") turn.passages(data.passages);
      else if (name === "thinking") turn.think(data.text);
      else if (name === "sentence") turn.addSentence(data);
      else if (name === "error") throw new Failure(data.error.code, data.error.message, { request: data.error.request_id });
      else if (name === "done") return this.done(turn, data, stick);
      if (stick) toEnd();
    }
    throw new Failure("cut");
  }

  /** Return the idempotency key of a question: asked again because its answer never came, it keeps the one it had. The service may
   * have answered and stored it all the same. */
  keyOf(body) {
    const sent = JSON.stringify(body);
    if (this.unanswered.sent !== sent) this.unanswered = { sent, key: newIdempotencyKey() };
    return this.unanswered.key;
  }

  settle() {
    this.unanswered = { sent: "", key: "" };
  }

  /** Make a conversation, limited to the chosen collections if that is wanted; return its id. */
  async begin({ collections }, signal) {
    const limited = this.scope.keep && collections ? { collections } : {};
    const made = await sendJSON("POST", "/conversations", limited, signal);
    if (made.collections) this.scope.limitTo(made.collections);
    return made.id;
  }

  done(turn, data, stick) {
    this.settle();
    turn.finish(data, { userId: data.user_message_id ?? null, messageId: data.message_id });
    announce(data.abstained && !isReply(data) ? (T.abstentions[data.reason] ?? T.abstained) : T.answered);
    this.hooks.changed(true);
    if (stick) toEnd();
  }

  failed(turn, error, kept) {
    const failure = error instanceof Failure ? error : new Failure("other", String(error?.message ?? error));
    if (kept.length) this.putBack(turn, kept);
    if (failure.code === "stopped") {
      this.settle(); // what was shown stays in the conversation
      turn.stopped();
    } else turn.failed(failure);
    this.hooks.typed(turn.question);
    bringUp(turn);
  }

  /** Remove `instead` and the turns after it; return those that are stored and will be replaced. */
  clear(instead) {
    if (instead === null) return [];
    const target = instead.replacing ?? instead;
    if (!instead.answer) this.remove(instead);
    const at = this.turns.indexOf(target);
    if (at < 0 || target.userId === null) return []; // never stored: ask at the end instead
    const away = this.turns.splice(at);
    for (const turn of away) turn.root.remove();
    return away.filter((turn) => turn.userId !== null);
  }

  remove(turn) {
    turn.root.remove();
    this.turns = this.turns.filter((other) => other !== turn);
  }

  /** Show the turns again that were to be replaced and are still stored, above the turn that failed. */
  putBack(turn, kept) {
    this.turns.splice(this.turns.indexOf(turn), 0, ...kept);
    for (const old of kept) turn.root.before(old.root);
    turn.replacing = kept[0];
  }

  /** Start editing the last question; return whether there is one. */
  editLast() {
    const last = this.turns.findLast((turn) => turn.userId !== null);
    if (this.running || !last) return false;
    last.edit();
    return true;
  }
}

const nearEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 120;
const toEnd = () => {
  $("scroll").scrollTop = $("scroll").scrollHeight;
};
const bringUp = (turn) => reveal($("scroll"), turn.root, "end");
