/**
 * A process that takes one alert, sorts it, looks into it and answers: `node answerer.ts FOLDER CONFIG`, then on its input a line
 * `ALERT MS`: the name of the alert, and by whose clock it is how much later. It prints `ready`, `kept` and `done`.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { App } from '../../src/app/context.ts'
import { lookInto } from '../../src/app/diagnosing/diagnosing.ts'
import { openIntake } from '../../src/app/inbox/intake.ts'
import { sortBodies } from '../../src/app/inbox/sort.ts'
import { standingOf } from '../../src/app/standing.ts'
import { deliver } from '../../src/app/telling/deliver.ts'
import { makeApp, openedLedger } from '../notify/app.ts'

export const leaseMs = 60_000

export async function openAnswerer(folder: string, config: string, laterMs: number): Promise<App & AsyncDisposable> {
  const now = (): Date => new Date(Date.now() + laterMs)
  const ledger = await openedLedger(folder, now())
  const app = makeApp(readFileSync(config, 'utf8'), ledger, now)
  return { ...app, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() }
}

export const bodyOf = (name: string): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      version: '4',
      groupKey: name,
      alerts: [{ status: 'firing', labels: { alertname: 'BackupFailed', name } }],
    }),
  )

/** Everything that is left to do, as the daemon does it. */
export async function answerAll(app: App): Promise<void> {
  const { signal } = new AbortController()
  while ((await sortBodies(app)).bodies > 0);
  for (;;) {
    const diagnosis = await app.ledger.claimDiagnosis(app.now(), leaseMs)
    if (diagnosis === undefined) break
    await lookInto(app, diagnosis, () => standingOf(app, { configLoadedAt: app.now() }), signal)
  }
  await deliver(app, signal)
}

if (import.meta.main) {
  const [, , folder = '', config = ''] = process.argv
  process.stdout.write('ready\n')
  const [line] = (await once(createInterface(process.stdin), 'line')) as [string]
  const [name = '', laterMs = '0'] = line.split(' ')
  await using app = await openAnswerer(folder, config, Number(laterMs))
  const taken = await openIntake(
    () => app,
    () => false,
    () => {},
  ).take(bodyOf(name))
  process.stdout.write(`${taken.state}\n`)
  await answerAll(app)
  process.stdout.write('done\n')
  process.exit(0)
}
