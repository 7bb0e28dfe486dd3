// Makes the slides as long as a screen, and starts reveal.js. Only a browser knows how tall a block is.

const HEIGHT = 720;
const SMALLEST_CODE = 15; // px
const SMALLEST_LETTERS = 0.8; // of their size
// How much smaller or larger than drawn a picture may be: beside its code, alone on a slide, with room to spare.
const BESIDE = 0.85;
const ALONE = 0.72;
const LARGEST = 1.4;

/** A heading, as it stands on the slides that go on with what it begins. */
function continued(block) {
  const again = document.createElement("div");
  again.className = "block continued";
  again.textContent = block.firstElementChild.textContent + " …";
  return again;
}

/** What stands last on a slide and leads to what comes next, a heading or a file's name; not if nothing else is there. */
function leads(slide) {
  const last = slide.querySelector(":scope > .block:last-child");
  const isFirst = !last?.previousElementSibling?.matches(".block:not(.continued)");
  return last && !isFirst && (isHeading(last) || isName(last)) ? last : null;
}

function tooTall(section) {
  return section.scrollHeight > HEIGHT;
}

/** Make the code's letters smaller until its longest line fits. */
function fitLines(block) {
  for (const pre of block.querySelectorAll("pre")) {
    const size = parseFloat(getComputedStyle(pre).fontSize);
    const fitting = size * Math.min(1, pre.clientWidth / pre.scrollWidth);
    if (fitting < size) pre.style.fontSize = `${Math.max(SMALLEST_CODE, Math.floor(fitting * 10) / 10)}px`;
  }
}

/** Give the picture of a block the height that is left on its slide, within limits; false for a block without. */
function fitPicture(section, block, least, most) {
  const image = block.querySelector(":scope > img");
  if (!image) return false;
  const drawn = Number(image.dataset.drawn ?? image.height);
  image.dataset.drawn = drawn;
  const ratio = image.width / image.height;
  const widest = image.parentElement.clientWidth / ratio - 20;
  const room = image.height + HEIGHT - section.scrollHeight;
  const height = Math.min(Math.max(room, least * drawn), most * drawn, widest);
  image.style.width = `${height * ratio}px`;
  return !tooTall(section);
}

/** Keep an output beside the code that made it, if smaller letters are enough for that. */
function keepTogether(section, code, output) {
  if (!code.classList.contains("code") || !output.classList.contains("output")) return false;
  const before = code.style.zoom;
  for (const zoom of [0.9, SMALLEST_LETTERS]) {
    code.style.zoom = zoom;
    if (!tooTall(section)) return true;
  }
  code.style.zoom = before;
  return false;
}

/** The last means, for what is too tall for a slide of its own: smaller letters, and if need be scrolling. */
function squeeze(section, block) {
  for (const zoom of [0.9, SMALLEST_LETTERS]) {
    block.style.zoom = zoom;
    if (!tooTall(section)) return;
  }
  const room = block.offsetHeight - (section.scrollHeight - HEIGHT) / SMALLEST_LETTERS;
  block.style.maxHeight = `${Math.floor(room)}px`;
  block.classList.add("scrolls");
  block.tabIndex = 0;
}

/** Deal the blocks of a section out over as many slides as are needed. */
function deal(section) {
  const blocks = [...section.querySelectorAll(":scope > .block")];
  const notes = section.querySelector(":scope > .notes");
  let slide = section;
  let heading = null; // of what is dealt out now, for the slides that go on with it
  let taken = []; // the blocks on `slide` besides headings
  for (const block of blocks) block.remove();
  slide.classList.add("measured");

  const finish = () => {
    const last = taken.at(-1);
    if (last && !tooTall(slide)) fitPicture(slide, last, ALONE, LARGEST);
    slide.classList.remove("measured");
  };
  const turn = (block) => {
    const lead = leads(slide);
    lead?.remove();
    finish();
    const next = document.createElement("section");
    slide.after(next);
    if (heading && !isHeading(lead ?? block)) next.append(heading.cloneNode(true));
    if (notes) next.append(notes.cloneNode(true));
    if (lead) next.append(lead);
    slide = next;
    slide.classList.add("measured");
    taken = [];
  };
  for (const block of blocks) {
    const alone = [taken.at(-1), block].some((each) => each?.classList.contains("alone"));
    if (alone && taken.length) turn(block);
    slide.append(block);
    fitLines(block);
    const before = taken.at(-1);
    if (tooTall(slide) && before && !fitPicture(slide, block, BESIDE, 1) && !keepTogether(slide, before, block)) {
      block.remove();
      turn(block);
      slide.append(block);
    }
    if (tooTall(slide) && !fitPicture(slide, block, ALONE, 1)) squeeze(slide, block);
    if (isHeading(block)) heading = continued(block);
    else taken.push(block);
  }
  finish();
}

function isHeading(block) {
  return block.firstElementChild?.matches("h1, h2, h3") ?? false;
}

/** Whether a block is the name of the file whose text follows. */
function isName(block) {
  const [paragraph] = block.children;
  return paragraph?.matches("p") && paragraph.children.length === 1 && paragraph.textContent === paragraph.querySelector("code")?.textContent;
}

async function start() {
  await Promise.allSettled([...document.images].map((image) => image.decode()));
  for (const section of document.querySelectorAll(".slides > section > section")) deal(section);
  await Reveal.initialize({
    width: 1280,
    height: HEIGHT,
    margin: 0,
    center: false,
    hash: true,
    slideNumber: "c/t",
    transition: "none",
    navigationMode: "linear",
    plugins: [RevealNotes],
  });
}

start();
