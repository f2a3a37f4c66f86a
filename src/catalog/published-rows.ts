// Rows of Odoo’s tables, written by "odoo-sql catalog types". Timestamps and dates are UTC.

/** ir.mail_server: Mail Server. Outgoing mail (SMTP) servers that Odoo can send through, archived ones included. Odoo’s record rules and groups decide who sees them: usually system administrators. */
export interface IrMailServer {
  /** Mass mailings that are not finished and are set to go out through this server, as a JSON array of ids such as [3,17]; [] where there is none. Compare it as text, or turn it into json to look inside. */
  active_mailing_ids: string | null
  /** False for an archived server: Odoo keeps it but never sends through it. Unlike Odoo’s own lists, this table shows archived servers too, so add WHERE active to leave them out. Never NULL. */
  active: boolean | null
  /** When the record was made, in UTC and in whole seconds: Odoo stores microseconds, but its API cuts them off. */
  create_date: Date | null
  /** Display name of the user who made the record. Odoo works it out for each row, so select it only where you need it; to filter, use create_uid. */
  create_uid_label: string | null
  /** User who made the record: the id in res.users, as text ("2", not 2). NULL where that user has been deleted. */
  create_uid: string | null
  /** What Odoo shows where it refers to this server: today the same as name, save that Odoo 19 shows nothing (NULL) for an empty name. It is computed, not stored, so a filter on it is slower than one on name. */
  display_name: string | null
  /** Comma-separated addresses or domains: the server is only chosen for mail sent from one of them, as in example.com or billing@example.com,example.org. NULL, and in some records an empty string, means that it serves any sender. */
  from_filter: string | null
  /** When the Gmail access token runs out, in seconds since 1970-01-01 UTC: to_timestamp() turns it into a date. 0 where there is no token, for Odoo’s API shows an absent number as 0. */
  google_gmail_access_token_expiration: number | null
  /** Short-lived OAuth token that Odoo shows to Gmail in place of a password; renewed by means of the refresh token. Masked unless the session reveals secrets. */
  google_gmail_access_token: string | null
  /** One-time code that Google hands out when somebody connects the account, kept after its exchange for tokens. Masked unless the session reveals secrets. NULL from Odoo 19 on, which no longer stores it. */
  google_gmail_authorization_code: string | null
  /** Long-lived OAuth token that lets Odoo send as this Gmail account until it is revoked: as good as a password. Masked unless the session reveals secrets; it can be selected, yet not filtered on, while it is masked. */
  google_gmail_refresh_token: string | null
  /** Address that an administrator opens to connect the server to a Gmail account. Computed for each reader, so it cannot be filtered by Odoo, and read record by record, for Odoo cannot compute it for several at once: leave it out of large reads. */
  google_gmail_uri: string | null
  /** Number of the record, unique within one database. Two partitions may use the same number: join on id and _partition. */
  id: number
  /** Email templates that are bound to this server, as a JSON array of ids in mail.template such as [12,40]; [] where there is none. */
  mail_template_ids: string | null
  /** Name that people gave the server. Not unique; upper and lower case and spaces at either end are kept as typed. */
  name: string | null
  /** Rank among the servers that fit a mail: the smallest number is tried first, so 1 beats 10. Odoo proposes 10. Several servers may share a number, so add id when you order by it; an unset one reads 0. */
  sequence: number | null
  /** Advice that Odoo’s form shows about the chosen way to authenticate. Computed and in the reader’s language, so it cannot be filtered by Odoo. */
  smtp_authentication_info: string | null
  /** How Odoo proves who it is to the server. The modules google_gmail and microsoft_outlook add their own values; Odoo 14 knows user name and password only, and there the column is NULL. */
  smtp_authentication: string | null
  /** True where Odoo writes the whole SMTP conversation, addresses and contents included, to its log: worth an alarm on a production system. Unset reads false; never NULL. */
  smtp_debug: boolean | null
  /** Whether and how the connection is encrypted. Before Odoo 19 starttls and ssl are the only encrypted values; from 19 on they mean that the server’s certificate is not checked. */
  smtp_encryption: string | null
  /** Host name or IP address of the SMTP server. Always set up to Odoo 16; may be NULL from 17 on, where the command line can supply it. */
  smtp_host: string | null
  /** Password for smtp_user, which Odoo keeps in clear text. Masked unless the session reveals secrets, and not to be filtered on while it is masked. */
  smtp_pass: string | null
  /** TCP port: usually 465 for ssl, 587 or 25 for the others. Reads 0 where none is set, for Odoo’s API shows an absent number as 0; so IS NULL never holds. */
  smtp_port: number | null
  /** Client certificate in PEM form, as bytes, for smtp_authentication = 'certificate'. convert_from(smtp_ssl_certificate, 'UTF8') shows its text. */
  smtp_ssl_certificate: Uint8Array | null
  /** Private key that belongs to the client certificate, in PEM form, as bytes. Masked unless the session reveals secrets. */
  smtp_ssl_private_key: Uint8Array | null
  /** Account that Odoo logs in with; also the mailbox of a Gmail or Outlook server. NULL, and in some records an empty string, where the server asks for no log-in. */
  smtp_user: string | null
  /** When the record last changed, in UTC and in whole seconds. Handy for incremental loads: WHERE write_date >= the greatest one seen, and drop repeats by id. */
  write_date: Date | null
  /** Display name of the user who last changed the record. Odoo works it out for each row, so select it only where you need it; to filter, use write_uid. */
  write_uid_label: string | null
  /** User who last changed the record: the id in res.users, as text ("2", not 2). NULL where that user has been deleted. */
  write_uid: string | null
  /** Name of the partition (Odoo database) that the row came from. */
  _partition: string
}
