/** The page for those who come from the restic sidecar: the same variables through its script and through Muster, with real restic. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServe } from '../e2e/daemon.ts'
import { WrittenRepository } from '../readers/write-repository.ts'
import { until } from '../real/wait.ts'
import { block, openWorld, type Push, type Side, secret, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** What both leave behind after the same run. */
const both = async (env: Readonly<Record<string, string>> = {}, restic?: string) =>
  Promise.all(
    world.sides.map(async (side) => {
      const told = (await side.messages()).length
      const pushed = side.pushes().length
      const ended = await side.run(env, restic)
      return {
        ended,
        code: ended.code,
        snapshots: await side.snapshots(),
        messages: (await side.messages()).slice(told),
        pushes: side.pushes().slice(pushed).map(masked),
      }
    }),
  )
const masked = ({ method, path, body }: Push): object => ({
  method,
  path: path.replace(/^\/(?:script|muster)\//, '/'),
  body: body.replace(/^(backup_duration_seconds) \d+$/m, '$1 N').replace(/^(backup_start_timestamp) \d{10}$/m, '$1 T'),
})
const pushOf = (code: number): object => ({
  method: 'POST',
  path: '/metrics/job/backup/instance/emby',
  body: `backup_duration_seconds N\nbackup_start_timestamp T\nbackup_status{status="${code === 0 ? 'success' : 'failure'}"} ${code}\n`,
})
const filesIn = (folder: string): readonly string[] => readdirSync(folder, { recursive: true }).map(String).sort()
const one = { KEEP_LAST: '1', KEEP_HOURLY: '0', KEEP_DAILY: '0', KEEP_WEEKLY: '0', KEEP_MONTHLY: '0' }

describe('the same variables through the script and through Muster', () => {
  it('make the repository, back up, forget and check, and tell the gateway alone', async () => {
    const more = {
      ...one,
      RESTIC_CACHE_DIR: world.place.at('cache'),
      PRE_HOOK: `echo "before $RESTIC_HOSTNAME_IS" > "$RESTIC_SOURCE/hooked"`,
    }
    for (const { ended } of await both({ ...more, RESTIC_HOSTNAME_IS: 'set' }))
      expect(ended.stdout).toMatch(/not found\. Initializing a new repository\.\n(?:.|\n)*Creating snapshot\.\n/)
    writeFileSync(join(world.source, 'more'), 'more')
    const [script, muster] = await both({ ...more, RESTIC_HOSTNAME_IS: 'set' })
    // What hooks say and how each step ended stands between.
    const lines = (muster?.ended.stdout ?? '')
      .split('\n')
      .filter((line) => !/^\d\d:\d\d:\d\d |^(?:job|emby|repository) /.test(line))
    expect(
      lines.map((line) =>
        line.replace(/^\w{3} \w{3} [ \d]\d [\d:]{8} UTC \d{4} /, 'DATE ').replace(/00:\d\d:\d\d/, 'TIME'),
      ),
    ).toEqual([
      'DATE Backup process started',
      'Creating snapshot.',
      'measuring the room in the store',
      'reading the repository back',
      'Executing retention policies.',
      'pruning',
      'checking',
      'DATE Backup process completed',
      'DATE Script exited with exit code 0. Script runtime: TIME',
      '',
    ])
    for (const { code, snapshots, messages, pushes } of [script, muster].map((side) => side ?? never())) {
      expect([code, messages, pushes]).toEqual([0, [], [pushOf(0)]])
      expect(snapshots).toEqual([{ hostname: 'emby', paths: [world.source], tags: [] }])
    }
    for (const side of world.sides) expect(filesIn(join(side.repository, 'locks'))).toEqual([])
  })

  it('end with restic 3 where something could not be read, and forget nothing', async () => {
    const [script, muster] = await both({ ...one, RESTIC_SOURCE: `${world.source} ${world.place.at('gone')}` }, '0.19')
    for (const { code, snapshots, pushes } of [script, muster].map((side) => side ?? never())) {
      expect([code, pushes]).toEqual([3, [pushOf(3)]])
      expect(snapshots).toHaveLength(2)
    }
    sameMessages(script, muster, /gone/)
    expect(muster?.ended.stdout).toMatch(/Script exited with exit code 3\./)
    expect(muster?.ended.stdout).not.toMatch(/Executing retention|Backup process completed/)
  })

  it('end with what was wrong where the password is, and never with the making of a repository', async () => {
    const before = filesIn(world.muster.repository)
    const wrong = { RESTIC_PASSWORD: 'canary-of-another' }
    const [script, muster] = await both(wrong)
    // The script takes it for a missing repository; restic refuses to make one where one is.
    expect([script?.code, script?.ended.stdout]).toEqual([1, expect.stringContaining('Initializing a new repository')])
    expect([muster?.code, muster?.pushes]).toEqual([12, [pushOf(12)]])
    sameMessages(script, muster, /no key found|already exists/)
    expect(muster?.ended.stdout).not.toContain('Initializing')
    expect(filesIn(world.muster.repository)).toEqual(before)
    expect((await world.muster.run(wrong, '0.14')).code).toBe(1)
    expect(filesIn(world.muster.repository)).toEqual(before)
    // It is told with each run that fails, as before.
    expect(await world.muster.messages()).toHaveLength(3)
    const away = await world.muster.run({ RESTIC_REPOSITORY: 'rest:http://127.0.0.1:9/emby/' }, '0.14')
    expect([away.code, away.stdout]).toEqual([1, expect.stringContaining('cannot be reached')])
    expect(away.stdout).not.toContain('Initializing')
  })

  it('are told with no secret in what was said, pushed or kept', async () => {
    const said = JSON.stringify([
      await world.muster.messages(),
      world.muster.pushes(),
      await world.muster.run({ DEBUG: 'true', RESTIC_PASSWORD: 'canary-of-another' }),
    ])
    expect(said).not.toMatch(/canary/)
    // A hook sees what the script's saw, and may say it.
    const hook = {
      PRE_HOOK: 'echo "dump begins"; echo "$RESTIC_PASSWORD"; echo "mysqldump: -p$DB_PASSWORD" >&2; exit 42',
      DB_PASSWORD: 'canary-db',
    }
    const hooked = await world.muster.run(hook)
    expect([hooked.code, hooked.stdout]).toEqual([42, expect.stringContaining('mysqldump: -p***')])
    const told = await world.muster.messages()
    // All that it printed, in the body.
    expect(told.at(-1)?.message).toMatch(/Last output:\n(?:.|\n)*dump begins(?:.|\n)*mysqldump: -p\*\*\*/)
    expect(JSON.stringify([hooked, told])).not.toMatch(/canary/)
    for (const args of [
      ['import', 'env'],
      ['config', 'show', '--from', 'env'],
    ])
      expect(JSON.stringify(await world.muster.run({}, '0.18', args))).not.toMatch(/canary/)
  })
})

/** Title, priority and tags to the letter; the body ends in the log of each. */
function sameMessages(
  script: { messages: Awaited<ReturnType<Side['messages']>> } | undefined,
  muster: { messages: Awaited<ReturnType<Side['messages']>> } | undefined,
  log: RegExp,
): void {
  const heads = (side: typeof script) => side?.messages.map(({ title, priority, tags }) => ({ title, priority, tags }))
  expect(heads(muster)).toEqual([
    { title: `${hostname().split('-')[0]} - Backup failed`, priority: 4, tags: ['bangbang'] },
  ])
  expect(heads(muster)).toEqual(heads(script))
  for (const side of [script, muster]) expect(side?.messages[0]?.message).toMatch(log)
  expect(muster?.messages[0]?.message).toMatch(/Do now: (?:.|\n)*Last output:\n/)
}

const never = (): never => {
  throw new Error('one side is missing')
}

describe('locks', () => {
  const pod = 'emby-6d4cf56db6-x8k2p'
  const minutes = (count: number): string => new Date(Date.now() - count * 60_000).toISOString()
  const run = async (lock: object) => {
    const folder = world.place.at(`locked-${Math.random().toString(36).slice(2)}`)
    const repository = new WrittenRepository(folder)
    repository.key(secret)
    repository.lock({ exclusive: true, pid: 7, ...lock })
    const env = {
      RESTIC_REPOSITORY: folder,
      MUSTER_STATE: `${folder}-state`,
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      HOSTNAME: pod,
    }
    const { code, stdout } = await world.muster.run({ ...env, NTFY_ENABLED: 'false', PUSHGATEWAY_ENABLED: 'false' })
    return { code, locks: filesIn(join(folder, 'locks')).length, stdout }
  }

  it('of a pod that is dead go, and those of others and of the living stay', async () => {
    const [dead, living, foreign] = await Promise.all([
      run({ hostname: 'emby-6d4cf56db6-aaaaa', time: minutes(50) }),
      run({ hostname: 'emby-6d4cf56db6-aaaaa', time: minutes(20) }),
      run({ hostname: 'nas', time: minutes(600) }),
    ])
    expect([dead.code, dead.locks]).toEqual([0, 0])
    expect([living.code, living.locks]).toEqual([11, 1])
    expect([foreign.code, foreign.locks]).toEqual([11, 1])
  })
})

it('can be looked into: what stands how, and what could be better', async () => {
  const state = {
    MUSTER_STATE: world.place.at('state-looked'),
    RESTIC_REPOSITORY: world.place.at('looked'),
    RESTIC_CACHE_DIR: world.place.at('cache'),
  }
  expect((await world.muster.run(state)).code).toBe(0)
  const status = await world.muster.run(state, '0.18', ['status', '--from', 'env'])
  expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/fresh +job emby/)])
  const doctor = await world.muster.run(state, '0.18', ['doctor', '--from', 'env'])
  expect(doctor.stdout).toContain('0 errors')
  expect(doctor.stdout).not.toMatch(/nothing prunes|no check is scheduled/)
  const pushes = await world.muster.run(state, '0.18', ['pushes', '--from', 'env', '--json'])
  expect([pushes.code, pushes.stdout]).toEqual([0, expect.stringContaining('metrics/job/backup/instance/emby')])
  const report = await world.muster.run(state, '0.18', ['report', '--from', 'env'])
  expect([report.code, report.stdout]).toEqual([0, expect.stringContaining('emby')])
  // It was there before: none is made, and nothing says so.
  rmSync(state.RESTIC_REPOSITORY, { recursive: true })
  const gone = await world.muster.run(state)
  expect([gone.code !== 0, gone.stdout]).toEqual([true, expect.stringContaining('was there before and is gone')])
  expect(gone.stdout).not.toContain('Initializing')
})

