import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { canary, ended, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
})
afterEach(() => space[Symbol.dispose]())

describe('muster doctor', () => {
  const examine = async () => {
    const { code, stdout, stderr } = await space.run(['doctor', '--json'])
    expect(stderr).not.toContain('    at ')
    const findings = JSON.parse(stdout) as {
      level: string
      subject: string
      message: string
      next: string
      code?: string
    }[]
    // Every finding that is not fine says what to do.
    for (const finding of findings) expect(finding.next === '').toBe(finding.level === 'fine')
    return {
      code,
      findings,
      text: findings.map(({ level, subject, message }) => `${level} ${subject}: ${message}`).join('\n'),
    }
  }

  it('finds nothing to say about what is well', async () => {
    space.configure({ repository: { create: true, check: { schedule: '@weekly' } }, job: { schedule: '@daily' } })
    await space.run(['run'])
    const { code, text } = await examine()
    expect(text).not.toMatch(/^(?:warning|error)/m)
    expect(code).toBe(0)
    expect(text).toContain('restic 0.18.0')
    expect((await space.run(['doctor'])).stdout).toContain('All is well.')
  })

  it('finds a missing restic', async () => {
    space.configure({ repository: { program: '/nowhere/restic' } })
    expect(await examine()).toMatchObject({
      code: 1,
      findings: expect.arrayContaining([expect.objectContaining({ level: 'error', code: 'restic.not-found' })]),
    })
  })

  it('finds a restic that is too old', async () => {
    const old = space.place.at('old-restic')
    writeFileSync(old, '#!/bin/sh\necho "restic 0.9.6 compiled with go1.13.4 on linux/amd64"\n', { mode: 0o755 })
    space.configure({ repository: { program: old } })
    expect((await examine()).text).toMatch(/^error .*0\.9\.6 is too old/m)
  })

  it('finds a repository that is not there, a wrong password, an address that does not answer', async () => {
    space.configure()
    expect((await examine()).findings).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'restic.no-repository' }),
    )
    space.configure({ repository: { create: true } })
    expect((await examine()).text).toContain('is not there yet; the first run makes it')
    await space.run(['run'])
    writeFileSync(space.place.at('password'), 'another')
    expect((await examine()).findings).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'restic.password' }),
    )
    space.configure({ repository: { url: 'rest:http://127.0.0.1:9/', read: { timeLimit: '5s' } } })
    expect((await examine()).findings).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'restic.network' }),
    )
  })

  it('finds who holds a lock', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    const holder = spawn(
      program('restic-0.18'),
      ['-r', space.repository, '--password-file', space.place.at('password'), 'check'],
      {
        env: { PATH: process.env.PATH, HOME: space.place.path },
        stdio: 'ignore',
      },
    )
    const gone = once(holder, 'close')
    await until('the lock is there', () =>
      readdirSync(join(space.repository, 'locks')).some((name) => /^[0-9a-f]{64}$/.test(name)),
    )
    holder.kill('SIGSTOP')
    const { code, text } = await examine()
    holder.kill('SIGKILL')
    await gone
    expect(code).toBe(3)
    expect(text).toContain(`warning repository local: locked exclusively by process ${holder.pid} of `)
  })

  it('finds secrets that others may read, and sources that are gone', async () => {
    space.configure({ repository: { create: true }, job: { sources: [space.source, '/nowhere'] } })
    chmodSync(space.place.at('password'), 0o644)
    const { text } = await examine()
    expect(text).toMatch(/^warning repository local: .*may be used by everybody on this machine \(mode 0644\)/m)
    expect(text).toMatch(/^error job files: the source \/nowhere is not there/m)
    expect(text).toMatch(/^warning job files: has neither schedule nor maxAge/m)
    expect(text).toMatch(/^warning repository local: no check is scheduled/m)
    expect(text).not.toContain(canary)
  })

  it('finds retention that is shorter than the time until somebody notices', async () => {
    space.configure({
      repository: { create: true },
      job: { schedule: '0 * * * *', retention: { keepLast: 2 }, grace: '6h' },
    })
    expect((await examine()).text).toMatch(/^warning job files: retention keeps snapshots for 2 hours, but/m)
  })

  it('finds a ledger that was damaged', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    writeFileSync(space.place.at('state', 'muster.db'), 'no longer a database')
    for (const name of ['muster.db-wal', 'muster.db-shm']) rmSync(space.place.at('state', name), { force: true })
    const { findings } = await examine()
    expect(findings).toContainEqual(expect.objectContaining({ level: 'error', code: 'ledger.damaged' }))
    expect(await space.run(['status'])).toMatchObject({ code: 4 })
    expect(readdirSync(space.place.at('state')).some((name) => name.includes('.damaged-'))).toBe(true)
  })
})

