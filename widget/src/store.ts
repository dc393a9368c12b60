/** What the browser remembers between pages, and tells its other tabs. */
import type { CallbackReceipt, Clinic } from "./types";
import type { Lang } from "./texts";

export interface Memory {
  token?: string | undefined;
  clinic?: Clinic;
  lang?: Lang;
  /** Counts turns, so that another tab knows that there is something to fetch. */
  turn?: number;
  /** When the server last heard of the conversation, by this machine's clock. */
  seen?: number | undefined;
  /** Plain callback forms that were sent, by message id: they are not offered again. */
  sent?: Record<string, CallbackReceipt> | undefined;
}

const KEY = "prp-guide";

export type Store = ReturnType<typeof createStore>;

export function createStore() {
  let kept: Memory = {};

  /** Read anew each time: another tab may have written. Without localStorage the page alone remembers. */
  function read(): Memory {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      if (found && typeof found === "object") kept = found;
    } catch {
      /* storage is blocked or spoilt: go on with what this page knows */
    }
    return kept;
  }

  return {
    get memory(): Memory {
      return read();
    },

    change(changes: Memory): void {
      kept = { ...read(), ...changes };
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
      } catch {
        /* as above */
      }
    },

    onOtherTab(react: () => void): void {
      addEventListener("storage", ({ key }) => (key === KEY || !key) && react());
    },
  };
}
