/** Making elements. Text is only ever set as text: what a server says is never read as markup. */

type Props = Record<string, string | boolean | null | ((event: Event) => void)>;
type Child = Node | string | null;

type Tags = HTMLElementTagNameMap;
type Tag = keyof Tags;
type Named<Name> = Name extends Tag ? Tags[Name] : Name extends `${infer Start extends Tag}.${string}` ? Tags[Start] : never;

/** h("button.send", { onclick: go, hidden: true }, "Send") */
export function h<Name extends Tag | `${Tag}.${string}`>(name: Name, props: Props = {}, ...children: Child[]): Named<Name> {
  const [tag = "", classes = ""] = name.split(".");
  const element = document.createElement(tag);
  element.className = classes;
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else setAttribute(element, key, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element as Named<Name>;
}

/** true sets an empty attribute; null, false or "" takes it away. */
export function setAttribute(element: Element, name: string, value: string | boolean | null): void {
  if (value === false || value === null || value === "") element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

export function button(className: string, props: Props = {}, ...children: Child[]): HTMLButtonElement {
  return h(`button.${className}`, { type: "button", ...props }, ...children);
}

/** Read out, not seen. */
export function unseen(text: string): HTMLElement {
  return h("span.unseen", {}, `${text} `);
}

const shapes = {
  chat: "M4 4h16v13H10l-6 4ZM8 9h8M8 13h5",
  phone: "M5 3h4l2 5-3 2a12 12 0 0 0 6 6l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2Z",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 4l-5 16-3-7ZM12 13l8-9",
  warn: "M12 3 2 20h20ZM12 9v5M12 17v0",
};

export function icon(name: keyof typeof shapes): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  setAttribute(svg, "viewBox", "0 0 24 24");
  setAttribute(svg, "aria-hidden", "true");
  setAttribute(path, "d", shapes[name]);
  svg.append(path);
  return svg;
}

/** Digits nobody can guess. Not crypto.randomUUID: that needs https. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/** A link that may be followed, or null. What begins with / lies on our server. */
export function safeHref(href: string, base: string): string | null {
  if (href[0] === "/") return base + href;
  return /^(tel|sms|https?):/i.test(href) ? href : null;
}
