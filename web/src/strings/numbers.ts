// Numbers, times and money as the page's language writes them.

import { locale } from "./language";

/** Making a writer costs a hundred times what using one does, and a page writes hundreds of figures. */
const writers = new Map<string, Intl.NumberFormat>();
const months = new Map<string, Intl.DateTimeFormat>();

function keep<Key, Value>(kept: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = kept.get(key) ?? make();
  kept.set(key, value);
  return value;
}

function write(value: number, options: Intl.NumberFormatOptions): string {
  const language = locale();
  const key = JSON.stringify([language, options]);
  return keep(writers, key, () => new Intl.NumberFormat(language, options)).format(value);
}

export function formatCount(count: number): string {
  return write(count, {});
}

/** 240 ms, 3.4 s, 2 min 5 s. The units are the same in every language. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${write(ms / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** 12 s, 4 min 10 s, 23 h 59 min: how long somebody has to wait. */
export function formatWait(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const SMALLEST_USD = 0.000001;

function writeUsd(usd: number, minimum: number, maximum: number): string {
  const decimals = { minimumFractionDigits: minimum, maximumFractionDigits: maximum };
  return write(usd, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...decimals });
}

/** Dollars with as many decimals as the sum needs to be told from zero. */
export function formatUsd(usd: number): string {
  if (usd === 0) return writeUsd(0, 0, 0);
  if (usd >= 1) return writeUsd(usd, 2, 2);
  if (usd < SMALLEST_USD) return `< ${writeUsd(SMALLEST_USD, 6, 6)}`;
  return writeUsd(usd, 2, Math.min(6, 1 - Math.floor(Math.log10(usd)) + 1));
}

/** March 2026. */
export function formatMonth(ms: number): string {
  const language = locale();
  const make = () => new Intl.DateTimeFormat(language, { month: "long", year: "numeric" });
  return keep(months, language, make).format(ms);
}