describe('muster init', () => {
  const init = (...more: string[]) =>
    space.run(['init', '--yes', '--repository', space.repository, '--source', space.source, ...more], {
      PATH: `${join(program('restic-0.18'), '..')}:${process.env.PATH}`,
    })

  it('writes a configuration that works, with a new password nobody else can read', async () => {
    const made = await init('--run', '--job', 'everything')
    expect(made, made.stderr).toMatchObject({ code: 0 })
    expect(made.stdout).toContain('Keep a copy of it somewhere else')
    expect(statSync(space.place.at('muster.pass')).mode & 0o777).toBe(0o600)
    expect(statSync(space.place.at('muster.yaml')).mode & 0o777).toBe(0o600)
    expect(await space.run(['config', 'check'])).toMatchObject({ code: 0, stderr: '' })
    expect((await space.run(['status'])).stdout).toMatch(/✓ fresh +job everything/)
  })

  it('overwrites nothing unless told to, and keeps the old file then', async () => {
    writeFileSync(space.place.at('muster.yaml'), '# mine\n')
    const refused = await init()
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain('--force')
    expect(readFileSync(space.place.at('muster.yaml'), 'utf8')).toBe('# mine\n')
    expect(await init('--force')).toMatchObject({ code: 0 })
    expect(readFileSync(space.place.at('muster.yaml.old'), 'utf8')).toBe('# mine\n')
  })

  it('says what is missing, and does not ask where there is no terminal', async () => {
    const missing = await space.run(['init', '--yes'])
    expect(missing).toMatchObject({ code: 2 })
    expect(missing.stderr).toContain('--repository')
    expect(missing.stderr).toContain('--source')
    expect(await space.run(['init'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    const wrong = await init('--schedule', '61 * * * *')
    expect(wrong).toMatchObject({ code: 2 })
    expect(existsSync(space.place.at('muster.yaml'))).toBe(false)
    expect(existsSync(space.place.at('muster.pass'))).toBe(false)
  })
})

describe('muster check', () => {
  it('finds damage, and tells it as a failed run', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    expect(await space.run(['check', '--read-data'])).toMatchObject({ code: 0 })
    const pack =
      execFileSync('find', [join(space.repository, 'data'), '-type', 'f', '-size', '+1k'])
        .toString()
        .trim()
        .split('\n')[0] ?? ''
    const bytes = readFileSync(pack)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    chmodSync(pack, 0o600)
    writeFileSync(pack, bytes)
    const found = await space.run(['check', '--read-data'])
    expect(found).toMatchObject({ code: 1 })
    expect(found.stdout).toContain('→')
    expect(await space.run(['status'])).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/✗ failing +check of local/),
    })
    expect((await space.run(['doctor'])).stdout).toMatch(/the last check, .* ago, was not good: .*\n.*→/)
    await using ledger = await space.ledger()
    expect((await ledger.runs({ operation: 'check', most: 1 }))[0]).toMatchObject({
      outcome: 'failed',
      problem: { code: 'restic.damaged' },
    })
  })

  it('refuses a subset that cannot be understood, and records nothing', async () => {
    space.configure({ repository: { create: true } })
    expect(await space.run(['check', '--read-data', 'junk'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--read-data junk cannot be understood\. Write all, n\/t/),
    })
    await using ledger = await space.ledger()
    expect(await ledger.runs({ operation: 'check', most: 1 })).toEqual([])
  })
})

