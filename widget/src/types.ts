/** The shapes of the chat API, version 1, as the widget uses them. */

export interface Choice {
  id: string;
  label: string;
}

export interface Action {
  label: string;
  href: string;
}

export interface Source {
  section: string;
  url: string;
  reviewed: string;
}

export interface Message {
  role: "assistant" | "patient";
  text: string;
  lang: string;
  id?: string;
  kind?: string;
  topic?: string;
  pinned?: boolean;
  step?: string;
  error?: string;
  form?: string;
  source?: Source | null;
  choices?: Choice[];
  actions?: Action[];
}

export interface Clinic {
  name: string;
  phone: string;
  open_now: boolean | null;
  next_open: string;
}

/** What the patient does in one turn. The id stays the same when it is tried again, so that it acts once. */
export interface Turn {
  id: string;
  /** What the patient typed, or the label of what they chose. Empty: nothing is shown as their words. */
  words: string;
  choice?: string;
}

export interface CallbackRequest {
  name: string;
  phone: string;
  best_time: string;
  topic: string | null;
  note: string | null;
  lang: string;
  voicemail_ok: boolean;
  website: string;
}

export interface CallbackReceipt {
  text: string;
  reference: string;
}
