// Files that are dragged onto the page, folders with all that is in them.

const isFiles = (event) => event.dataTransfer?.types.includes("Files");

/** Call `take(files)` with what is dropped: [{file, name}], the name with the folders it was in. */
export function install(take) {
  let depth = 0;
  const over = (yes) => document.body.classList.toggle("dropping", yes);
  addEventListener("dragenter", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth += 1;
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!isFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) over(false);
  });
  addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault(); // or the browser would open the file instead of the page
    depth = 0;
    over(false);
    const files = await filesOf(event.dataTransfer);
    if (files.length) take(files);
  });
}

async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  if (!entries.every(Boolean)) return [...transfer.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map((entry) => within(entry)))).flat();
}

/** Return the files of an entry; hidden ones, such as .DS_Store, are left out. */
async function within(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(within))).flat();
}
