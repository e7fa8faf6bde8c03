/** What is said of a try, without the secrets it was made with: a server may say back what it was sent. */
import { plain } from '../base/plain.ts'

/** One short line, in which each secret is `[secret]`, also as it is written in Base64, a URL or JSON. */
export function hushed(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // The longest first: none is cut in two by another that is a part of it.
  const clean = forms
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, form) => left.replaceAll(form, '[secret]'), text)
  return plain(clean.trim())
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    bytes.toString('base64'),
    // Where what fills it up was left out.
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]
}
