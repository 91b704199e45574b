/** `muster install` below a folder of its own, looked at by the real systemd-analyze; and what packages carry. */
import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig } from '../../src/config/parse.ts'
import { Config } from '../../src/config/schema.ts'
import { main } from '../e2e/workspace.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'

const repositories = { nas: { tool: 'restic', url: '/srv/nas', password: { credential: 'nas' } } }
const jobs = { home: { repository: 'nas', sources: ['/home'], schedule: '15 2 * * *' } }
const unitPath = '/etc/systemd/system/muster.service'
const configPath = '/etc/muster/muster.yaml'

let place: Place
beforeEach(() => {
  place = makePlace()
})
afterEach(() => place[Symbol.dispose]())

/** Writes a file below the root, with what is above it. */
function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(place.at(`.${path}`)), { recursive: true })
  writeFileSync(place.at(`.${path}`), text, { mode })
}
const read = (path: string): string => readFileSync(place.at(`.${path}`), 'utf8')
const configure = (config: object): void => put(configPath, stringify(config))

/** Everything below the root, with its text. */
const all = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(place.path, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, entry.isFile() ? readFileSync(path, 'utf8') : '']
    }),
  )

/** @returns What it said and how it ended. */
function muster(...args: readonly string[]): { code: number | null; said: string } {
  const [command = '', ...rest] = args
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, command, '--root', place.path, ...rest], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: place.path },
    timeout: 30_000,
  })
  return { code: status, said: `${stdout}${stderr}` }
}

