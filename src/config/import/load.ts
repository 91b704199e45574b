/** Loads the configuration of another program, as `--from SYSTEM:FILE` and `muster import` name it. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { explain } from '../explain.ts'
import type { ConfigFinding } from '../finding.ts'
import { type LoadedConfig, readText } from '../load.ts'
import { nearest } from '../nearest.ts'
import { Name, Repository } from '../schema/repository.ts'
import { Config } from '../schema.ts'
import type { Imported, Importer, ImportWish } from './importer.ts'
import { importers } from './registry.generated.ts'

/** A list of repositories that are all switched off is no error there: it is what somebody wanted. */
const Foreign = Config.extend({ repositories: z.record(Name, Repository) })

export interface LoadedForeign extends LoadedConfig {
  readonly importer?: Importer
}

/** What is wrong with the words of the command line. */
const refused = (
  file: string,
  message: string,
  next: string,
): { file: string; errors: ConfigFinding[]; warnings: [] } => ({
  file,
  errors: [{ path: [], message, next }],
  warnings: [],
})

const all: readonly Importer[] = Object.values(importers)

export const systems: readonly string[] = all.map(({ system }) => system)

/** @param from `SYSTEM:FILE`; without a file that of `--config`, else the one the other program reads. */
export function loadForeign(from: string, named: string | undefined, wish: ImportWish): LoadedForeign {
  const [, system = from, given = ''] = /^([^:]*):(.*)$/s.exec(from) ?? []
  const importer = all.find((one) => one.system === system)
  if (importer === undefined) {
    const near = nearest(system, systems)
    const next = near === undefined ? `Known: ${systems.join(', ')}.` : `Did you mean ${near}:${given || 'FILE'}?`
    return refused(`--from ${from.slice(0, 100)}`, `there is no system ${JSON.stringify(system.slice(0, 60))}`, next)
  }
  if (given !== '' && named !== undefined)
    return refused(
      `--from ${from.slice(0, 100)}`,
      'the file is named twice, by --from and by --config',
      'Leave one out.',
    )
  const file = resolve(given || named || importer.defaultFile)
  const imported = importForeign(importer, file, wish)
  if (imported.raw === undefined) return { file, importer, errors: imported.errors, warnings: imported.warnings }
  const parsed = Foreign.safeParse(imported.raw)
  if (parsed.success) return { file, importer, config: parsed.data, errors: [], warnings: imported.warnings }
  return { file, importer, errors: explain(parsed.error.issues, imported.raw), warnings: imported.warnings }
}

/** The file in the words of muster.yaml; that it cannot be read is among the errors. */
export function importForeign(importer: Importer, file: string, wish: ImportWish): Imported {
  const text = readText(file)
  return typeof text === 'string' ? importer.read(text, wish) : { errors: [text], warnings: [], notes: [], leftOut: [] }
}

export const importerOf = (system: string): Importer | undefined => all.find((one) => one.system === system)
