/** Everything that the widget itself says, one JSON a language. English is built in, others come when they are needed. */
import en from "../texts/en.json";
import type es from "../texts/es.json";

export type Texts = typeof en;
export type Lang = "en" | "es";

/** Does not compile when a language lacks a text. */
type Whole<Language extends Texts> = Language;
export type Spanish = Whole<typeof es>;

/** Nobody waits longer for the labels around a message. */
const PATIENCE_MS = 2000;

const languages: Partial<Record<Lang, Texts>> = { en };
const coming: Partial<Record<Lang, Promise<void>>> = {};

/** "es-MX" is Spanish; anything unknown is null. */
export function knownLang(tag: string | null | undefined): Lang | null {
  const short = (tag ?? "").slice(0, 2).toLowerCase();
  return short === "en" || short === "es" ? short : null;
}

/** English while a language has not come. */
export function textsIn(lang: Lang): Texts {
  return languages[lang] ?? en;
}

/** Brings the texts of a language from `base`. What fails is tried again the next time. */
export async function needTexts(lang: Lang, base: string): Promise<void> {
  if (!languages[lang]) await (coming[lang] ??= fetchTexts(lang, base));
}

async function fetchTexts(lang: Lang, base: string): Promise<void> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const response = await fetch(`${base}/widget.${lang}.json`, { credentials: "omit", signal: abort.signal });
    if (response.ok) languages[lang] = (await response.json()) as Texts;
  } catch {
    /* English it is */
  }
  clearTimeout(timer);
  delete coming[lang];
}

/** fill("Call {phone}", { phone: "911" }) is "Call 911". */
export function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** "2026-11-23" in words. Read as a plain date, so that no time zone moves it. */
export function dateIn(lang: Lang, day: string): string {
  return format(lang, day, { day: "numeric", month: "short", year: "numeric" });
}

/** "2026-11-23T09:00-08:00" as weekday and time on the clinic's own clock; any other wording as it is. */
export function momentIn(lang: Lang, moment: string): string {
  return format(lang, moment, { weekday: "short", hour: "numeric", minute: "2-digit" });
}

function format(lang: Lang, iso: string, options: Intl.DateTimeFormatOptions): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d))?/.exec(iso) ?? [];
  if (!day || (options.hour && !time)) return iso;
  const wallClock = new Date(`${day}T${time ?? "12:00"}`);
  return isNaN(+wallClock) ? iso : wallClock.toLocaleString(`${lang}-US`, options);
}
