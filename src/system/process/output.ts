import type { ChildProcess } from 'node:child_process'
import type { ProcessSpec } from '../process.ts'
import { LineReader, Tail } from './lines.ts'

const maxLineBytes = 1024 * 1024
const maxTailBytes = 64 * 1024
/** How long output may stay open, silent, after the child exited; and how long even when somebody keeps writing. */
const quietDrainMs = 1_000
const longestDrainMs = 10_000

export interface Output {
  /** Printed so far, to both. */
  readonly bytes: () => number
  /** Waits, a bounded time, until both ends are closed. False: somebody still holds one. */
  readonly drained: () => Promise<boolean>
  readonly close: () => void
  readonly stderrTail: () => string
}

/** Reads both outputs of a child as it runs. */
export function readOutput(child: ChildProcess, spec: ProcessSpec): Output {
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
