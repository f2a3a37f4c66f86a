import type { FieldType } from './spec.ts'

/**
 * Whether a discovered field looks as if it held a password, a key or a token. Its column is then masked, as those of
 * published tables are that say `secret`. It goes by the name, since Odoo marks such fields nowhere, and errs on the
 * side of yes: who needs the values can reveal secrets.
 */
export function isSecretField(
  model: string,
  field: { readonly name: string; readonly type: string },
): boolean {
  if (!SECRET_TYPES.has(field.type)) return false
  return SECRET_NAME.test(field.name) || SECRET_FIELDS.has(`${model}.${field.name}`)
}

/** A number, a date or a flag about a secret gives nothing away. */
const SECRET_TYPES: ReadonlySet<string> = new Set<FieldType>(['char', 'text', 'html', 'binary', 'json'])

const SECRET_NAME = new RegExp(
  [
    'passw(or)?d|passphrase|secret|token|credential',
    // As words of their own: `smtp_pass`, not `passenger`; `pin`, not `pinned`.
    '(^|_)(pass|pwd|pin|otp|totp|hmac|bearer|authorization_code|auth_code)(_|$)',
    '(^|_)api_?key',
    '(private|access|shared|signing|signature|encryption|transaction|hmac|pem)_key',
  ].join('|'),
  'i',
)

/** Secrets whose names do not show it. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  // The parameters hold the secret of the database beside harmless settings.
  'ir.config_parameter.value',
  // A link with a token in it that lets anyone set the password.
  'res.partner.signup_url',
  'res.users.signup_url',
  'auth_totp.device.key',
])
