/** Progress in words. */
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

/** `12 of 30 files, 1.2 GiB of 3.4 GiB, 80 MiB/s, 2 minutes left, /srv/a`. */
export function detailsOf(shown: Shown, elapsedMs: number): string {
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
