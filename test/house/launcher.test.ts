import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { fetchedNode } from '../../scripts/bootstrap/node-release.mjs'

const checkout = join(import.meta.dirname, '..', '..')

/** Says what reaches it: a line a signal; TERM ends it with 7. */
const listener = `
for (const name of ['SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGTERM']) process.on(name, () => {
  console.log(name)
  if (name === 'SIGTERM') process.exit(7)
})
// Never longer than a test: not after its starter is gone, and not for ever.
setTimeout(() => process.exit(9), 60_000)
setInterval(() => process.ppid === 1 && process.exit(8), 250)
console.log('ready', ...process.argv.slice(2))
if (process.stdin.isTTY) console.log('launcher ' + process.ppid)
`
/** Makes the first Node.js of a start, and only that one, look old. */
const oldNode = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-launcher-'))
  await cp(join(checkout, 'bin'), join(folder, 'bin'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
})
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function asCheckout(program: string): Promise<void> {
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'src', 'main.ts'), program)
  await cp(join(checkout, 'scripts', 'bootstrap'), join(folder, 'scripts', 'bootstrap'), { recursive: true })
}

async function asInstalled(program: string): Promise<void> {
  await mkdir(join(folder, 'dist'))
  await writeFile(join(folder, 'dist', 'main.js'), program)
}

async function withFetchedNode(): Promise<void> {
  const node = fetchedNode(folder)
  await mkdir(join(node, '..'), { recursive: true })
  await symlink(process.execPath, node)
}

const launch = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, ...env } })

describe('the launcher', () => {
  it('runs the source in a checkout and passes arguments and exit code through', async () => {
    await asCheckout(`const code: number = 3; console.log(...process.argv.slice(2)); process.exitCode = code`)
    const { status, stdout } = launch(['bin/muster', 'run', '--all'])
    assert.deepEqual([status, stdout], [3, 'run --all\n'])
  })

  it('says in a checkout without its packages how to get them', async () => {
    await asCheckout(`import 'a-package-that-is-not-there'`)
    const { status, stderr } = launch(['bin/muster', 'status'])
    assert.equal(status, 1)
    assert.match(stderr, /^muster: Cannot find package 'a-package-that-is-not-there'\n +→ Run `npm start`[^\n]+\n$/)
  })

  it('runs the bundle in the installed package', async () => {
    await asInstalled(`console.log('bundle', ...process.argv.slice(2)); process.exitCode = 4`)
    const { status, stdout } = launch(['bin/muster', 'status'])
    assert.deepEqual([status, stdout], [4, 'bundle status\n'])
  })

  it('says in one line which Node.js the installed package needs', async () => {
    await asInstalled('')
    const { status, stderr } = launch(['--import', oldNode, 'bin/muster'])
    assert.equal(status, 2)
    assert.match(stderr, /^muster: needs Node\.js 24 or newer; this is 20\.20\.2\. [^\n]+\n$/)
  })

  it('says in one line what to do in a checkout that has fetched no Node.js yet', async () => {
    await asCheckout('')
    const { status, stderr } = launch(['--import', oldNode, 'bin/muster'])
    assert.equal(status, 2)
    assert.match(stderr, /^muster: needs Node\.js 24; this is 20\.20\.2\. Run `npm start`[^\n]+\n$/)
  })

  it('does not start itself for ever where the fetched Node.js is old too', async () => {
    await asCheckout('')
    await mkdir(join(fetchedNode(folder), '..'), { recursive: true })
    const script = `#!/bin/sh\nexec '${process.execPath}' --import "${oldNode.replaceAll('"', '\\"')}" "$@"\n`
    await writeFile(fetchedNode(folder), script, { mode: 0o755 })
    const { status, stderr } = launch(['--import', oldNode, 'bin/muster'])
    assert.equal(status, 2)
    assert.match(stderr, /^muster: needs Node\.js 24; this is 20\.20\.2\./)
  })

  it('runs itself again on the fetched Node.js, with arguments and exit code', async () => {
    await asCheckout(`console.log(process.versions.node, ...process.argv.slice(2)); process.exitCode = 3`)
    await withFetchedNode()
    const { status, stdout } = launch(['--import', oldNode, 'bin/muster', 'run', 'nfs'])
    assert.deepEqual([status, stdout], [3, `${process.versions.node} run nfs\n`])
  })
})

