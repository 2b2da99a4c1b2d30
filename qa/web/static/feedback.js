// Feedback on an answer: thumbs up or down, with an optional comment.

import { call } from "./api.js";
import { button, composing, el, iconButton } from "./dom.js";
import { toast } from "./dialogs.js";
import { T } from "./i18n.js";

let possible = true;

/** Return the two buttons of a stored answer, and the element for the comment form. */
export function thumbs(messageId, given) {
  let rating = given?.rating ?? null;
  let comment = given?.comment ?? "";
  const place = el("div", { class: "comment-place" });
  const buttons = {
    up: iconButton("good", T.good, () => rate("up")),
    down: iconButton("bad", T.bad, () => rate("down")),
  };
  const show = () => {
    for (const [name, node] of Object.entries(buttons)) {
      node.setAttribute("aria-pressed", String(rating === name));
      node.hidden = !possible;
    }
  };
  const send = async (method, path, body) => {
    try {
      await call(path, { method, body });
      return true;
    } catch (error) {
      if (error.code === "not_found" || error.status === 405) possible = false; // an older service
      else toast(T.feedbackFailed);
      return false;
    }
  };
  async function rate(name) {
    const off = rating === name;
    const done = off
      ? await send("DELETE", `/feedback/${encodeURIComponent(messageId)}`)
      : await send("POST", "/feedback", { message_id: messageId, rating: name, ...(comment && { comment }) });
    if (done) rating = off ? null : name;
    if (done && off) comment = "";
    place.replaceChildren(...(done && !off ? [commentForm()] : []));
    place.querySelector("textarea")?.focus();
    show();
  }
  function commentForm() {
    const holder = rating === "up" ? T.goodHolder : T.badHolder;
    const box = el("textarea", { class: "line", attrs: { rows: "2", maxlength: "2000", placeholder: holder, "aria-label": T.commentLabel } });
    box.value = comment;
    const close = () => {
      place.replaceChildren();
      buttons[rating]?.focus();
    };
    const submit = async (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (text && !(await send("POST", "/feedback", { message_id: messageId, rating, comment: text }))) return;
      comment = text || comment;
      close();
      toast(T.thanks);
    };
    const buttonsRow = el("div", { class: "row" }, el("button", { class: "primary small", text: T.sendComment, attrs: { type: "submit" } }), button({ class: "plain small", text: T.close }, close));
    return el("form", { class: "comment", on: { submit, keydown: (event) => event.key === "Escape" && !composing(event) && (event.stopPropagation(), close()) } }, box, buttonsRow);
  }
  show();
  return { buttons: Object.values(buttons), place };
}