describe('the container that stays', () => {
  const env = {
    ...one,
    SCHEDULE: '* * * * * *',
    NTFY_ENABLED: 'false',
    PUSHGATEWAY_ENABLED: 'false',
    RESTIC_HOSTNAME: 'stays',
  }
  const serve = ['serve', '--from', 'env', '--listen', '127.0.0.1:0']

  it('says what it lacks', async () => {
    const { code, stderr } = await world.muster.run({ ...env, SCHEDULE: '' }, '0.18', serve)
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/environment: SCHEDULE: is not set\n {4}→ .*SCHEDULE="0 \* \* \* \*"/),
    ])
  })

  it('backs up by its schedule, answers Prometheus, and on TERM ends what runs, cleanly and recorded', async () => {
    const state = { MUSTER_STATE: world.place.at('state-serve') }
    const hook = `if [ -f '${world.place.at('wait')}' ]; then touch '${world.place.at('waits')}'; exec sleep 60; fi`
    await using daemon = await startServe(world.muster, serve, { ...env, ...state, PRE_HOOK: hook })
    const backedUp = /^muster_job_runs_total\{[^}]*job="stays"[^}]*operation="backup"[^}]*outcome="ok"[^}]*\} [1-9]/m
    await until('a backup', async () => backedUp.test(await daemon.text()), 30_000)
    expect((await fetch(`${daemon.url}healthz`)).status).toBe(200)
    writeFileSync(world.place.at('wait'), '')
    await until('a backup that waits in its hook', () => readdirSync(world.place.path).includes('waits'), 30_000)
    // Beside it another of the same job is none.
    const beside = await world.muster.run({ ...env, ...state })
    expect([beside.code, beside.stdout]).toEqual([1, expect.stringContaining('is still running')])
    const { code } = await daemon.stop('SIGTERM')
    expect(code).toBe(0)
    const status = await world.muster.run({ ...env, ...state, PRE_HOOK: '' }, '0.18', [
      'run',
      '--from',
      'env',
      '--json',
    ])
    expect(status.code).toBe(0)
    expect(filesIn(join(world.muster.repository, 'locks'))).toEqual([])
    const { openSqliteLedger } = await import('../../src/ledger/sqlite/open.ts')
    const opened = await openSqliteLedger(state.MUSTER_STATE, new Date())
    if (!opened.ok) throw new Error(opened.problem.message)
    await using ledger = opened.value
    const outcomes = (await ledger.runs({ job: 'stays', operation: 'backup', most: 100 })).map(({ outcome }) => outcome)
    expect(outcomes).toContain('cancelled')
    expect(outcomes).not.toContain(undefined)
  })
})

