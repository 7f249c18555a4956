// A result over its original, and a line between them that one drags, or moves with the arrow keys.
const dialog = document.querySelector("dialog");
const [under, over] = [new Image(), new Image()];
const line = dialog.querySelector("input");
const caption = dialog.querySelector("output");
dialog.querySelector(".pair").prepend(under, over);
let cards = [];
let current = 0;

function cut() {
  dialog.style.setProperty("--cut", `${line.value}%`);
}

function show(number) {
  current = (number + cards.length) % cards.length;
  const card = cards[current];
  const picture = card.querySelector(".picture img");
  const original = card.closest(".grid").querySelector(".picture img");
  over.src = picture.src;
  over.alt = picture.alt;
  under.src = original.src;
  under.alt = original.alt;
  dialog.style.setProperty("--ratio", picture.style.aspectRatio);
  dialog.classList.toggle("pixels", picture.naturalWidth < 400);
  caption.textContent = card.querySelector(".caption").textContent;
}

for (const grid of document.querySelectorAll(".grid")) {
  const own = [...grid.querySelectorAll(".card")].slice(1).filter((card) => card.querySelector(".picture img"));
  own.forEach((card, number) => {
    const picture = card.querySelector(".picture");
    const button = document.createElement("button");
    button.type = "button";
    button.className = picture.className;
    button.append(...picture.childNodes);
    button.setAttribute("aria-label", `Compare with the original: ${button.querySelector("img").alt}`);
    button.addEventListener("click", () => {
      cards = own;
      show(number);
      dialog.showModal();
      line.focus();
    });
    picture.replaceWith(button);
  });
}

line.addEventListener("input", cut);
dialog.querySelector(".before").addEventListener("click", () => show(current - 1));
dialog.querySelector(".after").addEventListener("click", () => show(current + 1));
dialog.addEventListener("keydown", (event) => {
  const step = { PageUp: -1, PageDown: 1 }[event.key];
  if (step) {
    event.preventDefault();
    show(current + step);
  }
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

// Paper has no folds.
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});
document.documentElement.classList.add("alive");
cut();
