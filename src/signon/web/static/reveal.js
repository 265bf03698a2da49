// Show password (button[data-show]) and the line that Caps Lock is on ([data-caps]).
// A module: the browser runs it once, after the page is read. Without scripts neither is shown.
for (const button of document.querySelectorAll("button[data-show]")) {
  const input = document.getElementById(button.dataset.show);
  const words = { show: [button.textContent, button.ariaLabel], hide: [button.dataset.hide, button.dataset.hideLabel] };
  const turn = (shown) => {
    const [text, label] = shown ? words.hide : words.show;
    input.type = shown ? "text" : "password";
    button.textContent = text;
    button.setAttribute("aria-label", label);
  };
  button.hidden = false;
  button.addEventListener("click", () => turn(input.type === "password"));
  // a browser must not keep it as if it were text
  input.form.addEventListener("submit", () => turn(false));

  const caps = document.getElementById(`${input.id}-caps`);
  input.addEventListener("keyup", (event) => {
    caps.textContent = event.getModifierState?.("CapsLock") ? caps.dataset.on : "";
  });
}
