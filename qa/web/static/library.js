// The library as it changes: its documents, the jobs that add, replace or remove one, and the stream of their progress.

import { Failure, call, getIfThere, getJSON, sendJSON, serverSent, upload } from "./api.js";
import { chinese } from "./i18n.js";

const AGAIN_MS = 3000;
const OVER = ["ready", "failed", "cancelled"];

export const isOver = (job) => OVER.includes(job.state);

const pathOf = (document) => `/documents/${encodeURIComponent(document.id)}`;
const collectionPath = (collection) => `/collections/${encodeURIComponent(collection.id)}`;

/** `uploads`: the service's limits, or null where the caller adds and removes none. `manages`: whether the caller puts documents
 * into collections. `whole`: whether the caller sees all collections, and so makes and removes them. `hooks`: documents(list), jobs(), done(job). */
export class Library {
  constructor(hooks) {
    this.hooks = hooks;
    this.uploads = null;
    this.manages = false;
    this.whole = true;
    this.documents = [];
    this.collections = [];
    this.jobs = new Map();
    this.known = false;
    this.control = null;
    this.watchers = 0;
    this.dismissed = new Set();
  }

  set({ documents }, { collections }) {
    Object.assign(this, { documents, collections });
    this.hooks.documents(documents);
  }

  /** Return the jobs that are not over, and those that failed, newest last. */
  shown() {
    const newest = new Map();
    for (const job of this.jobs.values()) if (!(newest.get(job.document)?.created > job.created)) newest.set(job.document, job);
    return [...newest.values()].filter((job) => !isOver(job) || (job.state === "failed" && !this.dismissed.has(job.id)));
  }

  get working() {
    return [...this.jobs.values()].some((job) => !isOver(job));
  }

  /** Follow the jobs until `release()` is called and none is left. Returns that function. */
  watch() {
    if (!this.uploads) return () => {}; // whose jobs these are is not the caller's to see
    this.watchers += 1;
    this.control ??= this.follow();
    return () => {
      this.watchers -= 1;
      this.rest();
    };
  }

  rest() {
    if (this.watchers > 0 || this.working) return;
    this.control?.abort();
    this.control = null;
  }

  follow() {
    const control = new AbortController();
    (async () => {
      while (!control.signal.aborted) {
        try {
          const response = await call(`/jobs/events?language=${chinese ? "zh" : "en"}`, { signal: control.signal, accept: "text/event-stream" });
          for await (const [name, data] of serverSent(response, () => {})) this.take(name === "jobs" ? data.jobs : [data]);
        } catch (error) {
          if (error instanceof Failure && [401, 403, 404].includes(error.status)) return;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    })();
    return control;
  }

  /** Take in jobs: what the stream says, or what the service answered. */
  take(jobs) {
    const ended = jobs.filter((job) => isOver(job) && this.jobs.has(job.id) && !isOver(this.jobs.get(job.id)));
    for (const job of jobs) if (!(this.jobs.get(job.id)?.updated > job.updated)) this.jobs.set(job.id, job);
    this.hooks.jobs();
    if (ended.some((job) => job.state === "ready")) this.refresh().catch(() => {}); // the next change asks again
    ended.forEach((job) => this.hooks.done(job));
    this.rest();
  }

  async refresh() {
    this.set(...(await Promise.all([getJSON("/documents"), getIfThere("/collections", { collections: [] })])));
  }

  /** Send files ([{file, name}]) in as many requests as the limits want, into a collection if one is given. `progress(sent,
   * total)` counts bytes. */
  async add(files, progress, collection) {
    const path = collection ? `/documents?collection=${encodeURIComponent(collection.id)}` : "/documents";
    const total = files.reduce((sum, { file }) => sum + file.size, 0);
    let before = 0;
    for (const batch of batches(files, this.uploads)) {
      const form = new FormData();
      for (const { file, name } of batch) form.append("files", file, name);
      const { jobs } = await upload("POST", path, form, (sent) => progress(Math.min(before + sent, total), total));
      before += batch.reduce((sum, { file }) => sum + file.size, 0);
      this.begin(jobs);
    }
  }

  async replace(document, file, progress) {
    const form = new FormData();
    form.append("files", file, file.name);
    this.begin((await upload("PUT", pathOf(document), form, progress)).jobs);
  }

  /** Return what would be lost with a document: {passages, conversations, answers}. */
  async losses(document) {
    return (await (await call(`${pathOf(document)}?dry_run=true`, { method: "DELETE" })).json()).lost;
  }

  async remove(document) {
    this.begin((await (await call(pathOf(document), { method: "DELETE" })).json()).jobs);
  }

  async addCollection(name) {
    const made = await sendJSON("POST", "/collections", { name });
    await this.refresh();
    return made;
  }

  async renameCollection(collection, name) {
    await sendJSON("PATCH", collectionPath(collection), { name });
    await this.refresh();
  }

  /** Have a collection hold these documents and no others; `refuge` takes those that would be in none. */
  async fillCollection(collection, documents, refuge) {
    const body = { documents: documents.map(({ id }) => id), ...(refuge && { orphans_to: refuge }) };
    await sendJSON("PUT", `${collectionPath(collection)}/documents`, body);
    await this.refresh();
  }

  async removeCollection(collection, refuge) {
    if (refuge) await this.fillCollection(collection, [], refuge);
    await call(collectionPath(collection), { method: "DELETE" });
    await this.refresh();
  }

  /** Put a document into collections, given by ids, and out of all others. */
  async putInto(document, collections) {
    await sendJSON("PATCH", pathOf(document), { collections });
    await this.refresh();
  }

  /** `act`: "retry" or "cancel". */
  async change(job, act) {
    this.begin([await (await call(`/jobs/${encodeURIComponent(job.id)}/${act}`, { method: "POST" })).json()]);
  }

  /** Leave a failed job out of the list. */
  dismiss(job) {
    this.dismissed.add(job.id);
    this.hooks.jobs();
  }

  begin(jobs) {
    this.take(jobs);
    const release = this.watch();
    release(); // it goes on by itself until they are over
  }
}

/** Split files by the most that one request may hold. */
export function batches(files, { files: most, request_bytes: bytes }) {
  const found = [];
  let size = 0;
  for (const each of files) {
    const last = found.at(-1);
    if (!last || last.length >= most || size + each.file.size > bytes * 0.95) {
      found.push([each]);
      size = each.file.size;
    } else {
      last.push(each);
      size += each.file.size;
    }
  }
  return found;
}
