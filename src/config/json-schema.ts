/** The JSON Schema of `muster.yaml`, for editors: of what is written into the file, not of what becomes of it. */
import { z } from 'zod'
import { Config } from './schema.ts'
import { metaOf } from './schema-walk.ts'

export function jsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(Config, {
      io: 'input',
      target: 'draft-2020-12',
      unrepresentable: 'any',
      // zod leaves examples of a transformed value out, as they might be of its output; ours are of the input.
      override: ({ zodSchema, jsonSchema: made }) => {
        const { examples } = metaOf(zodSchema)
        if (examples !== undefined) made.examples = [...examples]
      },
    }),
    title: 'Muster',
    description: 'Configuration of Muster. Every listing of the keys comes from this schema.',
  }
}
