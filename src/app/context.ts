/** What every piece of the application works with: the configuration in force, the ledger, the clock, who we are. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config, Repository } from '../config/schema.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ProcessMark } from '../model/process-mark.ts'
import type { ReaderMemory } from '../sources/readers/restic/index.ts'
import type { Log } from '../system/log.ts'
import type { Recollections } from './recollection.ts'
import type { Slots } from './slots.ts'

export interface App {
  readonly config: Config
  readonly ledger: Ledger
  readonly env: NodeJS.ProcessEnv
  readonly now: () => Date
  readonly log: Log
  readonly self: ProcessMark
  /** The user that runs Muster, as the system knows it; snapshots made here carry it. */
  readonly user: string | undefined
  /** Keys of repositories, kept from one reading to the next; absent where one reading is made. */
  readonly memory?: ReaderMemory
  /** What the last readings found, likewise. */
  readonly recollections?: Recollections
  /** Limits how many readings start a program at once; absent where one reading is made. */
  readonly programSlots?: Slots
  /** Limits how many repositories are worked on at once; absent where one thing is done after the other. */
  readonly slots?: Slots
  /** Whether an outcome that could not be recorded for so long is still held and tried again; default: for a minute. */
  readonly mayWait?: (elapsedMs: number) => boolean
}

/** The folder for ledger and caches. */
export function stateFolder(configured: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = [env.MUSTER_STATE, configured, env.STATE_DIRECTORY?.split(':')[0]].find(
    (value) => value !== undefined && value !== '',
  )
  if (given !== undefined) return resolve(given)
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'muster')
}

/** The zone of schedules and days: that of the file, else that of this machine. */
export const zoneOf = (config: Config): string => config.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone

/** A repository that the configuration names; the schema has checked that it is there. */
export function repositoryOf(app: Pick<App, 'config'>, name: string): Repository {
  const found = app.config.repositories[name]
  if (found === undefined) throw new Error(`no repository ${name}`)
  return found
}
