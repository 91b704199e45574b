import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probe } from '../../src/model/diagnosis.ts'
import { Secret } from '../../src/model/secret.ts'
import { probeNs8 } from '../../src/sources/platforms/ns8/index.ts'
import { isAlive } from '../../src/system/pids.ts'
import { makePlace, type Place } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { flipInConfig, type Modules, makeModules, removePacks } from './modules.ts'

let place: Place
let modules: Modules
beforeAll(async () => {
  place = makePlace()
  modules = await makeModules(place)
})
afterAll(() => place[Symbol.dispose]())

const never = new AbortController().signal
const look = (module: string, { plan = '1', check = false, signal = never } = {}): Promise<Probe> =>
  probeNs8(
    { module, plan, check },
    { runagent: modules.runagent, env: process.env, secrets: [new Secret('canary-in-words')] },
    signal,
  )

describe('the repository of a module, by real restic', () => {
  it('sound: how many snapshots, and when the newest was made', async () => {
    modules.add('mail1')
    const probe = await look('mail1')
    expect(probe).toMatchObject({ part: 'mail1', soundness: 'sound', snapshots: 2, exitCode: 0 })
    expect(probe.newestAt?.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(modules.calls().at(-1)).toBe('-m mail1 restic-wrapper --backup 1 snapshots --json')
    expect(await look('mail1', { check: true })).toMatchObject({ soundness: 'sound', snapshots: 2 })
    expect(modules.calls().at(-1)).toBe('-m mail1 restic-wrapper --backup 1 check')
  })

  it('empty', async () => {
    modules.add('empty1')
    expect(await look('empty1')).toMatchObject({ soundness: 'empty', snapshots: 0 })
  })

  it('damaged: seen at once where it cannot be opened, by a check where data is gone', async () => {
    modules.add('config1', flipInConfig)
    expect(await look('config1')).toMatchObject({
      soundness: 'damaged',
      problem: { code: 'restic.damaged' },
      exitCode: 1,
    })
    modules.add('packs1', removePacks)
    expect(await look('packs1')).toMatchObject({ soundness: 'sound', snapshots: 2 })
    const checked = await look('packs1', { check: true })
    expect(checked).toMatchObject({ soundness: 'damaged', snapshots: 2, problem: { code: 'restic.damaged' } })
    expect(checked.words).not.toBe('')
  })

  it('locked by somebody at work', async () => {
    modules.add('locked1')
    await using _holder = await modules.lock('locked1')
    const probe = await look('locked1')
    expect(probe).toMatchObject({ soundness: 'locked', exitCode: 11 })
    expect(probe.words).toMatch(/locked exclusively by PID/)
  })

  it('wrong password, and gone', async () => {
    modules.add('password1', undefined, 'canary-in-words')
    const probe = await look('password1')
    expect(probe).toMatchObject({ soundness: 'credentials', exitCode: 12, problem: { code: 'restic.password' } })
    expect(JSON.stringify(probe)).not.toContain('canary-')
    modules.add('gone1', (repository) => rmSync(repository, { recursive: true }))
    expect(await look('gone1')).toMatchObject({ soundness: 'gone', exitCode: 10 })
  })
})

describe('what is no answer about the repository', () => {
  it('a module of another node, and a plan that it has no part in', async () => {
    expect(await look('away1')).toMatchObject({ soundness: 'unknown', problem: { code: 'ns8.no-module' }, exitCode: 1 })
    expect(await look('mail1', { plan: '9' })).toMatchObject({
      soundness: 'tool error',
      problem: { code: 'ns8.wrapper' },
      exitCode: 2,
    })
  })

  it('one that hangs is ended with all it started', async () => {
    modules.add('hang1')
    writeFileSync(modules.at('hang1', 'hangs'), '')
    const began = performance.now()
    expect(await look('hang1', { signal: AbortSignal.timeout(400) })).toMatchObject({ soundness: 'unknown' })
    expect(performance.now() - began).toBeLessThan(5_000)
    const pids = readFileSync(modules.at('hang1', 'pid'), 'utf8').trim().split('\n').map(Number)
    expect(pids).toHaveLength(2)
    await until('all of it has ended', () => pids.every((pid) => !isAlive(pid)))
  })

  it('no runagent', async () => {
    const probe = await probeNs8({ module: 'mail1', check: false }, { runagent: [place.at('none')] }, never)
    expect(probe).toMatchObject({ soundness: 'unknown', problem: { code: 'ns8.no-runagent' } })
  })

  it.each(['-rf', '--all', 'mail1;id', '../mail1', '$(id)', '', 'a b', 'x'.repeat(65)])(
    '%s is no module, and starts nothing',
    async (odd) => {
      const before = modules.calls().length
      expect(await look(odd)).toMatchObject({ soundness: 'unknown', problem: { code: 'ns8.plan-id' } })
      expect(await look('mail1', { plan: odd })).toMatchObject({ soundness: 'unknown' })
      expect(modules.calls()).toHaveLength(before)
    },
  )

  /** What older ones and other stores say, as their words came. */
  it.each([
    ['Fatal: wrong password or no key found', 'credentials'],
    [
      'Fatal: unable to create lock in backend: repository is already locked exclusively by PID 7 on h by root',
      'locked',
    ],
    [
      'Fatal: unable to open config file: Stat: The specified key does not exist.\nIs there a repository at the following location?\ns3:h/b',
      'gone',
    ],
    ['Fatal: unable to open repository at s3:https://u:hunter22@h/b: dial tcp: lookup h: no such host', 'unreachable'],
    ['Fatal: unable to save snapshot: no space left on device', 'full'],
    ['subprocess ssh: Host key verification failed.\nFatal: unable to start the sftp session', 'host key'],
    ['Error: something new', 'tool error'],
  ])('%s', async (said, soundness) => {
    modules.add('says1')
    writeFileSync(modules.at('says1', 'says'), `${said}\n\u001b[31m${'long '.repeat(2_000)}canary-in-words\n`)
    const probe = await look('says1')
    rmSync(modules.at('says1', '.'), { recursive: true })
    rmSync(place.at('repository-says1'), { recursive: true })
    expect(probe.soundness).toBe(soundness)
    expect(probe.words?.length).toBeLessThanOrEqual(2_000)
    expect(JSON.stringify(probe)).not.toMatch(/hunter22|canary|\p{Cc}/u)
  })
})
