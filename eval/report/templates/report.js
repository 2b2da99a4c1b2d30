"use strict";
for (const controls of document.querySelectorAll(".controls")) {
  const section = controls.parentElement;
  const entries = [...section.querySelectorAll("details.entry")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));
  const filter = (name) => controls.querySelector(`[data-filter=${name}]`);
  const update = () => {
    const words = filter("text").value.trim().toLowerCase();
    const type = filter("type").value;
    const verdict = filter("verdict").value;
    let shown = 0;
    for (const { element, text } of entries) {
      const fits = text.includes(words) && (!type || element.dataset.type === type) && (!verdict || element.dataset.verdict === verdict);
      element.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    controls.querySelector("[data-count]").textContent = `${shown} of ${entries.length}`;
  };
  controls.addEventListener("input", update);
  for (const button of controls.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => {
      for (const { element } of entries) if (!element.hidden) element.open = button.dataset.open === "1";
    });
  }
}
