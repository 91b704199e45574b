/** No secret is anywhere that it does not belong, whatever goes wrong, though everybody repeats what he was sent. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { deep } from '../real/deep.ts'
import { program } from '../real/programs.ts'
import { filesIn, type Kind, kinds, secrets, secretsIn } from './canaries.ts'
import { startServe } from './daemon.ts'
import { type Ended, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
let web: Server
let smtp: SMTPServer
let port: number
let mode: number | 'gone'
const bodies: string[] = []
beforeAll(async () => {
  space = makeWorkspace()
  mkdirSync(space.place.at('seen'))
  mkdirSync(space.place.at('textfiles'))
  web = createServer((request, response) => {
    if (mode === 'gone') return void request.socket.destroy()
    const chunks: Buffer[] = []
    request.on('data', (data: Buffer) => void chunks.push(data))
    request.on('end', () => {
      // Pushover takes its token and user nowhere else.
      if (request.url !== '/1/messages.json') bodies.push(Buffer.concat(chunks).toString('latin1'))
      const told = JSON.stringify({ ...request.headers, url: request.url })
      const bytes = Buffer.from(request.headers.authorization ?? told)
      response
        .writeHead(mode as number)
        .end([told, bytes.toString('hex'), bytes.toString('base64'), encodeURIComponent(told)].join('\n'))
    })
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
  port = (web.address() as AddressInfo).port
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _, done) {
      if (mode === 200) return done(null, { user: username ?? '' })
      const repeated = Buffer.from(`\0${username}\0${password}`).toString('base64')
      done(Object.assign(new Error(`${password} ${repeated}`), { responseCode: mode === 403 ? 535 : 454 }))
    },
    onData(stream, _, done) {
      let raw = ''
      stream.on('data', (data: Buffer) => {
        raw += data.toString('latin1')
      })
      stream.on('end', () => {
        bodies.push(raw)
        done()
      })
    },
  })
  smtp.on('error', () => {})
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  space[Symbol.dispose]()
  web.closeAllConnections()
  web.close()
  await new Promise<void>((resolve) => smtp.close(() => resolve()))
})

/** A program that puts down what it was given, and then is the real one. */
function wrapped(name: string, rest: string): string {
  const path = space.place.at(`wrapped-${name}`)
  const seen = space.place.at('seen', name)
  writeFileSync(
    path,
    `#!/bin/sh\ncat /proc/$$/environ > '${seen}'.$$.env\ncat /proc/$$/cmdline > '${seen}'.$$.args\n${rest}\n`,
  )
  chmodSync(path, 0o755)
  return path
}
const real = (name: string): string => wrapped(name.replace(/-.*/, ''), `exec '${program(name)}' "$@"`)

const variable = (kind: Kind): string => `GIVEN_${kind.toUpperCase()}`
const byEnv = (kind: Kind) => ({ env: variable(kind) })
function byFile(kind: Kind, value = secrets[kind]) {
  const file = space.place.at(`secret-${kind}`)
  writeFileSync(file, `${value}\n`, { mode: 0o600 })
  return { file }
}

