/** SIGKILL at many moments of telling and handing on: nothing is lost, and what comes twice bears one key. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { serveGateway } from '../pushing/servers.ts'
import { deep } from '../real/deep.ts'
import { makePlace } from '../real/place.ts'
import { roller } from '../real/roller.ts'
import { configText } from './app.ts'
import { serveNtfy } from './ntfy.ts'
import { openTeller, tellRound } from './teller.ts'

const moments = deep ? 240 : 24
/** Longer than another process is waited for. */
const leaseMs = 5 * 60_000

it(`nothing is lost at ${moments} moments, and each is told twice at most`, { timeout: 1_800_000 }, async () => {
  using place = makePlace()
  await using ntfy = await serveNtfy(place.path, ['--visitor-message-daily-limit', '100000'])
  await using gateway = await serveGateway()
  const hooked: { id: string; title: string; entries: { event: string; name: string }[] }[] = []
  const hook = createServer((request, response) => {
    let raw = ''
    request.on('data', (data: Buffer) => {
      raw += data.toString()
    })
    request.on('end', () => {
      hooked.push(JSON.parse(raw))
      response.end('OK')
    })
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const [folder, config] = [place.at('state'), place.at('muster.yaml')]
  const names = Array.from({ length: moments + 2 }, (_, at) => `job-${at}`)
  writeFileSync(
    config,
    configText(names, {
      notify: {
        phone: { kind: 'ntfy', url: ntfy.url, topic: 'killed', groupWait: '0s' },
        hook: { kind: 'webhook', url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, groupWait: '0s' },
      },
      metrics: { pushgateway: { url: gateway.url, instance: 'here' } },
    }),
  )

  const tellFirst = async (): Promise<void> => {
    await using app = await openTeller(folder, config, laterOf(0))
    await tellRound(app, 0, names.length)
  }
  /** Ready, with everything loaded. */
  const startOne = async (): Promise<{ child: ChildProcess; ended: Promise<unknown>; done: Promise<unknown> }> => {
    const child = spawn(
      process.execPath,
      [new URL('./teller.ts', import.meta.url).pathname, folder, config, String(names.length)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        // Most of its time would go into reading itself.
        env: { ...process.env, NODE_COMPILE_CACHE: place.at('compiled') },
      },
    )
    const lines = createInterface(child.stdout)
    const ended = once(child, 'close')
    await once(lines, 'line')
    return { child, ended, done: once(lines, 'line') }
  }
  const laterOf = (round: number): number => round * 2 * leaseMs

  // The first has most to do; the second is one that nobody kills, for how long it takes.
  await tellFirst()
  const whole = await startOne()
  const begun = performance.now()
  whole.child.stdin?.write(`1 ${laterOf(1)}\n`)
  await whole.done
  const wholeMs = performance.now() - begun
  await whole.ended

  const roll = roller(11)
  const found = { before: 0, within: 0, after: 0 }
  let next = startOne()
  for (let round = 2; round < names.length; round += 1) {
    const { child, ended } = await next
    child.stdin?.write(`${round} ${laterOf(round)}\n`)
    // Somewhere, and in the end everywhere.
    await pause((wholeMs * (round - 2 + roll(1000) / 1000)) / moments)
    child.kill('SIGKILL')
    await ended
    next = round + 1 < names.length ? startOne() : next
    await using app = await openTeller(folder, config, laterOf(round) + leaseMs)
    const told = (await app.ledger.incidents({})).some(({ name }) => name === `job-${round}`)
    const waits = [
      ...(await app.ledger.deliveries({ states: ['pending'], most: 10 })),
      ...(await app.ledger.pushes()).filter(({ state }) => state === 'pending'),
    ]
    found[!told ? 'before' : waits.length > 0 ? 'within' : 'after'] += 1
    await tellRound(app, round, names.length)
    expect(await app.ledger.deliveries({ states: ['pending'], most: 10 })).toEqual([])
    expect((await app.ledger.pushes()).filter(({ state }) => state !== 'kept')).toEqual([])
  }
  hook.close()

  await using app = await openTeller(folder, config, laterOf(names.length))
  const deliveries = await app.ledger.deliveries({ most: 10_000 })
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']))
  const arrived = await ntfy.messages('killed')
  for (const [notifier, came] of [
    ['hook', hooked.map(({ id }) => id)],
    ['phone', arrived.map(({ sequence_id: id }) => id)],
  ] as const) {
    const mine = deliveries.filter((one) => one.notifier === notifier)
    const times = Map.groupBy(came, (id) => id)
    expect([...times.keys()].sort()).toEqual(mine.map(({ id }) => id).sort())
    expect(Math.max(...[...times.values()].map((all) => all.length))).toBeLessThanOrEqual(2)
    // Each that failed is told once as such, and once as fine again; the last one still fails.
    const entries = mine.flatMap(({ message }) => message.entries.map(({ event, name }) => `${name} ${event}`))
    expect(entries.sort()).toEqual(
      names.flatMap((name, at) => [`${name} opened`, ...(at < names.length - 1 ? [`${name} closed`] : [])]).sort(),
    )
  }
  const values = await gateway.values('muster_job_last_run_timestamp_seconds')
  expect(Object.values(values).sort((a, b) => a - b)).toEqual(names.map((_, at) => at + 1))
  expect(await app.ledger.verify()).toEqual([])
  expect(found.within, JSON.stringify(found)).toBeGreaterThanOrEqual(moments / 6)
  if (deep) expect(found.before + found.within).toBeGreaterThanOrEqual(moments / 2)
})
