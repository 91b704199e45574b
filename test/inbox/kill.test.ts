/** SIGKILL of `muster serve` under load, at random moments: whatever was said to be kept is there afterwards, once. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertKey } from '../../src/model/alert.ts'
import { fingerprintOf } from '../../src/sources/inbox/alertmanager/index.ts'
import { startServe } from '../e2e/daemon.ts'
import { makeWorkspace, type Workspace } from '../e2e/workspace.ts'
import { deep } from '../real/deep.ts'
import { until } from '../real/wait.ts'
import { labelsOf, startLoad, startsAt } from './load.ts'

const turns = deep ? 200 : 5

let space: Workspace
beforeAll(() => {
  space = makeWorkspace()
  const config = { inbox: {}, diagnose: { wait: '1h' }, server: { listen: '127.0.0.1:0' } }
  writeFileSync(space.place.at('muster.yaml'), JSON.stringify(config))
})
afterAll(() => space[Symbol.dispose]())

const ready = (url: string) => until('it is ready', async () => (await fetch(`${url}readyz`)).ok)

describe('muster serve killed while alerts come in', () => {
  it(`loses none that it said were kept, at ${turns} moments`, { timeout: 1_200_000 }, async () => {
    const kept = new Set<string>()
    const others: number[] = []
    for (let turn = 0; turn < turns; turn++) {
      await using serve = await startServe(space)
      await ready(serve.url)
      const load = startLoad(serve.url, `t${turn}`, { each: turn % 2 === 0 ? 1 : 20 })
      await until('some are kept', () => load.kept.size > 0)
      await pause(Math.random() * 400)
      await serve.stop('SIGKILL')
      await load.done
      for (const n of load.kept) kept.add(n)
      others.push(...[...load.statuses.keys()].filter((status) => status !== 200 && status !== 503))
    }
    expect(others).toEqual([])
    await using serve = await startServe(space)
    await using ledger = await space.ledger()
    await until('all is sorted', async () => (await ledger.intakeBacklog()).bodies === 0, 60_000)
    const keys = [...kept].map((n) =>
      alertKey({ fingerprint: fingerprintOf(labelsOf(n)), startsAt: new Date(startsAt), status: 'firing' }),
    )
    const known = await ledger.knownAlerts(keys)
    expect(keys.filter((key) => !known.has(key))).toEqual([])
    assert.ok(keys.length > turns * 5, `${keys.length}`)
    // One group, one question, whoever died in between.
    expect((await ledger.diagnoses({ most: 5 })).map(({ group }) => group)).toEqual(['plan/7'])
    expect(await serve.stop('SIGTERM')).toMatchObject({ code: 0 })
  })
})