function configure(more: { readonly hook?: string } = {}): void {
  const url = `http://127.0.0.1:${port}`
  const address = (kind: Kind): string => `${url}/services/${secrets[kind]}`
  const restic = { tool: 'restic', program: real('restic-0.18'), space: { by: 'off' } }
  const print = wrapped(
    'print',
    `cat '${byFile('resticCommand').file}'; cat '${byFile('resticCommand').file}' >&2; [ ! -e '${space.place.at('broken')}' ]`,
  )
  const job = (repository: string, tag: string) => ({ repository, sources: [space.source], tags: [tag] })
  const hook = wrapped('hook', more.hook ?? 'env')
  const one = { groupWait: '0s', timeout: '5s' }
  writeFileSync(
    space.place.at('muster.yaml'),
    stringify({
      repositories: {
        file: {
          ...restic,
          url: space.place.at('r1'),
          password: byFile('resticFile'),
          environment: { AWS_SECRET_ACCESS_KEY: byEnv('resticEnvironment') },
        },
        env: { ...restic, url: space.place.at('r2'), password: byEnv('resticEnv') },
        command: { ...restic, url: space.place.at('r3'), password: { command: [print] } },
        url: {
          ...restic,
          url: `rest:http://user:${secrets.resticUrl}@127.0.0.1:${port}/repository`,
          read: { timeLimit: '2s' },
          check: { schedule: '@yearly', timeLimit: '2s' },
          password: byFile('resticFile'),
        },
        borg: {
          tool: 'borg',
          program: real('borg-1.4'),
          baseDir: space.place.at('base'),
          url: space.place.at('r4'),
          password: byFile('borgFile'),
          space: { by: 'off' },
        },
        rclone: {
          tool: 'rclone',
          program: real('rclone-1.75'),
          url: space.place.at('r5'),
          config: { file: space.place.at('rclone.conf') },
          password: byEnv('rcloneConfig'),
          space: { by: 'off' },
        },
      },
      jobs: {
        file: { ...job('file', 'a'), hooks: { before: [hook], always: [hook] } },
        env: job('env', 'b'),
        command: job('command', 'c'),
        // It would try for a quarter of an hour.
        url: { ...job('url', 'd'), timeLimit: '2s' },
        borg: job('borg', 'e'),
        rclone: { repository: 'rclone', sources: [space.source], mode: 'sync' },
      },
      notify: {
        ntfy: { kind: 'ntfy', url, topic: 'x', token: byEnv('ntfyToken'), ...one },
        ntfyLogin: { kind: 'ntfy', url, topic: 'x', user: 'anna', password: byFile('ntfyPassword'), ...one },
        mail: {
          kind: 'email',
          to: ['ops@example.com'],
          smtp: {
            url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
            tls: 'none',
            user: 'anna',
            password: byEnv('smtpPassword'),
          },
          ...one,
        },
        webhook: {
          kind: 'webhook',
          url: address('webhookUrl'),
          headers: { 'X-Key': byEnv('webhookHeader') },
          secret: byFile('webhookSecret'),
          ...one,
        },
        slack: { kind: 'slack', url: byFile('slackUrl', address('slackUrl')), ...one },
        discord: { kind: 'discord', url: address('discordUrl'), ...one },
        telegram: { kind: 'telegram', token: secrets.telegramToken, chat: '1', server: url, ...one },
        gotify: { kind: 'gotify', url, token: byEnv('gotifyToken'), ...one },
        matrix: { kind: 'matrix', url, room: '!r:example.com', token: byEnv('matrixToken'), ...one },
        pushover: {
          kind: 'pushover',
          token: byEnv('pushoverToken'),
          user: byFile('pushoverUser'),
          server: url,
          ...one,
        },
        // It prints all that it is given, as it may.
        apprise: {
          kind: 'apprise',
          urls: [byFile('appriseUrl', `json://anna:${secrets.appriseUrl}@127.0.0.1:${port}/`)],
          program: wrapped('apprise', 'for word in "$@"; do [ -f "$word" ] && cat "$word"; done; exit 1'),
          ...one,
        },
        appriseApi: { kind: 'apprise', api: address('appriseApi'), ...one },
        checks: { kind: 'healthchecks', url: byFile('healthchecksUrl', address('healthchecksUrl')), timeout: '5s' },
        own: { kind: 'command', run: [wrapped('own', 'cat; env >&2; exit 1')], ...one },
      },
      heartbeat: { url: byFile('heartbeatUrl', address('heartbeatUrl')), timeout: '5s' },
      metrics: {
        pushgateway: { url: `${url}/push`, username: 'anna', password: byEnv('pushPassword'), timeout: '5s' },
        textfile: { directory: space.place.at('textfiles') },
        otlp: {
          url: `${url}/v1/metrics`,
          token: byEnv('otlpToken'),
          headers: { 'X-Key': byFile('otlpHeader') },
          timeout: '5s',
        },
      },
      reports: { nightly: { schedule: '@daily', notify: ['mail'] } },
      server: {
        listen: '127.0.0.1:0',
        auth: { users: { admin: byEnv('serverPassword') }, tokens: [byEnv('serverToken')] },
      },
    }),
  )
}

