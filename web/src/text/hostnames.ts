// Stands in for the package `punycode.js`: the browser knows how names of hosts are written.

/** The name as it goes over the network. */
function toASCII(hostname: string): string {
  try {
    return new URL(`http://${hostname}`).hostname;
  } catch {
    return hostname;
  }
}

/** The name as it is shown: as it goes over the network, because letters of other alphabets can look like the known ones. */
const toUnicode = toASCII;

// biome-ignore lint/style/noDefaultExport: the package has one
export default { toASCII, toUnicode };
