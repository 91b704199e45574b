import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../model/secret.ts'
import { isAlive } from './pids.ts'
import { type ProcessSpec, runProcess } from './process.ts'

const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin' }

/** A shell is the child here, because it makes the children we need; runProcess itself starts none. */
const shell = (script: string, more: Partial<ProcessSpec> = {}) =>
  runProcess({ command: 'sh', args: ['-c', script], environment, ...more })

const collect = (): { lines: string[]; onLine: (line: string) => void } => {
  const lines: string[] = []
  return { lines, onLine: (line) => lines.push(line) }
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-process-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pidIn = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'))

describe('runProcess', () => {
  it('tells exit code, lines and the end of standard error', async () => {
    const { lines, onLine } = collect()
    const result = await shell('echo a; printf b; echo bad >&2; exit 3', { onLine })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 3, stderrTail: 'bad\n' })
    expect(lines).toEqual(['a', 'b'])
  })

  it('passes arguments and environment exactly as given', async () => {
    const { lines, onLine } = collect()
    const args = ['-e', 'console.log(JSON.stringify([process.argv.slice(1), process.env]))', '--']
    const hostile = ['$(id)', '`id`', '-x', 'a b', 'new\nline', '']
    const given = { PATH: environment.PATH, SECRET: new Secret('s') }
    await runProcess({ command: process.execPath, args: [...args, ...hostile], environment: given, onLine })
    expect(JSON.parse(lines[0] ?? '')).toEqual([hostile, { PATH: environment.PATH, SECRET: 's' }])
  })

  it('writes the input after onSpawn is done, and survives a child that does not read it', async () => {
    const { lines, onLine } = collect()
    const order: string[] = []
    const onSpawn = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      order.push('recorded')
    }
    const result = await runProcess({
      command: 'cat',
      args: [],
      environment,
      input: new Secret('password'),
      onSpawn,
      onLine: (line) => {
        order.push('read')
        onLine(line)
      },
    })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect([lines, order]).toEqual([['password'], ['recorded', 'read']])
    expect(await shell('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 })
  })

  const failures = [
    { name: 'a missing program', command: 'no-such-program', cause: 'ENOENT' },
    { name: 'a file that is no program', command: '/etc/passwd', cause: 'EACCES' },
    { name: 'a NUL byte in an argument', command: 'true', args: ['a\0b'], cause: 'ERR_INVALID_ARG_VALUE' },
    { name: 'too long arguments', command: 'true', args: ['x'.repeat(3_000_000)], cause: 'E2BIG' },
    { name: 'a missing folder', command: 'true', cwd: '/nonexistent', cause: 'ENOENT' },
  ]
  for (const { name, command, args = [], cwd, cause } of failures) {
    it(`answers ${name} with a value`, async () => {
      const spec = { command, args, environment, ...(cwd === undefined ? {} : { cwd }) }
      expect(await runProcess(spec)).toMatchObject({ ended: 'spawn-failed', cause, stderrTail: '' })
    })
  }

  it('cancels with INT, and the child may clean up', async () => {
    const { lines, onLine } = collect()
    const stop = new AbortController()
    const result = await shell('trap "echo cleaned; exit 130" INT; echo ready; sleep 30 & wait', {
      signal: stop.signal,
      onLine: (line) => {
        onLine(line)
        stop.abort()
      },
    })
    expect(result).toMatchObject({ ended: 'cancelled', exitCode: 130 })
    expect(lines).toEqual(['ready', 'cleaned'])
  })

  it('kills the whole group of a child that does not listen', async () => {
    const script = `trap '' INT; sh -c 'trap "" INT; echo $$ > ${folder}/deaf; sleep 30' & wait; sleep 30`
    const result = await shell(script, { timeLimitMs: 500, graceMs: 300 })
    expect(result).toMatchObject({ ended: 'timed-out', signal: 'SIGKILL' })
    expect(result.durationMs).toBeLessThan(5_000)
    await expect.poll(() => isAlive(pidIn('deaf')), { timeout: 5_000 }).toBe(false)
  })

  it('kills helpers that sit in a process group of their own', async () => {
    // An interactive shell (-m) gives every job its group, as restic does with ssh.
    const script = `set -m; sh -c 'trap "" INT; echo $$ > ${folder}/own-group; sleep 30' & echo on; sleep 30`
    const result = await shell(script, { timeLimitMs: 500, graceMs: 300 })
    expect(result).toMatchObject({ ended: 'timed-out' })
    await expect.poll(() => isAlive(pidIn('own-group')), { timeout: 5_000 }).toBe(false)
  })

  it('does not wait for a stray that holds the output open, and ends it', async () => {
    const script = `setsid sh -c 'echo $$ > ${folder}/stray; exec sleep 30' & while [ ! -s ${folder}/stray ]; do :; done; sleep 0.5; echo done`
    const { lines, onLine } = collect()
    const result = await shell(script, { onLine })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect(result.durationMs).toBeLessThan(10_000)
    expect(lines).toEqual(['done'])
    await expect.poll(() => isAlive(pidIn('stray')), { timeout: 5_000 }).toBe(false)
  })

  it('does not wait for a stray that keeps writing', { timeout: 30_000 }, async () => {
    const result = await shell('(while :; do echo more; sleep 0.1; done) & exit 0', { onLine: () => {} })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect(result.durationMs).toBeLessThan(15_000)
  })

  it('ends what stays in the group of a child that ended well', async () => {
    const result = await shell(`sh -c 'echo $$ > ${folder}/left; exec sleep 30' >/dev/null 2>&1 & sleep 0.2; exit 0`)
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    await expect.poll(() => isAlive(pidIn('left')), { timeout: 5_000 }).toBe(false)
  })

  it('asks with the signal that a program understands', async () => {
    const script = "trap 'echo TERM; exit 3' TERM; trap '' INT; echo ready; while :; do sleep 0.05; done"
    const stop = new AbortController()
    const lines: string[] = []
    const onLine = (line: string): void => {
      lines.push(line)
      if (line === 'ready') stop.abort()
    }
    const result = await shell(script, { signal: stop.signal, stopSignal: 'SIGTERM', onLine })
    expect([result, lines]).toMatchObject([{ ended: 'cancelled', exitCode: 3 }, ['ready', 'TERM']])
  })

  it('tells a signal that was not ours', async () => {
    expect(await shell('kill -TERM $$')).toMatchObject({ ended: 'killed', signal: 'SIGTERM' })
  })

  it('starts nothing when it is cancelled already', async () => {
    const onSpawn = (): never => {
      throw new Error('started')
    }
    expect(await shell('true', { signal: AbortSignal.abort(), onSpawn })).toMatchObject({ ended: 'cancelled' })
  })

  it('ends the child and throws on what onSpawn threw', async () => {
    let child = 0
    const onSpawn = (pid: number): never => {
      child = pid
      throw new Error('no ledger')
    }
    await expect(shell('sleep 30', { onSpawn })).rejects.toThrow('no ledger')
    await expect.poll(() => isAlive(child)).toBe(false)
  })
})

