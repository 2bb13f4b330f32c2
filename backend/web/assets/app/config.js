// Where the service is: the folder this page came from, or what `<meta name="api-base">` says.
//
// The address is never taken from the page's own address: a link could then send what is typed to a stranger.

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The address of the service, ending with a slash.
 *
 * @param {string} written content of the meta tag; empty means the page's own folder
 * @param {string} page address of the page
 * @returns {URL}
 * @throws {Error} when it is no address, or one that would carry passwords unencrypted
 */
export function serviceAddress(written, page) {
  if (written.trim() === "") return new URL(".", page);
  let address;
  try {
    address = new URL(written.trim());
  } catch {
    throw new Error(`“${written}” in the tag api-base is not an address such as https://tasks.example.org.`);
  }
  const safe = address.protocol === "https:" || (address.protocol === "http:" && LOOPBACK.has(address.hostname));
  if (!safe) throw new Error("The address in the tag api-base must start with https://.");
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  address.search = address.hash = "";
  return address;
}
