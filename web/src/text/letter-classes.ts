// Stands in for the package `uc.micro`, whose tables the browser's regular expressions have.

/** Punctuation. */
export const P = /\p{P}/u;
/** Symbols. */
export const S = /\p{S}/u;
