/** One entry of restic-reporter's list: its keys in any case, as Go reads them. */
import type { ConfigFinding } from '../../finding.ts'
import { nearest } from '../../nearest.ts'
import type { JsonNode } from '../json.ts'

export interface Fields {
  readonly disabled: boolean
  readonly repo: string
  readonly password: string
  readonly vault_material: string
  readonly b2_vault_material: string
  readonly b2_account_id: string
  readonly b2_key: string
}

/** A finding before its offset became a line. */
export type Found = Pick<ConfigFinding, 'path' | 'message' | 'next'> & { readonly at: number }

export interface ReadFields {
  readonly fields: Fields
  readonly errors: readonly Found[]
  readonly warnings: readonly Found[]
}

const empty: Fields = {
  disabled: false,
  repo: '',
  password: '',
  vault_material: '',
  b2_vault_material: '',
  b2_account_id: '',
  b2_key: '',
}
const known = Object.keys(empty) as (keyof Fields)[]

/** The last one of a key wins, and `null` leaves a key as it is: so does Go's `encoding/json`. No value is repeated. */
export function readFields(node: Extract<JsonNode, { kind: 'object' }>, index: number): ReadFields {
  const fields: Record<keyof Fields, string | boolean> = { ...empty }
  const errors: Found[] = []
  const warnings: Found[] = []
  const seen = new Set<string>()
  for (const { key, at, value } of node.entries) {
    const path = [index, key]
    const name = known.find((one) => one === key.toLowerCase())
    if (name === undefined) {
      const near = nearest(key.toLowerCase(), known)
      const next = near === undefined ? 'Take it out; nothing reads it.' : `Did you mean ${JSON.stringify(near)}?`
      warnings.push({ at, path, message: 'unknown key, not carried', next })
      continue
    }
    if (seen.has(name))
      warnings.push({ at, path, message: 'stands here twice; this one counts', next: 'Take one out.' })
    seen.add(name)
    if (value.kind === 'other' && value.value === null) continue
    if (name === 'disabled' ? value.kind === 'other' && typeof value.value === 'boolean' : value.kind === 'text')
      fields[name] = (value as { value: string | boolean }).value
    else errors.push({ at: value.at, path, ...(name === 'disabled' ? noSwitch : noText) })
  }
  return { fields: fields as unknown as Fields, errors, warnings }
}

const noSwitch = { message: 'is neither true nor false', next: 'Write true or false, without quotes.' }
const noText = { message: 'is no text', next: 'Write a text in double quotes.' }
