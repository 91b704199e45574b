/** Loads the configuration of another program, as `--from SYSTEM:FILE` and `muster import` name it. */
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { explain } from '../explain.ts'
import type { ConfigFinding } from '../finding.ts'
import { type LoadedConfig, readText } from '../load.ts'
import { nearest } from '../nearest.ts'
import { Metrics, type Pushgateway } from '../schema/metrics.ts'
import { Notify } from '../schema/notify.ts'
import { Name, Repository } from '../schema/repository.ts'
import { Config } from '../schema.ts'
import type { Imported, Importer, ImportWish } from './importer.ts'
import { importers } from './registry.generated.ts'
import { printed } from './shell.ts'

/** A list of repositories that are all switched off is no error there: it is what somebody wanted. */
const Foreign = Config.extend({ repositories: z.record(Name, Repository) })

export interface LoadedForeign extends LoadedConfig {
  readonly importer?: Importer
  readonly bind?: string
  readonly log?: NonNullable<Imported['log']>
  /** Who is to be told of the errors. */
  readonly tell?: Readonly<Record<string, Notify>>
  /** The gateway that is told of them, its group filled in. */
  readonly gateway?: Pushgateway
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

/**
 * @param from `SYSTEM:FILE`; without a file that of `--config`, else the one the other program reads. `SYSTEM` alone where the
 * environment says all.
 */
export function loadForeign(
  from: string,
  named: string | undefined,
  wish: ImportWish,
  env: NodeJS.ProcessEnv,
): LoadedForeign {
  const [, system = from, given = ''] = /^([^:]*):(.*)$/s.exec(from) ?? []
  const importer = importerOf(system)
  if (importer === undefined) {
    const near = nearest(system, systems)
    const next = near === undefined ? `Known: ${systems.join(', ')}.` : `Did you mean ${near}:${given || 'FILE'}?`
    return refused(`--from ${from.slice(0, 100)}`, `there is no system ${JSON.stringify(system.slice(0, 60))}`, next)
  }
  const place = placeFor(importer, given, named)
  if (typeof place !== 'string') return refused(`--from ${from.slice(0, 100)}`, place.message, place.next)
  const imported = importForeign(importer, place, wish, env)
  const { raw, errors, warnings, bind, log, tell, gateway } = imported
  const found = { file: place, importer, warnings, ...(bind !== undefined && { bind }), ...(log && { log }) }
  if (raw === undefined) return { ...found, errors, ...toldBy(tell, gateway) }
  const parsed = Foreign.safeParse(raw)
  if (parsed.success) return { ...found, config: parsed.data, errors: [] }
  return {
    ...found,
    errors: explain(parsed.error.issues, raw).map((finding) => traced(finding, imported)),
    ...toldBy(raw.notify, gateway),
  }
}

/** Those who can be told, whatever else is wrong. */
function toldBy(notify: unknown, pushgateway: unknown): Pick<LoadedForeign, 'tell' | 'gateway'> {
  const parsed = z.record(Name, Notify).safeParse(notify)
  const gateway = Metrics.safeParse({ pushgateway }).data?.pushgateway
  return { ...(parsed.success && { tell: parsed.data }), ...(gateway && { gateway }) }
}

/** Told where a person wrote it. */
function traced(finding: ConfigFinding, { origin }: Imported): ConfigFinding {
  const setting = origin?.(finding.path)
  return setting === undefined ? finding : { ...finding, path: [setting] }
}

/** The file of an importer, or what it is called where there is none. */
function placeFor(
  importer: Importer,
  given: string,
  named: string | undefined,
): string | Pick<ConfigFinding, 'message' | 'next'> {
  if (importer.reads === 'file' && given !== '' && named !== undefined)
    return { message: 'the file is named twice, by --from and by --config', next: 'Leave one out.' }
  if (importer.reads === 'file') return resolve(given || named || importer.defaultFile)
  if (given === '' && named === undefined) return environment
  return { message: `${importer.system} reads no file`, next: `Write --from ${importer.system} alone.` }
}

/** Stands for a file in what is told. */
const environment = 'environment'

/** The file or the environment in the words of muster.yaml; that it cannot be read is among the errors. */
export function importForeign(importer: Importer, file: string, wish: ImportWish, env: NodeJS.ProcessEnv): Imported {
  if (importer.reads === 'environment')
    return importer.read({ variables: env, host: hostname(), readText, shell: (code) => printed(code, env) }, wish)
  const text = readText(file)
  return typeof text === 'string' ? importer.read(text, wish) : { errors: [text], warnings: [], notes: [], leftOut: [] }
}

export const importerOf = (system: string): Importer | undefined => all.find((one) => one.system === system)
