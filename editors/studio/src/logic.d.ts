declare module "codemirror-lang-logidsl" {
  import type { LanguageSupport } from "@codemirror/language";
  export function logic(): LanguageSupport;
}
