import type { Json } from './values.ts'

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const json = (status: number, value: Json | Readonly<Record<string, unknown>>): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})

/** An error page, which Odoo sends where a request does not get as far as its RPC. */
export const html = (status: number, text: string): HttpReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html>\n<html lang=en>\n<title>${status}</title>\n<h1>${status}</h1>\n<p>${text}</p>\n`,
})

export const NO_DATABASE = html(
  404,
  'No database is selected, and no page of this address works without one.',
)
