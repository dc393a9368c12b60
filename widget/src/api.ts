/** Talking to the server. Knows nothing of the page. */
import type { Action, CallbackReceipt, CallbackRequest, Choice, Clinic, Message, Turn } from "./types";

const TIMEOUT_MS = 15_000;

export interface FieldError {
  field: string;
  message: string;
}

/** Why a request came to nothing: status 0 means that no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: "offline" | "slow" | "server",
    readonly retryAfter = 0,
    readonly fields: FieldError[] = [],
  ) {
    super(reason);
  }
}

interface Said {
  messages: Message[];
  clinic: Clinic | null;
}

interface Options {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Api = ReturnType<typeof createApi>;

export function createApi(base: string) {
  async function request(method: string, path: string, { token, body, headers }: Options): Promise<Raw> {
    const abort = new AbortController();
    let slow = false;
    const timer = setTimeout(() => {
      slow = true;
      abort.abort();
    }, TIMEOUT_MS);
    try {
      const response = await fetch(`${base}/api/${path}`, {
        method,
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          "Content-Type": "application/json",
          ...headers,
        },
        body: body ? JSON.stringify(body) : null,
        signal: abort.signal,
        credentials: "omit",
      });
      const reply = parsed(await response.text());
      if (response.ok) return reply;
      const wait = Number(response.headers.get("Retry-After")) || 0;
      throw new ApiError(response.status, "server", Math.ceil(wait), fieldErrors(reply["errors"]));
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, slow ? "slow" : "offline");
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async openSession(lang: string): Promise<Said & { token: string }> {
      const reply = await request("POST", "chat/sessions", { body: { lang } });
      const token = text(reply["session"]);
      if (!token) throw new ApiError(200, "server");
      return { token, ...said(reply) };
    },

    /** No reply at all is a failure: the patient would be left waiting. */
    async send(token: string, { id, words, choice }: Turn): Promise<Message[]> {
      const body = choice ? { id, choice } : { id, text: words };
      const { messages } = said(await request("POST", "chat/messages", { token, body }));
      if (!messages.length) throw new ApiError(200, "server");
      return messages;
    },

    history: async (token: string): Promise<Said> => said(await request("GET", "chat/messages", { token })),

    /** The session lives 30 minutes from now. */
    keep: (token: string): Promise<unknown> => request("PUT", "chat/sessions", { token }),

    rate: (token: string, message: string, helpful: boolean): Promise<unknown> =>
      request("POST", "chat/feedback", { token, body: { message, helpful } }),

    erase: (token: string): Promise<unknown> => request("DELETE", "chat/sessions", { token }),

    requestCallback: async (body: CallbackRequest, key: string): Promise<CallbackReceipt> =>
      strings(await request("POST", "callbacks", { body, headers: { "Idempotency-Key": key } }), "text", "reference"),
  };
}

/* What comes over the wire is only believed as far as its types go. */

type Raw = Record<string, unknown>;

function parsed(raw: string): Raw {
  try {
    return object(JSON.parse(raw));
  } catch {
    return {};
  }
}

function object(value: unknown): Raw {
  return value && typeof value === "object" ? (value as Raw) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The named fields as text; what is missing or no text is "". */
function strings<Name extends string>(raw: Raw, ...names: Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, text(raw[name])])) as Record<Name, string>;
}

/** The elements in which none of the named fields is empty. */
function complete<Name extends string>(list: unknown, ...names: Name[]): Record<Name, string>[] {
  const items = Array.isArray(list) ? list : [];
  return items.map((item) => strings(object(item), ...names)).filter((item) => names.every((name) => item[name]));
}

function said({ messages, clinic }: Raw): Said {
  const items = (Array.isArray(messages) ? messages : []).map(object);
  return { messages: items.filter((item) => text(item["text"])).map(message), clinic: clinic ? about(object(clinic)) : null };
}

function message(raw: Raw): Message {
  const source = strings(object(raw["source"]), "section", "url", "reviewed");
  return {
    ...strings(raw, "id", "kind", "topic", "text", "lang", "step", "error", "form"),
    role: raw["role"] === "patient" ? "patient" : "assistant",
    pinned: raw["pinned"] === true,
    source: source.section ? source : null,
    choices: complete(raw["choices"], "id", "label") satisfies Choice[],
    actions: complete(raw["actions"], "label", "href") satisfies Action[],
  };
}

function about(raw: Raw): Clinic {
  const open = raw["open_now"];
  return { ...strings(raw, "name", "phone", "next_open"), open_now: typeof open === "boolean" ? open : null };
}

function fieldErrors(list: unknown): FieldError[] {
  return complete(list, "message", "field");
}
