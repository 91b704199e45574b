import type { ChildProcess } from 'node:child_process'
import { Secret } from '../../model/secret.ts'
import { linkOf } from '../pids.ts'
import type { ProcessResult, ProcessSpec } from '../process.ts'
import { type Output, readOutput } from './output.ts'
import { watchForStall } from './stall.ts'
import { Stopping } from './stopping.ts'
import { killAll } from './terminate.ts'

type Ending = Omit<ProcessResult, 'durationMs'>
type Exit = { readonly code: number | null; readonly signal: string | null } | { readonly cause: string }

const graceMs = 10_000
const longestTimerMs = 2 ** 31 - 1

/** Follows a spawned child to its end and cleans up behind it. Throws only what `onSpawn` threw. */
export async function watchChild(child: ChildProcess, spec: ProcessSpec): Promise<Ending> {
  const pid = child.pid
  // First of all: what a child held is not to be seen any more once it ended.
  const held = new Set([1, 2].flatMap((descriptor) => (pid === undefined ? [] : (linkOf(pid, descriptor) ?? []))))
  const output = readOutput(child, spec)
  const exit = exitOf(child)
  if (pid === undefined) return { ended: 'spawn-failed', cause: causeOf(await exit), stderrTail: '' }

  const stopping = new Stopping(pid, held, spec.graceMs ?? graceMs, spec.stopSignal)
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
  if (stopping.reason !== undefined || ended === undefined || 'cause' in ended || ended.signal !== null)
    killAll(pid, held)
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
