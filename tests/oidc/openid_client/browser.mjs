// A person's browser: cookies, redirects while they stay at one site, the first form of a page.

export async function open(url, cookies, init = {}) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { ...init.headers, accept: "text/html", cookie };
  const response = await fetch(url, { ...init, headers, redirect: "manual" });
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
    cookies.set(name, value);
  }
  return response;
}

// Where the first form of a page goes, and with what.
export async function form(response, typed) {
  const [, action, fields] = (await response.text()).match(
    /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/,
  );
  const body = new URLSearchParams();
  for (const [tag] of fields.matchAll(/<input[^>]*>/g)) {
    const name = tag.match(/name="([^"]*)"/)?.[1];
    if (name) body.set(name, typed[name] ?? tag.match(/value="([^"]*)"/)?.[1] ?? "");
  }
  return { address: new URL(action, response.url), body };
}

export async function submit(response, cookies, typed) {
  const { address, body } = await form(response, typed);
  return open(address, cookies, {
    method: "POST",
    body,
    headers: { "sec-fetch-site": "same-origin" },
  });
}

export async function text(stream) {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}
