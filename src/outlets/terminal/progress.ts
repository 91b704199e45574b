/** What a person sees while something runs: a bar on a terminal, plain lines in a pipe. */
import cliProgress from 'cli-progress'
import { sayBytes, sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { paint } from './style.ts'

/** How far a long operation is; absent fields are not known (yet). */
export interface Shown {
  readonly filesDone?: number
  readonly totalFiles?: number
  readonly bytesDone?: number
  readonly totalBytes?: number
  readonly secondsRemaining?: number
  readonly currentFile?: string
}

export interface ProgressView {
  phase(text: string): void
  progress(shown: Shown): void
  /** Takes the bar away, so that the summary stands on clean lines. */
  done(): void
}

/** In a pipe, a plain line at most this often. */
const lineEveryMs = 10_000

export function openProgress(title: string, stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY === true ? barView(title, stream) : lineView(title, stream)
}

export const silentProgress: ProgressView = { phase() {}, progress() {}, done() {} }

function barView(title: string, stream: NodeJS.WriteStream): ProgressView {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: `${title} {bar} {percentage}%  {details}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  )
  let phase = ''
  const begun = performance.now()
  const draw = (share: number, details: string): void => {
    // What is wider than the terminal would wrap and leave a trail of bars behind.
    const room = Math.max(10, (stream.columns ?? 80) - title.length - 30)
    const cut = details.length > room ? `${details.slice(0, room - 1)}…` : details
    if (bar.isActive) bar.update(share, { details: cut })
    else bar.start(100, share, { details: cut })
  }
  return {
    phase(text) {
      phase = oneLine(text)
      draw(phase === 'backing up' ? 0 : 100, phase)
    },
    progress(shown) {
      const share =
        shown.totalBytes === undefined || shown.totalBytes === 0
          ? 0
          : Math.min(100, Math.floor((100 * (shown.bytesDone ?? 0)) / shown.totalBytes))
      draw(share, detailsOf(shown, performance.now() - begun) || phase)
    },
    done() {
      if (bar.isActive) bar.stop()
    },
  }
}

function lineView(title: string, stream: NodeJS.WriteStream): ProgressView {
  let last = performance.now()
  const begun = last
  return {
    phase: (text) => void stream.write(`${title}: ${oneLine(text)}\n`),
    progress(shown) {
      if (performance.now() - last < lineEveryMs) return
      last = performance.now()
      stream.write(`${title}: ${detailsOf(shown, last - begun)}\n`)
    },
    done() {},
  }
}

/** `12 of 30 files, 1.2 GiB of 3.4 GiB, 80 MiB/s, 2 minutes left, /srv/a`. */
function detailsOf(shown: Shown, elapsedMs: number): string {
  const of = (done: string, total: string | undefined): string => (total === undefined ? done : `${done} of ${total}`)
  const parts: string[] = []
  if (shown.filesDone !== undefined)
    parts.push(
      `${of(String(shown.filesDone), shown.totalFiles === undefined ? undefined : String(shown.totalFiles))} files`,
    )
  if (shown.bytesDone !== undefined) {
    parts.push(of(sayBytes(shown.bytesDone), shown.totalBytes === undefined ? undefined : sayBytes(shown.totalBytes)))
    if (elapsedMs > 500) parts.push(`${sayBytes((1000 * shown.bytesDone) / elapsedMs)}/s`)
  }
  if (shown.secondsRemaining !== undefined && shown.secondsRemaining > 0)
    parts.push(`${sayDuration(shown.secondsRemaining * 1000)} left`)
  if (shown.currentFile !== undefined) parts.push(paint('dim', oneLine(shown.currentFile)))
  return parts.join(', ')
}
