/** `muster import`: the text of a muster.yaml on standard output, warnings on standard error. */
import { resolve } from 'node:path'
import { sayFinding } from '../config/finding.ts'
import { importerOf, importForeign, systems } from '../config/import/load.ts'
import { renderImported } from '../config/import/render.ts'
import { parseConfig } from '../config/parse.ts'
import { exitCodes } from './exit.ts'
import type { ImportOptions } from './import.ts'

export async function importIt(
  system: string,
  named: string | undefined,
  { cron, quiet }: ImportOptions,
): Promise<number> {
  const importer = importerOf(system)
  if (importer === undefined) {
    process.stderr.write(`There is no system ${JSON.stringify(system)}.\n    → Known: ${systems.join(', ')}\n`)
    return exitCodes.usage
  }
  if ((importer.reads === 'environment') !== (named === undefined)) {
    const [what, next] = named === undefined ? ['reads a file', 'FILE'] : ['reads no file', '']
    process.stderr.write(`${system} ${what}.\n    → muster import ${system} ${next}\n`)
    return exitCodes.usage
  }
  const file = named === undefined ? 'environment' : resolve(named)
  const imported = importForeign(importer, file, { printed: true, ...(cron !== undefined && { cron }) }, process.env)
  for (const warning of quiet === true ? [] : imported.warnings)
    process.stderr.write(`warning: ${sayFinding(file, warning)}\n`)
  for (const error of imported.errors) process.stderr.write(`${sayFinding(file, error)}\n`)
  if (imported.raw === undefined) return exitCodes.usage
  const text = renderImported(system, imported)
  process.stdout.write(text)
  // What is missing over there is missing here, and muster.yaml is stricter.
  const missing = parseConfig(text).errors
  for (const error of missing)
    process.stderr.write(`the printed file has to be completed: ${sayFinding('muster.yaml', error)}\n`)
  return missing.length === 0 ? exitCodes.fine : exitCodes.warnings
}
