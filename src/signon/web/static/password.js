// Follows a new password's rules while somebody types (macro new_password). The server decides.
// A module: the browser runs it once, after the page is read, however often it is named.
const fold = (text) => text.normalize("NFC").toLowerCase().replaceAll(" ", "");
const characters = (text) => [...text.normalize("NFC")];

// the whole password, and the word that is left without digits and signs around it
const forms = (text) => {
  const folded = fold(text);
  return [folded, folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "")];
};

// of an address not its .com
const parts = (words) =>
  words
    .map((word) => word.normalize("NFC").toLowerCase().replace(/\.[^.@]*$/, (end, at) =>
      word.slice(0, at).includes("@") ? "" : end))
    .flatMap((word) => word.split(/[^\p{L}\p{N}]+/u))
    .filter((part) => part.length >= 3);

const wordsIn = (text) => {
  const runs = text.normalize("NFC").match(/[\p{L}\p{N}]+/gu) || [];
  const inner = runs.flatMap((run) => run.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) || []);
  return [...runs, ...inner, text].map(fold);
};

const isRecognised = (part, word) =>
  part.length >= 6 ? word.includes(part) : part.length > 3 ? word.startsWith(part) : part === word;

const isRow = (text) => {
  const points = characters(text).map((character) => character.codePointAt(0));
  const steps = new Set(points.slice(1).map((point, i) => point - points[i]));
  return points.length > 1 && steps.size === 1 && Math.abs([...steps][0]) <= 1;
};

const checks = {
  length: (text, words, rule) => {
    const count = characters(text).length;
    return Number(rule.dataset.least) <= count && count <= Number(rule.dataset.most);
  },
  lower: (text) => /\p{Ll}/u.test(text),
  upper: (text) => /\p{Lu}/u.test(text),
  special: (text) => /[^\p{L}\p{N}\s]/u.test(text),
  own: (text, words) => !words.some((word) => word && forms(text).includes(fold(word))),
  part: (text, words) =>
    !parts(words).some((part) => wordsIn(text).some((word) => isRecognised(part, word))),
  // of the list of common passwords only the server knows; a row is seen here
  uncommon: (text) => (isRow(text) ? false : null),
};

const follow = (box) => {
  const input = document.getElementById(box.dataset.newPassword);
  const state = document.getElementById(`${input.id}-state`);
  const rules = [...box.querySelectorAll("[data-check]")];
  const others = (input.dataset.fields || "").split(" ").filter(Boolean)
    .map((id) => document.getElementById(id)).filter(Boolean);

  const words = () => {
    const typed = others.map((field) => field.value);
    const all = [...(input.dataset.words || "").split("\n"), ...typed];
    return [...all, ...all.map((word) => word.split("@")[0])].filter(Boolean);
  };

  const look = () => {
    const text = input.value;
    const missing = rules.filter((rule) => {
      const met = text ? checks[rule.dataset.check](text, words(), rule) : null;
      rule.classList.toggle("met", met === true);
      rule.classList.toggle("unmet", met === false);
      return met === false;
    });
    return text ? missing.map((rule) => rule.textContent.trim()) : null;
  };

  const said = (words, count, missing) =>
    words.replace("{number}", count).replace("{rules}", missing.join("; "));

  // said once somebody pauses, so that a screen reader does not speak over every key
  let pause;
  const say = () => {
    const missing = look();
    const count = characters(input.value).length;
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (missing === null) state.textContent = "";
      else state.textContent = said(missing.length ? state.dataset.unmet : state.dataset.met, count, missing);
    }, 500);
  };

  [input, ...others].forEach((field) => field.addEventListener("input", say));
};

document.querySelectorAll("[data-new-password]").forEach(follow);
