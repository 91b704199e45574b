/**
 * A process that tells and hands on what one round found: `node teller.ts FOLDER CONFIG JOBS`, then on its input a line
 * `ROUND MS`, by whose clock it is so much later. It prints `ready`, and `done`.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { App } from '../../src/app/context.ts'
import { push } from '../../src/app/pushing/push.ts'
import { want } from '../../src/app/pushing/want.ts'
import { deliver } from '../../src/app/telling/deliver.ts'
import { tell } from '../../src/app/telling/tell.ts'
import type { Standing } from '../../src/model/standing.ts'
import { failingStanding, makeJob, makeRun, makeStanding } from '../http/standings.ts'
import { makeApp, openedLedger } from './app.ts'

export async function openTeller(folder: string, config: string, laterMs: number): Promise<App & AsyncDisposable> {
  const now = (): Date => new Date(Date.now() + laterMs)
  const ledger = await openedLedger(folder, now())
  const app = makeApp(readFileSync(config, 'utf8'), ledger, now)
  return { ...app, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() }
}

/** In each round the job of its number fails, the one before is fine again, and the newest run of each is that of its number. */
function standingOf(round: number, jobs: number, now: Date): Standing {
  const failing = failingStanding.jobs[0] ?? makeJob()
  return makeStanding({
    now,
    repositories: [],
    totals: [],
    jobs: Array.from({ length: jobs }, (_, at) => {
      const ended = new Date((at <= round ? at + 1 : 0) * 1000)
      const last = makeRun({ id: `run-${at}`, job: `job-${at}`, startedAt: new Date(0), endedAt: ended })
      const operations = at <= round ? [{ operation: 'backup' as const, last }] : []
      return { ...(at === round ? failing : makeJob()), name: `job-${at}`, repository: 'nas', operations }
    }),
  })
}

export async function tellRound(app: App, round: number, jobs: number): Promise<void> {
  const { signal } = new AbortController()
  const standing = standingOf(round, jobs, app.now())
  await tell(app, standing)
  await want(app, standing)
  await Promise.all([deliver(app, signal), push(app, 'pushgateway', { signal, otlp: async () => new Uint8Array() })])
}

if (import.meta.main) {
  const [, , folder = '', config = '', jobs = '0'] = process.argv
  process.stdout.write('ready\n')
  const [line] = (await once(createInterface(process.stdin), 'line')) as [string]
  const [round = 0, laterMs = 0] = line.split(' ').map(Number)
  await using app = await openTeller(folder, config, laterMs)
  await tellRound(app, round, Number(jobs))
  process.stdout.write('done\n')
  process.exit(0)
}