function analyze(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program('systemd-analyze'), args, { encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`)
  return `${stdout}${stderr}`
}

/** How open a unit is, from 0.0 to 10.0. */
function exposure(unit: string): number {
  const said = analyze('security', '--offline=true', '--no-pager', unit)
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1])
}

describe('muster install', () => {
  it('makes a watcher that systemd takes, twice the same, and takes it away again', () => {
    configure({ repositories })
    put('/etc/other.conf', 'of somebody else')
    const before = all()
    const first = muster('install', '--yes')
    assert.equal(first.code, 0, first.said)
    assert.match(first.said, /watches, without any right of root/)
    assert.match(first.said, /credential nas .*\/etc\/credstore\/nas/)
    assert.match(first.said, /- url: http:\/\/127\.0\.0\.1:9121\/alert/)
    const installed = all()
    for (const [path, text] of Object.entries(before)) assert.equal(installed[path], text, path)

    for (const path of ['/usr/local/bin/muster', '/bin/kill']) put(path, '#!/bin/sh\n', 0o755)
    chmodSync(place.at('./bin/kill'), 0o755)
    assert.equal(analyze('verify', `--root=${place.path}`, 'muster.service'), '')
    assert.ok(exposure(place.at(`.${unitPath}`)) <= 1.1)

    const again = muster('install', '--yes')
    assert.deepEqual([again.code, again.said], [0, 'Nothing to do: Muster is installed as it should be.\n'])
    const gone = muster('uninstall', '--yes')
    assert.equal(gone.code, 0, gone.said)
    const left = all()
    for (const path of ['usr', 'bin'])
      for (const one of Object.keys(left)) if (one.startsWith(place.at(path))) delete left[one]
    assert.deepEqual(left, before)
    assert.deepEqual(muster('uninstall', '--yes').said, 'Nothing to do: nothing of `muster install` is here.\n')
  })

  it('is closed to all but this machine where that is wanted, and changes what is there for it', () => {
    configure({ repositories })
    assert.equal(muster('install', '--yes').code, 0)
    assert.match(muster('install', '--yes', '--loopback-only').said, /^renew .*muster\.service$/m)
    assert.ok(exposure(place.at(`.${unitPath}`)) <= 1)
  })

  it('makes a runner where jobs run here, and a watcher of it when they are gone', () => {
    configure({ repositories, jobs, metrics: { textfile: { directory: '/var/lib/metrics' } } })
    assert.match(muster('install', '--yes').said, /runs backups, and may read all files/)
    const unit = read(unitPath)
    assert.match(unit, /^ReadWritePaths=-\/srv$/m)
    assert.match(unit, /^ReadWritePaths=-\/var\/lib$/m)
    assert.ok(exposure(place.at(`.${unitPath}`)) <= 2)
    assert.ok(!existsSync(place.at('./etc/sysusers.d/muster.conf')))
    configure({ repositories })
    const { code, said } = muster('install', '--yes')
    assert.deepEqual([code, /renew .*muster\.service/.test(said), /write .*sysusers/.test(said)], [0, true, true])
    assert.equal(muster('install', '--yes', '--kind', 'runner').code, 0)
    assert.ok(!existsSync(place.at('./etc/sysusers.d/muster.conf')))
  })

  it('leaves what somebody changed, and says so, also when it is taken away', () => {
    configure({ repositories })
    assert.equal(muster('install', '--yes').code, 0)
    put(unitPath, `${read(unitPath)}# mine\n`)
    const again = muster('install', '--yes', '--loopback-only')
    assert.deepEqual([again.code, /leave .*somebody changed it/.test(again.said)], [3, true])
    assert.match(read(unitPath), /# mine/)
    const gone = muster('uninstall', '--yes')
    assert.deepEqual([gone.code, /muster\.service/.test(gone.said)], [3, true])
    assert.match(read(unitPath), /# mine/)
    assert.ok(!existsSync(place.at('./etc/tmpfiles.d/muster.conf')))
  })

  it('adds who is told by mail to a configuration that tells nobody, and to no other', () => {
    configure({ repositories })
    const mail = ['--from', 'muster@example.com', '--to', 'ops@example.com', '--to', 'boss@example.com']
    assert.equal(muster('install', '--yes', ...mail).code, 0)
    const { config } = parseConfig(read(configPath))
    assert.partialDeepStrictEqual(config?.notify.mail, {
      kind: 'email',
      from: 'muster@example.com',
      to: ['ops@example.com', 'boss@example.com'],
    })
    const text = read(configPath)
    const again = muster('install', '--yes', '--from', 'x@example.com', '--to', 'y@example.com')
    assert.deepEqual([again.code, /says already who is told/.test(again.said)], [0, true])
    assert.equal(read(configPath), text)
  })

  it('writes a first configuration, which goes only with --purge', () => {
    const { code, said } = muster('install', '--yes', '--from', 'a@example.com', '--to', 'b@example.com')
    // Without an inbox of alerts it has nothing to watch, and says so.
    if (!Object.hasOwn(Config.shape, 'inbox')) {
      assert.deepEqual([code, /nothing was written/.test(said), all()], [2, true, {}])
      return
    }
    assert.equal(code, 0, said)
    assert.equal(statSync(place.at(`.${configPath}`)).mode & 0o777, 0o640)
    put('/var/lib/muster/muster.db', 'runs')
    assert.match(muster('uninstall', '--yes').said, /muster\.yaml stays/)
    assert.ok(existsSync(place.at(`.${configPath}`)))
    // Only what somebody changed is said to be so.
    const asked = muster('uninstall', '--purge')
    assert.deepEqual([asked.code, /remove .*muster\.yaml$/m.test(asked.said)], [2, true], asked.said)
    put(configPath, `${read(configPath)}# mine\n`)
    const purged = muster('uninstall', '--yes', '--purge')
    assert.equal(purged.code, 0)
    assert.match(purged.said, /^remove .*\/etc\/muster\/muster\.yaml {2}\(somebody changed it\)$/m)
    assert.match(purged.said, /^remove .*\/var\/lib\/muster$/m)
    assert.ok(!existsSync(place.at(`.${configPath}`)) && !existsSync(place.at('./var/lib/muster')))
  })

  it('asks the Alertmanager of a node of NethServer 8, and mails by its smarthost', () => {
    const { code, said } = muster('install', '--yes', '--ns8', '--from', 'a@example.com', '--to', 'b@example.com')
    assert.deepEqual([code, /no receiver is needed/.test(said)], [0, true], said)
    const { config, errors } = parseConfig(read(configPath))
    assert.deepEqual(errors, [])
    assert.deepEqual([config?.inbox?.poll?.url, config?.ns8 === undefined], ['http://127.0.0.1:9093', false])
    assert.match(read(unitPath), /^User=root$/m)
  })

  it('leaves alone what is outside of its root, wherever a link or a list of its own leads', () => {
    using outside = makePlace()
    configure({ repositories })
    symlinkSync(outside.path, place.at('./etc/systemd'))
    const out = muster('install', '--yes')
    assert.deepEqual([out.code, /systemd is a link to .*\n {4}→ /.test(out.said)], [2, true], out.said)
    assert.deepEqual(readdirSync(outside.path), [])
    rmSync(place.at('./etc/systemd'))
    assert.equal(muster('install', '--yes').code, 0)

    writeFileSync(outside.at('muster'), 'of somebody else')
    mkdirSync(place.at('./var'))
    symlinkSync(outside.path, place.at('./var/lib'))
    const kept = muster('uninstall', '--yes', '--purge')
    assert.deepEqual([kept.code, /var\/lib is a link/.test(kept.said)], [2, true], kept.said)
    assert.ok(existsSync(place.at(`.${unitPath}`)))
    rmSync(place.at('./var/lib'))
    const manifest = JSON.parse(read('/etc/muster/.installed.json'))
    const config = `/${relative(place.path, outside.at('muster'))}`
    put('/etc/muster/.installed.json', JSON.stringify({ ...manifest, config }))
    assert.equal(muster('uninstall', '--yes', '--purge').code, 0)
    assert.deepEqual(readdirSync(outside.path), ['muster'])
  })

  it('says what the system does not let it do', () => {
    configure({ repositories })
    // Neither root can make a folder below it.
    put('/etc/systemd', 'a file')
    const { code, said } = muster('install', '--yes')
    assert.deepEqual([code, /could be done: ENOTDIR.*\n {4}→ /.test(said)], [1, true], said)
    assert.doesNotMatch(said, /should not have happened/)
  })

  it('ends as interrupted where a person breaks off the first question', async () => {
    const line = `'${process.execPath}' '${main}' install --root '${place.path}'`
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: { PATH: process.env.PATH, TERM: 'dumb' } })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      const wasAsked = said.includes('└')
      said += data
      // The frame is closed: keys are heard.
      if (!wasAsked && said.includes('└')) child.stdin.write('\u0003')
    })
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(20_000) })
    assert.deepEqual([code, /Nothing was written/.test(said), all()], [130, true, {}], said)
  })

  it('writes nothing where something is not right', () => {
    const cases: [what: RegExp, args: string[]][] = [
      [/nothing says who is to be told/, ['--yes']],
      [/one is missing/, ['--yes', '--from', 'a@example.com']],
    ]
    for (const [what, args] of cases) {
      const { code, said } = muster('install', ...args)
      assert.deepEqual([code, what.test(said), all()], [2, true, {}], said)
    }
    put(configPath, 'repositories: { nas: { tool: restik } }\n')
    const before = all()
    const wrong = muster('install', '--yes')
    assert.deepEqual([wrong.code, /restik|tool/.test(wrong.said), all()], [2, true, before])
    configure({ repositories })
    const asked = muster('install')
    assert.deepEqual([asked.code, /Nobody can be asked/.test(asked.said)], [2, true])
    assert.ok(!existsSync(place.at(`.${unitPath}`)))
  })
})

describe('what packages carry', () => {
  const folder = join(import.meta.dirname, '../../packaging/systemd')
  for (const [kind, most] of [
    ['watcher', 1.1],
    ['runner', 2],
    // `runagent` becomes other users, and starts their containers.
    ['node', 9],
  ] as const)
    it(`the ${kind} is no more open than ${most}`, () => {
      assert.ok(exposure(join(folder, kind, 'muster.service')) <= most)
    })
})
