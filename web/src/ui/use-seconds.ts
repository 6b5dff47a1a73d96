import { useEffect, useState } from "preact/hooks";

/** Seconds since a moment of the page's clock, counting while `isRunning`. */
export function useSeconds(since: number, isRunning: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!isRunning) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [isRunning, since]);
  return Math.max(0, Math.floor((now - since) / 1000));
}
