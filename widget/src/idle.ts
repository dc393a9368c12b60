/**
 * A conversation ends after 30 minutes without activity, in step with the server. It is said two minutes before,
 * and whatever the patient then does in the panel gives 30 minutes more.
 */
import type { Store } from "./store";

const MINUTE = 60_000;
const LIFE = 30 * MINUTE;
const WARNING = 2 * MINUTE;

export interface IdleEvents {
  warn: (soon: boolean) => void;
  end: () => void;
  keep: () => Promise<void>;
}

export function createIdle(store: Store, on: IdleEvents) {
  let timer: ReturnType<typeof setTimeout>;
  let warned = false;

  const age = (): number => Date.now() - (store.memory.seen ?? 0);
  const over = (): boolean => age() >= LIFE;

  function warn(soon: boolean): void {
    if (soon !== warned) on.warn((warned = soon));
  }

  /** Looks at the time, and again when there is something to do. */
  function watch(): void {
    clearTimeout(timer);
    const left = LIFE - age();
    const { token } = store.memory;
    warn(!!token && !over() && left <= WARNING);
    if (!token) return;
    if (over()) on.end();
    else timer = setTimeout(watch, warned ? left : left - WARNING);
  }

  // A machine that slept wakes up with late timers.
  document.addEventListener("visibilitychange", watch);

  return {
    watch,
    over,
    /** The patient does something. The server hears of it once a minute at most. */
    async stir(): Promise<void> {
      if (age() < MINUTE) return;
      if (!over()) await on.keep();
      watch();
    },
  };
}
