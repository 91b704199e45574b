/** What the application works with, for tests that tell by a clock of their own. */
import type { App } from '../../src/app/context.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { openLog } from '../../src/system/log.ts'

/** @param jobs Names of jobs in the repository `nas`. @param more `notify`, `metrics` and whatever else the configuration is to have. */
export const configText = (jobs: readonly string[], more: object): string =>
  JSON.stringify({
    repositories: { nas: { tool: 'restic', url: '/nas', password: { env: 'P' } } },
    jobs: Object.fromEntries(jobs.map((name) => [name, { repository: 'nas', sources: ['/x'], tags: [name] }])),
    ...more,
  })

export function makeApp(text: string, ledger: Ledger, now = (): Date => new Date()): App {
  const { config, errors } = parseConfig(text)
  if (config === undefined) throw new Error(JSON.stringify(errors))
  const self = { host: 'here', pid: process.pid, started: '1', boot: 'b' }
  return { config, ledger, env: {}, now, log: openLog('silent'), self, user: 'root' }
}

export async function openedLedger(folder: string, now = new Date()): Promise<Ledger> {
  const opened = await openSqliteLedger(folder, now)
  if (!opened.ok) throw new Error(opened.problem.message)
  return opened.value
}
