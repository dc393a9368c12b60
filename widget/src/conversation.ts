/** One conversation with the server: its session, its history, its turns. Knows nothing of the page. */
import { ApiError, type Api } from "./api";
import type { Store } from "./store";
import type { Lang } from "./texts";
import type { Clinic, Message, Turn } from "./types";

export function createConversation(api: Api, store: Store, lang: () => Lang) {
  let erasures = 0;

  const exists = (): boolean => !!store.memory.token;

  /** A new session; returns its greeting. */
  async function open(): Promise<Message[]> {
    const { token, clinic, messages } = await api.openSession(lang());
    store.change({ token, turn: 0, sent: {}, seen: Date.now() });
    keepClinic(clinic);
    return messages;
  }

  /** Only the token that failed: another tab may have opened a new session meanwhile. */
  function forget(token: string): void {
    if (store.memory.token === token) store.change({ token: undefined, sent: undefined });
  }

  function keepClinic(clinic: Clinic | null | undefined): void {
    if (clinic) store.change({ clinic });
  }

  return {
    exists,
    open,

    /** What was said so far; empty when there is no session, or it has ended. */
    async history(): Promise<Message[]> {
      const { token, clinic: known } = store.memory;
      if (!token) return [];
      try {
        const { messages, clinic } = await api.history(token);
        // What was open an hour ago may be closed now.
        keepClinic(clinic ?? (known && { ...known, open_now: null }));
        if (!messages.length) forget(token);
        return messages;
      } catch (error) {
        if (!ended(error)) throw error;
        forget(token);
        return [];
      }
    },

    /** One turn. A session that has ended is replaced without a word, and the turn is sent once more. */
    async send(turn: Turn): Promise<Message[]> {
      const before = erasures;
      for (let attempt = 1; ; attempt++) {
        if (!exists()) await open();
        const token = store.memory.token ?? "";
        try {
          const messages = await api.send(token, turn);
          store.change({ turn: (store.memory.turn ?? 0) + 1, seen: Date.now() });
          return messages;
        } catch (error) {
          if (ended(error)) forget(token);
          if (!ended(error) || attempt > 1 || erasures > before) throw error;
        }
      }
    },

    /** 30 more minutes; nothing of that when the server cannot be reached, and none at all when it has ended there. */
    async keep(): Promise<void> {
      const { token, seen } = store.memory;
      if (!token) return;
      store.change({ seen: Date.now() });
      try {
        await api.keep(token);
      } catch (error) {
        if (store.memory.token === token) store.change({ seen: ended(error) ? 0 : seen });
      }
    },

    rate: (id: string, helpful: boolean): Promise<unknown> => api.rate(store.memory.token ?? "", id, helpful),

    /** On this side only: the server lets it expire by itself. */
    end(): void {
      forget(store.memory.token ?? "");
    },

    /** Erased on the server too; the clinic's name and the language stay. */
    async erase(): Promise<void> {
      const { token } = store.memory;
      erasures++; // a turn that is under way is not sent again
      if (!token) return;
      await api.erase(token).catch((error: unknown) => {
        if (!ended(error)) throw error;
      });
      forget(token);
    },
  };
}

function ended(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
