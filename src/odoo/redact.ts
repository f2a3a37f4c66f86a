/** Takes foreign text (an error message of the server, a header) and returns what may be shown of it. */
export type Redact = (text: string) => string

export const FOREIGN_TEXT_MAX = 500 // characters
const MASK = '***'

/**
 * A function that shows the first paragraph of a text, on one line and of bounded length, with every secret masked:
 * as it is, URL-encoded, and as JSON and Python write it inside a string.
 */
export function redactorOf(secrets: readonly (string | undefined)[]): Redact {
  const forms = new Set(
    secrets.flatMap((secret) => (secret === undefined || secret === '' ? [] : formsOf(secret))),
  )
  // The longest first: a form may contain another.
  const ordered = [...forms].sort((a, b) => b.length - a.length)
  return (text) => {
    // Masked before anything is cut off, so that no part of a secret stays at the cut.
    const masked = ordered.reduce((rest, form) => rest.replaceAll(form, MASK), text)
    const [paragraph = ''] = masked.trim().split(/\r?\n[ \t]*\r?\n/)
    const line = paragraph.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
    return line.length > FOREIGN_TEXT_MAX ? `${line.slice(0, FOREIGN_TEXT_MAX)}…` : line
  }
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const ascii = json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const wellFormed = secret.replace(/\p{Surrogate}/gu, '\ufffd')
  const url = encodeURIComponent(wellFormed)
  const strictUrl = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1)
  const lowerUrls = [url, strictUrl, form].map((text) =>
    text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  )
  const python = secret.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const slashes = json.replaceAll('/', '\\/')
  return [
    secret,
    json,
    slashes,
    ascii,
    url,
    strictUrl,
    form,
    ...lowerUrls,
    python,
    html,
    html.replaceAll('"', '&#34;'),
  ]
}
