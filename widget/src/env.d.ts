declare module "*.css" {
  const text: string;
  export default text;
}

interface Window {
  PRPGuide?: { open(): void; close(): void; ask(text: string): Promise<void> };
}