describe('what is wrong before anything starts', () => {
  it('is exit code 2, all of it at once, and a message', async () => {
    const told = (await world.muster.messages()).length
    const pushed = world.muster.pushes().length
    const { code, stderr } = await world.muster.run({ RESTIC_SOURCE: '', KEEP_DAILY: '7d' })
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /environment: RESTIC_SOURCE: is not set\n {4}→ .*\n.*KEEP_DAILY: "7d"(?:.|\n)*2 errors; nothing was started\./,
    )
    const [message] = (await world.muster.messages()).slice(told)
    expect(message?.title).toMatch(/ - Backup failed$/)
    expect(message?.message).toMatch(/RESTIC_SOURCE: is not set(?:.|\n)*KEEP_DAILY/)
    expect(message?.message).not.toMatch(/Since|Last good/)
    // The gateway does not go on saying that the run before was fine.
    expect(world.muster.pushes().slice(pushed).map(masked)).toEqual([pushOf(2)])
    const stateless = await world.muster.run({ MUSTER_STATE: '/proc/nope' })
    expect([stateless.code, masked(world.muster.pushes().at(-1) ?? never())]).toEqual([1, pushOf(1)])
    const away = { KEEP_DAILY: '7d', NTFY_SERVER: 'http://127.0.0.1:9', PUSHGATEWAY_URL: 'http://127.0.0.1:9' }
    const unheard = await world.muster.run(away)
    expect([unheard.code, unheard.stderr]).toEqual([
      2,
      expect.stringMatching(/ntfy was not told(?:.|\n)*not tried again/),
    ])
    expect(unheard.stderr).toMatch(/pushgateway was not told/)
    expect(unheard.stderr).not.toMatch(/tried again until/)
  })

  it('is told by the commands of the page', async () => {
    const command = (name: string): string[] => block(name).replace(/ >.*/, '').split(' ').slice(1)
    const check = await world.muster.run({}, '0.18', command('check'))
    expect([check.code, check.stdout]).toEqual([0, 'environment: fine (1 repository, 1 job)\n'])
    expect((await world.muster.run({ KEEP_LAST: 'x' }, '0.18', command('check'))).code).toBe(2)
    const printed = await world.muster.run({}, '0.18', command('import'))
    expect(printed.code).toBe(0)
    writeFileSync(world.place.at('muster.yaml'), printed.stdout)
    const env = { NTFY_PASSWORD: 'x' }
    expect(await world.muster.run(env, '0.18', ['config', 'check'])).toMatchObject({ code: 0 })
    expect(command('once')).toEqual(['run', '--from', 'env'])
  })
})
