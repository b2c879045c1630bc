// The page's requests to the server.

/** Sends a request and returns the response's JSON; throws what the server says is wrong. */
export async function ask(path, options = {}) {
  const headers = options.method ? { "X-Puppyslug": "1", ...options.headers } : options.headers;
  const answer = await fetch(path, { ...options, headers }).catch(() => {
    throw new Refused(0, "The program is not answering. Is it still running?");
  });
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, sentence(body.error ?? answer.statusText));
  return body;
}

/** What went wrong, in one line. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function sentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

export const order = (wanted) =>
  ask("/api/jobs", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) });
export const cancel = (id) => ask(`/api/jobs/${id}/cancel`, { method: "POST" });
export const remove = (id) => ask(`/api/jobs/${id}`, { method: "DELETE", keepalive: true });
export const removeAll = () => ask("/api/jobs", { method: "DELETE" });

/** Uploads a picture. If the server cannot read it but the browser can, it is sent again as PNG. */
export async function send(file) {
  const put = (body) => ask("/api/pictures", { method: "PUT", body });
  try {
    return await put(file);
  } catch (refused) {
    if (refused.status !== 422) throw refused;
    const png = await repaint(file);
    if (!png) throw refused;
    return put(png);
  }
}

/** Uploads a film. */
export const sendFilm = (file) => ask("/api/films", { method: "PUT", body: file });

/** The picture as PNG, if the browser can read it. */
async function repaint(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return null;
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** Milliseconds until a refused connection is tried again. */
const RETRY = 3000;

/**
 * Receives changes of jobs while the page is visible. A browser opens at most six connections to a server for all
 * of its tabs, so a hidden tab closes its own, and receives all that it missed when it is visible again.
 */
export function listen({ all, job, gone, line }) {
  let source = null;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/api/events");
    source.addEventListener("all", (event) => all(JSON.parse(event.data).jobs));
    source.addEventListener("job", (event) => job(JSON.parse(event.data)));
    source.addEventListener("gone", (event) => gone(JSON.parse(event.data).id));
    source.addEventListener("open", () => line(true));
    source.addEventListener("error", () => {
      line(false);
      // The browser does not retry a refused connection by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(open, RETRY);
    });
  };
  const look = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else {
      open();
    }
  };
  document.addEventListener("visibilitychange", look);
  open();
}
