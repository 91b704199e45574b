/** Two processes on one ledger that are told the same at the same time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, it } from 'vitest'
import { openedLedger } from '../notify/app.ts'

const place = mkdtempSync(join(tmpdir(), 'muster-two-servers-'))
const teller = new URL('./teller.ts', import.meta.url).pathname
const jobs = Array.from({ length: 40 }, (_, at) => `${at}`)
const pings = Object.fromEntries(
  jobs.map((job) => [`job-${job}`, { key: `the-key-of-the-laptop-${job}`, schedule: '15 2 * * *', grace: '3h' }]),
)

const servers = [1, 2].map(() => {
  const child = spawn(process.execPath, [teller, place, JSON.stringify({ repositories: {}, jobs: {}, pings })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    child,
    said: async () => (await lines.next()).value,
    tell: (line: string) => child.stdin.write(`${line}\n`),
  }
})
afterAll(async () => {
  for (const { child } of servers) child.kill('SIGKILL')
  rmSync(place, { recursive: true, force: true })
})

it('are one run, and its end leaves none open', { timeout: 30_000 }, async () => {
  expect(await Promise.all(servers.map(({ said }) => said()))).toEqual(['open', 'open'])
  for (const job of jobs) {
    for (const { tell } of servers) tell(`${job} start`)
    expect(await Promise.all(servers.map(({ said }) => said()))).toEqual(['taken', 'taken'])
    servers[0]?.tell(`${job} 0`)
    expect(await servers[0]?.said()).toBe('taken')
  }
  for (const { child } of servers) {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
  }
  await using ledger = await openedLedger(place)
  expect(await ledger.openRuns()).toEqual([])
  expect(await ledger.runs({ most: 999 })).toHaveLength(jobs.length)
})
