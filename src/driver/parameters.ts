import { paramFromJs } from '../engine/params.ts'
import { invalidParameterValue } from '../errors.ts'

/** Texts of the parameters, as PostgreSQL's drivers send them: the type comes from where the parameter stands. */
export function parameterTexts(parameters: readonly unknown[]): (string | null)[] {
  return parameters.map((value, index) => {
    if (value === undefined)
      throw invalidParameterValue(`parameter $${index + 1} is undefined`, { hint: 'Pass null for NULL.' })
    return paramFromJs(value).value
  })
}
