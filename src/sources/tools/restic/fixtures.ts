/** The recorded cases, for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Recorded = z.record(z.string(), z.object({ code: z.int(), stdout: z.string(), stderr: z.string() }))

export type Recording = z.output<typeof Recorded>[string]

export const recordedVersions = ['0.14', '0.18', '0.19'] as const

/** What a version said in a case; throws for a case that was not recorded. */
export function recorded(version: (typeof recordedVersions)[number], name: string): Recording {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${version}.json`), 'utf8')
  const recording = Recorded.parse(JSON.parse(text))[name]
  if (recording === undefined) throw new Error(`${version} has no recording of ${name}`)
  return recording
}