describe('the stall limit', () => {
  it('notices a child that waits for nothing', async () => {
    expect(await shell('sleep 30', { stallLimitMs: 400 })).toMatchObject({ ended: 'stalled' })
  })

  it('notices a stopped child', async () => {
    const result = await shell('kill -STOP $$', { stallLimitMs: 400, graceMs: 500 })
    expect(result).toMatchObject({ ended: 'stalled' })
    expect(result.durationMs).toBeLessThan(5_000)
  })

  it('lets output count as life', async () => {
    const script = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done'
    expect(await shell(script, { stallLimitMs: 800 })).toMatchObject({ ended: 'exited', exitCode: 0 })
  })

  it('lets work count as life, without output and beside a value that stands still', async () => {
    const script = 'end=$(($(date +%s) + 2)); while [ $(date +%s) -lt $end ]; do :; done'
    expect(await shell(script, { stallLimitMs: 700, progress: () => 5 })).toMatchObject({ ended: 'exited' })
  })

  it('is not deceived by a status line that says the same again and again', async () => {
    const program = `setInterval(() => process.stdout.write('{"message_type":"status"}\\n'), 100)`
    const spec = { command: process.execPath, args: ['-e', program], environment }
    const result = await runProcess({ ...spec, stallLimitMs: 2_500, timeLimitMs: 15_000, progress: () => 5 })
    expect(result).toMatchObject({ ended: 'stalled' })
  })

  it('lets a growing value count as life', async () => {
    let value = 0
    const result = await shell('sleep 1.5', { stallLimitMs: 500, progress: () => (value += 1) })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
  })
})

describe('output', () => {
  it('takes a line of 100 MB with at most 16 MB of memory', { timeout: 60_000 }, async () => {
    const path = join(folder, 'long.mjs')
    writeFileSync(
      path,
      `const piece = 'x'.repeat(1 << 20)
       const write = (left) => left > 0 ? process.stdout.write(piece, () => write(left - 1)) : process.stdout.write('\\nend')
       write(100)`,
    )
    const lines: number[] = []
    let highest = 0
    const before = process.memoryUsage()
    const watch = setInterval(() => {
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      highest = Math.max(highest, heapUsed + arrayBuffers)
    }, 5)
    const result = await runProcess({
      command: process.execPath,
      args: [path],
      environment,
      maxLineBytes: 1024 * 1024,
      onLine: (line) => lines.push(line.length),
    })
    clearInterval(watch)
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect(lines).toEqual([1024 * 1024, 3])
    expect(highest - before.heapUsed - before.arrayBuffers).toBeLessThan(16 * 1024 * 1024)
  })

  it('keeps 64 KiB of standard error', async () => {
    const result = await shell('i=0; while [ $i -lt 20000 ]; do echo "line $i" >&2; i=$((i+1)); done')
    expect(result.stderrTail.length).toBeLessThanOrEqual(65_536)
    expect(result.stderrTail).toMatch(/^line \d+\n[\s\S]*line 19999\n$/)
  })

  it('leaves no descriptor open', { timeout: 30_000 }, async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length
    await shell('true')
    const before = descriptors()
    for (let run = 0; run < 5; run += 1) {
      await shell('sleep 30 & setsid sleep 30 & exit 0', { signal: AbortSignal.timeout(50) })
    }
    expect(descriptors()).toBeLessThanOrEqual(before)
  })
})