/** A configuration of rclone that nobody reads without the password. */
function encryptConfig(): void {
  const file = space.place.at('rclone.conf')
  writeFileSync(file, '[unused]\ntype = local\n')
  const args = ['config', 'encryption', 'set', '--password-command', `cat ${byFile('rcloneConfig').file}`]
  execFileSync(program('rclone-1.75'), ['--config', file, ...args], {
    env: { HOME: space.place.path, PATH: process.env.PATH },
  })
  expect(readFileSync(file, 'latin1')).toMatch(/^# Encrypted/)
}

const given = Object.fromEntries((Object.keys(kinds) as Kind[]).map((kind) => [variable(kind), secrets[kind]]))

interface Scenario {
  readonly mode: number | 'gone'
  readonly args: readonly string[]
  readonly code?: number
  /** Said somewhere, so that what was to go wrong did. */
  readonly says?: RegExp
  readonly env?: NodeJS.ProcessEnv
  readonly before?: () => void
}

const other = (kind: Kind): string => secrets[kind].split('').reverse().join('')
const scenarios: readonly Scenario[] = [
  { mode: 200, args: ['run', 'file', 'env', 'command', 'borg', 'rclone', '--init'], code: 0, says: /rclone/ },
  {
    mode: 403,
    args: ['run', 'env', 'borg'],
    code: 1,
    says: /password|passphrase/i,
    env: { [variable('resticEnv')]: other('resticEnv') },
    before: () => byFile('borgFile', other('borgFile')),
  },
  {
    mode: 500,
    args: ['run', 'command', 'file'],
    code: 1,
    says: /hook/i,
    before: () => {
      writeFileSync(space.place.at('broken'), '')
      byFile('borgFile')
      configure({ hook: 'env; env >&2; exit 1' })
    },
  },
  { mode: 'gone', args: ['run', 'url'], code: 1, says: /cannot be reached/, before: () => byFile('borgFile') },
  { mode: 403, args: ['notify', 'test'], code: 1, says: /403/ },
  { mode: 500, args: ['doctor'] },
  { mode: 500, args: ['config', 'show'], code: 0 },
  { mode: 500, args: ['deliveries', '--json'], says: /notify\.refused/ },
  { mode: 500, args: ['report', '--html'] },
]
/** The same, by further ways in and out. */
const further: readonly Scenario[] = [
  { mode: 500, args: ['status', '--json'] },
  { mode: 500, args: ['status'] },
  { mode: 500, args: ['deliveries'] },
  { mode: 500, args: ['pushes'] },
  { mode: 500, args: ['pushes', '--json'] },
  { mode: 500, args: ['config', 'show', '--json'] },
  { mode: 500, args: ['config', 'check'] },
  { mode: 500, args: ['collect', '--format', 'json'] },
  { mode: 500, args: ['collect', '--format', 'prometheus'] },
  { mode: 500, args: ['snapshots', 'url'] },
  { mode: 500, args: ['check', 'file'] },
  { mode: 500, args: ['check', 'url'] },
  { mode: 500, args: ['report', 'nightly', '--send'] },
  { mode: 403, args: ['report', 'nightly', '--send'] },
  { mode: 'gone', args: ['notify', 'test'], says: /cannot be reached/ },
  { mode: 'gone', args: ['run', '--all'] },
  { mode: 429, args: ['run', '--all'] },
  { mode: 301, args: ['run', '--all', '--json'] },
  { mode: 500, args: ['run', 'env'], env: { [variable('resticEnv')]: '' } },
  { mode: 500, args: ['run', '--all', '--dry-run'] },
  { mode: 500, args: ['rules'] },
]
const isLook = ([command = '', ...rest]: readonly string[]): boolean =>
  !['run', 'notify', 'check'].includes(command) && !rest.includes('--send')
const all = deep ? [...scenarios, ...further] : scenarios

it(`finds none of ${Object.keys(kinds).length} secrets in what ${all.length + 1} commands said, wrote and sent`, {
  timeout: 900_000,
}, async () => {
  configure()
  encryptConfig()
  const said: (readonly [string, string])[] = []
  const check = (scenario: Scenario, { code, stdout, stderr }: Ended): void => {
    const name = `${scenario.mode} ${scenario.args.join(' ')}`
    said.push([name, stdout + stderr])
    if (scenario.code !== undefined) expect(code, `${name}: ${stderr}`).toBe(scenario.code)
    if (scenario.says !== undefined) expect(stdout + stderr, name).toMatch(scenario.says)
  }
  const run = async (scenario: Scenario): Promise<void> => {
    scenario.before?.()
    mode = scenario.mode
    check(scenario, await space.run([...scenario.args, '--log-level', 'debug'], { ...given, ...scenario.env }))
  }
  // What only looks goes side by side.
  for (const scenario of all.filter(({ args }) => !isLook(args))) await run(scenario)
  const looks = all.filter(({ args }) => isLook(args))
  await Promise.all(
    [0, 1].map(async (half) => {
      for (const [at, scenario] of looks.entries()) if (at % 2 === half) await run(scenario)
    }),
  )

  mode = 500
  const daemon = await startServe(space, ['serve', '--log-level', 'debug'], given)
  const ask = async (path: string, authorization?: string): Promise<string> => {
    const answer = await fetch(`${daemon.url}${path}`, {
      headers: authorization === undefined ? {} : { authorization },
    })
    const text = await answer.text()
    said.push([path, `${answer.status} ${text} ${JSON.stringify([...answer.headers])}`])
    return text
  }
  const token = `Bearer ${secrets.serverToken}`
  expect(await ask('metrics', token)).toContain('muster_build_info')
  for (const path of [
    '',
    'jobs/file',
    'repositories/url',
    'api/v1/status',
    'api/v1/jobs',
    'api/v1/repositories',
    'api/v1/deliveries',
    'api/v1/incidents',
    'api/v1/jobs/url/runs',
    'healthz',
    'readyz',
    'api/v1/openapi.json',
  ])
    await ask(path, token)
  await ask('', `Basic ${Buffer.from(`admin:${secrets.serverPassword}`).toString('base64')}`)
  await ask('', `Bearer ${other('serverToken')}`)
  await ask(`api/v1/jobs/${secrets.serverToken}/runs?x=${secrets.serverToken}`)
  const end = await daemon.stop('SIGTERM')
  said.push(['serve', end.stdout + end.stderr])

  const written = [...filesIn(space.place.at('state')), ...filesIn(space.place.at('textfiles'))]
  expect(written.map(([name]) => name)).toContain('muster.db')
  const everything = [...said, ...written, ...bodies.map((body) => ['sent', body] as const)]
  const found = everything.flatMap(([name, text]) =>
    secretsIn(text).map((kind) => ({ kind, name, around: aroundOf(text, kind) })),
  )
  expect(found).toEqual([])
  // What was looked for does get around: everybody who is to have one was given it.
  expect(bodies.length).toBeGreaterThan(20)
})

const aroundOf = (text: string, kind: Kind): string => {
  const at = text.indexOf(secrets[kind].slice(0, 12))
  return at < 0 ? 'encoded' : text.slice(Math.max(0, at - 80), at + 40)
}

it('gives each program the secrets that it is to have, in its environment or a file, and no argument', () => {
  const mayHave: Readonly<Record<string, readonly Kind[]>> = {
    restic: ['resticFile', 'resticEnv', 'resticCommand', 'resticEnvironment', 'resticUrl'],
    borg: ['borgFile'],
    rclone: ['rcloneConfig'],
    hook: [],
    print: [],
    apprise: [],
    own: [],
  }
  const seen = readdirSync(space.place.at('seen'))
  expect(new Set(seen.map((name) => name.split('.')[0]))).toEqual(new Set(Object.keys(mayHave)))
  const had = new Set<string>()
  for (const name of seen) {
    const [tool = '', , what] = name.split('.')
    const text = readFileSync(space.place.at('seen', name), 'latin1')
    const found = secretsIn(text)
    if (what === 'args') expect(found, `${name}: ${text}`).toEqual([])
    else
      expect(
        found.filter((kind) => mayHave[tool]?.includes(kind) !== true),
        name,
      ).toEqual([])
    for (const kind of found) had.add(`${tool} ${kind}`)
    // Nothing of what Muster itself was given.
    expect(text).not.toContain('GIVEN_')
  }
  expect(had).toContain('restic resticEnvironment')
})