describe('signals reach the program once', () => {
  const start = async (...args: readonly string[]): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> => {
    const child = spawn(process.execPath, [...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    children.push(child)
    const lines = createInterface({ input: child.stdout ?? assert.fail() })[Symbol.asyncIterator]()
    assert.equal((await lines.next()).value, 'ready serve')
    return { child, lines }
  }

  for (const [name, node] of [
    ['on this Node.js', []],
    ['on a Node.js that had to be replaced', ['--import', oldNode]],
  ] as const) {
    it(name, async () => {
      await asCheckout(listener)
      await withFetchedNode()
      const { child, lines } = await start(...node, 'bin/muster', 'serve')
      const ended = once(child, 'exit')
      for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGINT', 'SIGTERM'] as const) {
        child.kill(signal)
        assert.equal((await lines.next()).value, signal)
      }
      assert.deepEqual(await ended, [7, null])
      assert.equal((await lines.next()).done, true)
    })
  }

  it('ends by the signal that ended the program', async () => {
    await asCheckout(`process.kill(process.pid, 'SIGKILL')`)
    await withFetchedNode()
    assert.equal(launch(['--import', oldNode, 'bin/muster']).signal, 'SIGKILL')
  })

  it('from the terminal as well, where Ctrl-C goes to launcher and program alike', async () => {
    await asCheckout(listener)
    await withFetchedNode()
    const command = `'${process.execPath}' --import "${oldNode.replaceAll('"', '\\"')}" bin/muster serve`
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    const seen: string[] = []
    let launcher = 0
    const answers: Record<string, () => void> = {
      SIGINT: () => process.kill(launcher, 'SIGHUP'),
      SIGHUP: () => process.kill(launcher, 'SIGUSR1'),
      // Five rounds, because an INT passed on as well shows late, and now and then melts into the terminal's own.
      SIGUSR1: () => (seen.length < 16 ? child.stdin.write('\x03') : process.kill(launcher, 'SIGTERM')),
    }
    for await (const line of createInterface({ input: child.stdout })) {
      const [, pid] = /^launcher (\d+)/.exec(line) ?? []
      if (pid !== undefined) {
        launcher = Number(pid)
        child.stdin.write('\x03')
        continue
      }
      seen.push(line.replace('^C', '').trim())
      if (launcher !== 0) answers[seen.at(-1) ?? '']?.()
    }
    assert.deepEqual(seen, ['ready serve', ...Array(5).fill(['SIGINT', 'SIGHUP', 'SIGUSR1']).flat(), 'SIGTERM'])
  })
})

describe('the cache of compiled code', () => {
  const cached = async (path: string) => (await readdir(path, { recursive: true }).catch(() => [])).length > 0

  it('lies below the cache folder of the user, closed to others', async () => {
    await asInstalled(`import './part.js'`)
    await writeFile(join(folder, 'dist', 'part.js'), 'export const part = () => 1\n')
    launch(['bin/muster'], { HOME: folder })
    const place = join(folder, '.cache', 'muster', 'compiled')
    assert.equal(await cached(place), true)
    assert.equal((await stat(place)).mode & 0o777, 0o700)
  })

  it('follows XDG_CACHE_HOME', async () => {
    await asInstalled('')
    await mkdir(join(folder, 'xdg'))
    launch(['bin/muster'], { HOME: '/nowhere', XDG_CACHE_HOME: join(folder, 'xdg') })
    assert.equal(await cached(join(folder, 'xdg', 'muster', 'compiled')), true)
  })

  it('is left out where others may write', async () => {
    await asInstalled('')
    await chmod(folder, 0o777)
    const { status } = launch(['bin/muster'], { HOME: folder })
    assert.deepEqual([status, await cached(join(folder, '.cache'))], [0, false])
  })

  it('is left out where there is no home, and nothing else changes', async () => {
    await asInstalled(`console.log('fine')`)
    for (const env of [{}, { HOME: '/' }, { HOME: '/does/not/exist' }]) {
      const { status, stdout, stderr } = launch(['bin/muster'], env)
      assert.deepEqual([status, stdout, stderr], [0, 'fine\n', ''])
    }
    assert.equal(await cached('/does'), false)
  })
})
