// Stands in for the packages `mdurl` and `punycode.js`: the browser knows how addresses are written.

interface Address {
  readonly whole: string;
  /** What is to be encoded is given by this name. */
  pathname: string;
}

/** Takes the host apart from the rest; its name stays as it is, browsers write it as the network wants it. */
export function parse(url: string): Address {
  const host = /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";
  return { whole: host, pathname: url.slice(host.length) };
}

export function format({ whole, pathname }: Address): string {
  return whole + pathname;
}

/** Percent-encodes what an address cannot hold; what is encoded stays so. */
export function encode(text: string): string {
  try {
    return encodeURI(text).replace(/%25([0-9a-f]{2})/gi, "%$1");
  } catch {
    // Half a letter: then it is no address.
    return "";
  }
}

/** For reading: letters instead of their codes, where they are letters. */
export function decode(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}
decode.defaultChars = "";

// biome-ignore lint/style/noDefaultExport: the package has one. Nothing calls it: no host is named above.
export default {};
