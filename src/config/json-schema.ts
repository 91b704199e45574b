/** The JSON Schema of `muster.yaml`, for editors: of what is written into the file, not of what becomes of it. */
import { z } from 'zod'
import { Config } from './schema.ts'

export function jsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(Config, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' }),
    title: 'Muster',
    description: 'Configuration of Muster. Every listing of the keys comes from this schema.',
  }
}
