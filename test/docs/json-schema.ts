/** As much of JSON Schema as ours uses, so that no validator has to be installed for one test. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

type Schema = { readonly [key: string]: Json }

/** Where a value does not fit its schema: `/jobs/nfs/sources: type array`. */
export function misfits(schema: Json, value: Json, path = ''): string[] {
  const rules = schema as Schema
  const wrong = (what: string): string[] => [`${path}: ${what}`]
  const branches = (rules.anyOf ?? rules.oneOf) as readonly Json[] | undefined
  if (branches !== undefined) {
    const answers = branches.map((branch) => misfits(branch, value, path))
    const fewest = answers.sort((a, b) => a.length - b.length)[0] ?? []
    if (fewest.length > 0) return fewest
  }
  if (rules.const !== undefined && rules.const !== value) return wrong(`const ${rules.const}`)
  if (Array.isArray(rules.enum) && !rules.enum.includes(value)) return wrong(`enum ${rules.enum.join(', ')}`)
  if (typeof rules.type === 'string' && !isOf(rules.type, value)) return wrong(`type ${rules.type}`)
  if (typeof value === 'string' && typeof rules.pattern === 'string' && !new RegExp(rules.pattern, 'u').test(value))
    return wrong(`pattern ${rules.pattern}`)
  if (
    typeof value === 'number' &&
    (value < Number(rules.minimum ?? -Infinity) || value > Number(rules.maximum ?? Infinity))
  )
    return wrong('range')
  if (Array.isArray(value))
    return value.flatMap((item, at) => (rules.items === undefined ? [] : misfits(rules.items, item, `${path}/${at}`)))
  return typeof value === 'object' && value !== null ? ofObject(rules, value as Schema, path) : []
}

function ofObject(rules: Schema, value: Schema, path: string): string[] {
  const known = (rules.properties ?? {}) as Schema
  const missing = ((rules.required ?? []) as readonly string[]).filter((key) => !(key in value))
  return [
    ...missing.map((key) => `${path}/${key}: required`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const below = known[key] ?? rules.additionalProperties
      const named = rules.propertyNames === undefined ? [] : misfits(rules.propertyNames, key, `${path}/${key}`)
      if (below === false) return [`${path}/${key}: unknown`]
      return [...named, ...(below === undefined || below === true ? [] : misfits(below, item, `${path}/${key}`))]
    }),
  ]
}

function isOf(type: string, value: Json): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return type === 'null' ? value === null : typeof value === type
}
