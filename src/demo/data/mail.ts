import type { GivenRecord } from '../complete.ts'
import type { Branch } from '../databases.ts'
import type { Version } from '../fields.ts'
import { stamped, timeAfter } from './stamps.ts'

const pem = (kind: string): string =>
  Buffer.from(`-----BEGIN ${kind}-----\nnot a real one: demo only\n-----END ${kind}-----\n`).toString(
    'base64',
  )
const CERTIFICATE = pem('CERTIFICATE')
const PRIVATE_KEY = pem('PRIVATE KEY')
/** Every secret of the demo reads like this. */
const FAKE_SECRET = 'demo-only-not-a-secret'

/** Outgoing mail servers of every kind: each way to log in, archived ones, empty and missing values, a personal one. */
export function mailServers({ domain, company, seed }: Branch, version: Version): GivenRecord[] {
  // Before 19 a connection was encrypted or not: whether the certificate is checked was no part of the setting.
  const strict = version === 19 ? '_strict' : ''
  const base = (id: number): GivenRecord => ({
    id,
    active: true,
    smtp_host: `smtp${String(id)}.${domain}`,
    smtp_port: 587,
    smtp_authentication: 'login',
    smtp_encryption: 'starttls',
    smtp_debug: false,
    sequence: 10,
    ...stamped(id * seed),
  })
  return [
    {
      ...base(1),
      name: `${company} outgoing`,
      smtp_host: `smtp.${domain}`,
      smtp_user: `mailer@${domain}`,
      smtp_pass: FAKE_SECRET,
      from_filter: domain,
      sequence: 1,
      max_email_size: 25,
    },
    {
      ...base(2),
      name: 'Backup relay',
      smtp_host: `relay.${domain}`,
      smtp_port: 465,
      smtp_encryption: 'ssl',
      smtp_user: 'relay',
      smtp_pass: FAKE_SECRET,
      sequence: 2,
    },
    {
      ...base(3),
      name: 'Newsletter',
      smtp_host: `bulk.${domain}`,
      smtp_user: `news@${domain}`,
      smtp_pass: FAKE_SECRET,
      from_filter: `news@${domain},offers@${domain}`,
      sequence: 5,
      max_email_size: 10.5,
    },
    {
      ...base(4),
      name: 'Localhost',
      smtp_host: 'localhost',
      smtp_port: 25,
      smtp_encryption: 'none',
      smtp_debug: true,
    },
    {
      ...base(5),
      name: 'Gmail of the shop',
      smtp_host: 'smtp.gmail.com',
      smtp_authentication: 'gmail',
      smtp_user: `shop@${domain}`,
      from_filter: `shop@${domain}`,
      google_gmail_refresh_token: FAKE_SECRET,
      google_gmail_access_token: FAKE_SECRET,
      google_gmail_access_token_expiration: 1_772_000_000,
    },
    {
      ...base(6),
      name: 'Outlook of the office',
      smtp_host: 'smtp.office365.com',
      smtp_authentication: 'outlook',
      smtp_user: `office@${domain}`,
      from_filter: `office@${domain}`,
      microsoft_outlook_refresh_token: FAKE_SECRET,
      microsoft_outlook_access_token: FAKE_SECRET,
      microsoft_outlook_access_token_expiration: 1_772_003_600,
    },
    {
      ...base(7),
      name: 'Partner gateway',
      smtp_host: `gateway.${domain}`,
      smtp_port: 465,
      smtp_encryption: `ssl${strict}`,
      smtp_authentication: 'certificate',
      smtp_ssl_certificate: CERTIFICATE,
      smtp_ssl_private_key: PRIVATE_KEY,
    },
    {
      ...base(8),
      name: 'From the command line',
      smtp_authentication: 'cli',
      smtp_port: 25,
      smtp_encryption: 'none',
      sequence: null,
    },
    {
      ...base(9),
      name: 'Old server',
      active: false,
      smtp_host: `old.${domain}`,
      smtp_port: 25,
      smtp_encryption: 'none',
      smtp_user: '',
      smtp_debug: null,
      sequence: 99,
    },
    {
      ...base(10),
      name: 'Retired relay',
      active: false,
      smtp_encryption: `starttls${strict}`,
      smtp_user: 'relay',
      smtp_pass: '',
      from_filter: '',
    },
    {
      ...base(11),
      name: 'Zürich — 送信サーバー 📮',
      smtp_host: `zuerich.${domain}`,
      smtp_encryption: `starttls${strict}`,
      smtp_user: 'zürich',
      sequence: 3,
      max_email_size: 0,
    },
    {
      ...base(12),
      name: "Dana's own",
      smtp_user: `dana@${domain}`,
      smtp_pass: FAKE_SECRET,
      from_filter: `dana@${domain}`,
      owner_user_id: 5,
      owner_limit_time: timeAfter(seed),
      owner_limit_count: 30,
    },
  ]
}

/** Templates, most of them bound to a server. */
export function mailTemplates({ domain, company }: Branch): GivenRecord[] {
  const rows: readonly (readonly [string, string, number | null, number | null])[] = [
    ['Welcome', 'Welcome to {{ object.company_id.name }}', 1, 2],
    ['Newsletter issue', 'News of the month', 3, null],
    ['Lead assigned', 'A new lead for you', 1, null],
    ['Payment reminder', 'A friendly reminder', 2, 5],
    ['Out of use', 'Nothing', null, null],
  ]
  return rows.map(([name, subject, server, user], at) => ({
    id: at + 1,
    name,
    subject,
    active: at !== 4,
    description: at === 0 ? `Sent by ${company}` : null,
    model_id: null,
    model: at === 2 ? 'crm.lead' : 'res.partner',
    email_from: `office@${domain}`,
    user_id: user,
    use_default_to: at === 1,
    mail_server_id: server,
    body_html: `<p>Dear reader,</p><p>${subject}.</p>`,
    auto_delete: at % 2 === 0,
    lang: at === 3 ? '{{ object.lang }}' : null,
    ...stamped(5 + at),
  }))
}
