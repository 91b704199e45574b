import { jsonSchema } from '../../src/config/json-schema.ts'
import type { Generate } from '../generated.ts'

/** The JSON Schema that editors use; the same as `muster config schema` prints. */
export const generate: Generate = async () => [
  { path: 'docs/reference/muster.schema.json', content: `${JSON.stringify(jsonSchema(), undefined, 2)}\n` },
]
