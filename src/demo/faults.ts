/**
 * An error as Odoo reports it, carried up to the transport, which writes it down in its own shape. Not a SqlError:
 * this is the other side of the wire, where SQLSTATEs mean nothing.
 */
export class OdooFault extends Error {
  /** Python's dotted name of the exception, `data.name` in JSON-RPC. */
  readonly fault: string
  /** HTTP status that JSON-2 answers with. */
  readonly status: number

  constructor(fault: string, status: number, message: string) {
    super(message)
    this.fault = fault
    this.status = status
  }
}

const factory =
  (fault: string, status: number) =>
  (message: string): OdooFault =>
    new OdooFault(fault, status, message)

export const valueError = factory('builtins.ValueError', 500)
export const typeError = factory('builtins.TypeError', 500)
export const indexError = factory('builtins.IndexError', 500)
export const attributeError = factory('builtins.AttributeError', 500)
export const assertionError = factory('builtins.AssertionError', 500)
export const recursionError = factory('builtins.RecursionError', 500)
export const overflowError = factory('builtins.OverflowError', 500)
export const notImplementedError = factory('builtins.NotImplementedError', 500)
export const userError = factory('odoo.exceptions.UserError', 422)
export const accessError = factory('odoo.exceptions.AccessError', 403)
export const accessDenied = (): OdooFault =>
  new OdooFault('odoo.exceptions.AccessDenied', 403, 'Access Denied')
export const missingError = factory('odoo.exceptions.MissingError', 404)
export const badRequest = factory('werkzeug.exceptions.BadRequest', 400)
export const unauthorized = factory('werkzeug.exceptions.Unauthorized', 401)
export const notFound = factory('werkzeug.exceptions.NotFound', 404)
export const unprocessable = factory('werkzeug.exceptions.UnprocessableEntity', 422)
export const operationalError = factory('psycopg2.OperationalError', 500)

/** What PostgreSQL under a real Odoo would refuse; `name` is psycopg2's class for the SQLSTATE. */
export const sqlFault = (name: string, message: string): OdooFault =>
  new OdooFault(`psycopg2.errors.${name}`, 500, message)
