// Passkeys: asks the browser for one, and posts what it says with the form of the page.
// A module: the browser runs it once, after the page is read. Without scripts nothing is shown.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const withBytes = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const created = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  clientExtensionResults: {},
  response: {
    clientDataJSON: text(credential.response.clientDataJSON),
    attestationObject: text(credential.response.attestationObject),
    transports: credential.response.getTransports ? credential.response.getTransports() : [],
  },
});

const used = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  clientExtensionResults: {},
  response: {
    clientDataJSON: text(credential.response.clientDataJSON),
    authenticatorData: text(credential.response.authenticatorData),
    signature: text(credential.response.signature),
    userHandle: credential.response.userHandle ? text(credential.response.userHandle) : null,
  },
});

const create = async (options) =>
  created(await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  }));

const get = async (options) =>
  used(await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  }));

const challenged = async (form) => {
  const answer = await fetch("/login/passkey/options", {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

const run = async (form) => {
  const adds = form.dataset.passkey === "add";
  if (adds) {
    form.elements.credential.value = JSON.stringify(await create(JSON.parse(form.dataset.options)));
  } else {
    const { challenge, options } = await challenged(form);
    form.elements.challenge.value = challenge;
    form.elements.credential.value = JSON.stringify(await get(options));
  }
  form.submit();
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const problem = document.querySelector("[data-passkey-problem]");
  const start = (event) => {
    event.preventDefault();
    problem.textContent = "";
    run(form).catch(() => {
      problem.textContent = problem.dataset.passkeyProblem;
    });
  };
  form.addEventListener("submit", start);
  // adding one has a form to fill in; using one is a button within the page's own form
  if (form.dataset.passkey === "add") form.hidden = false;
  for (const offer of document.querySelectorAll("[data-passkey-offer]")) {
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", start);
  }
}
