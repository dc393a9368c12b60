/** Everything that the widget itself says, one JSON a language. */
import en from "../texts/en.json";
import es from "../texts/es.json";

export type Texts = typeof en;
export type Lang = "en" | "es";

const languages: Record<Lang, Texts> = { en, es };

/** "es-MX" is Spanish; anything unknown is null. */
export function knownLang(tag: string | null | undefined): Lang | null {
  const short = (tag ?? "").slice(0, 2).toLowerCase();
  return short === "en" || short === "es" ? short : null;
}

export function textsIn(lang: Lang): Texts {
  return languages[lang];
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