describe('muster completion', () => {
  const complete = (script: string, words: string[]): string[] =>
    execFileSync(
      'bash',
      [
        '-c',
        `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        script,
        ...words,
      ],
      {
        env: {
          PATH: `${space.place.at('bin')}:${process.env.PATH}`,
          HOME: space.place.path,
          MUSTER_CONFIG: space.place.at('muster.yaml'),
        },
      },
    )
      .toString()
      .trim()
      .split('\n')

  it('completes commands, options, their values, and the names of the configuration', async () => {
    space.configure()
    mkdirSync(space.place.at('bin'))
    const main = new URL('../../src/main.ts', import.meta.url).pathname
    writeFileSync(space.place.at('bin', 'muster'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, {
      mode: 0o755,
    })
    const { stdout } = await space.run(['completion', 'bash'])
    writeFileSync(space.place.at('completion'), stdout)
    const script = space.place.at('completion')
    expect(complete(script, ['muster', 'st'])).toEqual(['status'])
    expect(complete(script, ['muster', 'config', 's'])).toEqual(['show', 'schema'])
    expect(complete(script, ['muster', 'collect', '--format', 'p'])).toEqual(['prometheus'])
    expect(complete(script, ['muster', 'run', 'fi'])).toEqual(['files'])
    expect(complete(script, ['muster', 'run', '--du'])).toEqual(['--due'])
  })

  it.each(['zsh', 'fish'])('prints a script for %s, and refuses a shell it does not know', async (shell) => {
    const script = await space.run(['completion', shell])
    expect(script).toMatchObject({ code: 0 })
    expect(script.stdout).toContain('snapshots')
    expect(await space.run(['completion', 'tcsh'])).toMatchObject({ code: 2 })
  })
})

describe('muster start', () => {
  const startHere = (...args: string[]) =>
    space.start(['start', ...args], { PATH: `${join(space.place.at('bin'))}:${process.env.PATH}` })
  const prepare = (): void => {
    mkdirSync(space.place.at('src'))
    mkdirSync(space.place.at('docs'))
    for (let file = 0; file < 30; file++)
      writeFileSync(space.place.at(file % 2 ? 'src' : 'docs', `f${file}`), `text ${file}`)
    mkdirSync(space.place.at('bin'))
    execFileSync('ln', ['-s', program('restic-0.18'), space.place.at('bin', 'restic')])
  }

  it('backs up, reads back, restores and compares, serves the page, and ends on Ctrl-C', async () => {
    prepare()
    const child = startHere('--listen', '127.0.0.1:0')
    let said = ''
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString()
    })
    const end = ended(child)
    await until('it told where the page is', () => said.includes('Ctrl-C'), 60_000)
    expect(said).toContain('✓ Backed up 30 files')
    expect(said).toContain('✓ Restored 20 files')
    const url = /Page +(\S+)/.exec(said)?.[1] ?? ''
    expect(await (await fetch(url)).text()).toContain('this-folder')
    expect(await (await fetch(`${url}metrics`)).text()).toMatch(
      /muster_job_runs_total\{job="this-folder",repository="local",operation="backup",outcome="ok"\} [1-9]/,
    )
    const asked = performance.now()
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: 0 })
    expect(performance.now() - asked).toBeLessThan(5000)
    expect(statSync(space.place.at('.muster', 'password')).mode & 0o777).toBe(0o600)
    // The throw-away place is gone.
    expect(readdirSync(space.place.at('.muster', 'state')).filter((name) => name.startsWith('restore-'))).toEqual([])
  })

  it('says in one message that its port is taken', async () => {
    prepare()
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const refused = await ended(startHere('--listen', `127.0.0.1:${port}`))
    server.close()
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain(String(port))
    expect(refused.stderr).toContain('→')
    expect(refused.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('says in one message that restic is missing', async () => {
    mkdirSync(space.place.at('src'))
    const refused = await ended(space.start(['start'], { PATH: '/nowhere' }))
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('restic')
    expect(refused.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})
