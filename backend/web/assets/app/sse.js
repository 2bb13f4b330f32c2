// Reads a stream of server-sent events (HTML standard, section 9.2.6) from a body: EventSource cannot send a token.

/** @typedef {{type: string, data: string, id: string | null}} ServerEvent */

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} alive called for every piece that arrives, comments too
 * @returns {AsyncGenerator<ServerEvent>}
 */
export async function* serverEvents(body, alive = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = blank();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line !== "") {
        take(event, line);
      } else {
        if (event.data.length > 0 || event.id !== null) yield { ...event, data: event.data.join("\n") };
        event = blank();
      }
    }
  }
}

const blank = () => ({ type: "message", data: [], id: null });

function take(event, line) {
  const colon = line.indexOf(":");
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "data") event.data.push(value);
  else if (name === "event") event.type = value;
  else if (name === "id" && !value.includes("\0")) event.id = value;
}
