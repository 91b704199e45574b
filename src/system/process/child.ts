import type { ChildProcess } from 'node:child_process'
import { Secret } from '../../model/secret.ts'
import { linkOf } from '../pids.ts'
import type { ProcessResult, ProcessSpec } from '../process.ts'
import { LineReader, Tail } from './lines.ts'
import { watchForStall } from './stall.ts'
import { interruptAll, killAll } from './terminate.ts'

type Ending = Omit<ProcessResult, 'durationMs'>
type Exit = { readonly code: number | null; readonly signal: string | null } | { readonly cause: string }

const maxLineBytes = 1024 * 1024
const maxTailBytes = 64 * 1024
const graceMs = 10_000
/** How long output may stay open, silent, after the child exited; and how long even when somebody keeps writing. */
const quietDrainMs = 1_000
const longestDrainMs = 10_000
/** A child in an uninterruptible system call outlives KILL; nobody can wait for that. */
const afterKillMs = 5_000
const longestTimerMs = 2 ** 31 - 1

/** Follows a spawned child to its end and cleans up behind it. Throws only what `onSpawn` threw. */
export async function watchChild(child: ChildProcess, spec: ProcessSpec): Promise<Ending> {
  const output = readOutput(child, spec)
  const exit = exitOf(child)
  const pid = child.pid
  if (pid === undefined) return { ended: 'spawn-failed', cause: causeOf(await exit), stderrTail: '' }
  const held = new Set([linkOf(pid, 1), linkOf(pid, 2)].filter((link) => link !== undefined))

  const stopping = new Stopping(pid, held, spec.graceMs ?? graceMs)
  const endWatch = watchLimits(pid, spec, stopping, output)
  let failure: { readonly error: unknown } | undefined
  try {
    await spec.onSpawn?.(pid)
    feed(child, spec.input)
  } catch (error) {
    failure = { error }
    stopping.stop('cancelled')
  }
  const ended = await Promise.race([exit, stopping.gaveUp])
  endWatch()
  stopping.done()
  if (!(await output.drained())) killAll(pid, held)
  // What is left in the group of a child that ended well is a stray; nobody reads its output any more.
  if (stopping.reason !== undefined || ended === undefined || 'cause' in ended || ended.signal !== null) killAll(pid, held)
  else killAll(pid)
  output.close()
  if (failure !== undefined) throw failure.error
  return { ...endingOf(ended, stopping.reason), stderrTail: output.stderrTail() }
}

function endingOf(exit: Exit | undefined, reason: Stopping['reason']): Omit<Ending, 'stderrTail'> {
  if (exit === undefined) return { ended: reason ?? 'killed', cause: 'unkillable' }
  if ('cause' in exit) return { ended: reason ?? 'spawn-failed', cause: exit.cause }
  return {
    ended: reason ?? (exit.signal === null ? 'exited' : 'killed'),
    ...(exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit.signal === null ? {} : { signal: exit.signal }),
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ cause: error.code ?? error.message })
    })
  })
}

const causeOf = (exit: Exit): string => ('cause' in exit ? exit.cause : 'EIO')

function feed(child: ChildProcess, input: ProcessSpec['input']): void {
  // A child that exits without reading its input is no failure of ours.
  child.stdin?.on('error', () => {})
  if (input !== undefined) child.stdin?.end(input instanceof Secret ? input.reveal() : input)
}

/** One way to end a child: the first reason wins, then INT, grace, KILL, and at last the refusal to wait any longer. */
class Stopping {
  reason: 'cancelled' | 'timed-out' | 'stalled' | undefined
  /** Resolves when even KILL did not end the child. */
  readonly gaveUp: Promise<undefined>
  readonly #pid: number
  readonly #held: ReadonlySet<string>
  readonly #graceMs: number
  #giveUp: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  constructor(pid: number, held: ReadonlySet<string>, graceMs: number) {
    this.#pid = pid
    this.#held = held
    this.#graceMs = graceMs
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = () => resolve(undefined)
    })
  }

  stop(reason: NonNullable<Stopping['reason']>): void {
    if (this.reason !== undefined) return
    this.reason = reason
    interruptAll(this.#pid)
    this.#timer = setTimeout(() => {
      killAll(this.#pid, this.#held)
      this.#timer = setTimeout(this.#giveUp, afterKillMs)
    }, this.#graceMs)
  }

  done(): void {
    clearTimeout(this.#timer)
  }
}

/** Time limit, stall limit and cancelling; returns what ends the watch. */
function watchLimits(pid: number, spec: ProcessSpec, stopping: Stopping, output: Output): () => void {
  const onAbort = (): void => stopping.stop('cancelled')
  spec.signal?.addEventListener('abort', onAbort, { once: true })
  if (spec.signal?.aborted) onAbort()
  const limitMs = spec.timeLimitMs
  const timer =
    limitMs === undefined ? undefined : setTimeout(() => stopping.stop('timed-out'), Math.min(limitMs, longestTimerMs))
  const endStallWatch =
    spec.stallLimitMs === undefined
      ? undefined
      : watchForStall({
          pid,
          limitMs: spec.stallLimitMs,
          printedBytes: output.bytes,
          progress: spec.progress,
          onStall: () => stopping.stop('stalled'),
        })
  return () => {
    spec.signal?.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    endStallWatch?.()
  }
}

interface Output {
  /** Printed so far, to both. */
  readonly bytes: () => number
  /** Waits, a bounded time, until both ends are closed. False: somebody still holds one. */
  readonly drained: () => Promise<boolean>
  readonly close: () => void
  readonly stderrTail: () => string
}

function readOutput(child: ChildProcess, spec: ProcessSpec): Output {
  const cap = spec.maxLineBytes ?? maxLineBytes
  const lines = new LineReader(cap, spec.onLine ?? (() => {}))
  const errorLines = new LineReader(cap, spec.onErrorLine ?? (() => {}))
  const tail = new Tail(maxTailBytes)
  let bytes = 0
  let closed = false
  let lastAt = 0
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length
    lastAt = performance.now()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    onData(chunk)
    if (spec.onLine !== undefined) lines.push(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    onData(chunk)
    tail.push(chunk)
    if (spec.onErrorLine !== undefined) errorLines.push(chunk)
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('error', () => {})
  const closing = new Promise<void>((resolve) => {
    child.once('close', () => {
      closed = true
      resolve()
    })
  })
  return {
    bytes: () => bytes,
    drained: async () => {
      const exitAt = performance.now()
      while (!closed) {
        await Promise.race([closing, afterMs(50)])
        const now = performance.now()
        if (now - exitAt > longestDrainMs || now - Math.max(lastAt, exitAt) > quietDrainMs) break
      }
      return closed
    },
    close: () => {
      child.stdin?.destroy()
      child.stdout?.destroy()
      child.stderr?.destroy()
      lines.end()
      errorLines.end()
    },
    stderrTail: () => tail.toString(),
  }
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
