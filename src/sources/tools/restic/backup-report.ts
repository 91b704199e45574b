import type { BackupCounters, SkippedFile } from '../../../model/run.ts'
import type { Progress } from '../tool.ts'
import {
  type ItemError,
  parseError,
  parseLine,
  parseStatus,
  parseSummary,
  type Status,
  type Summary,
} from './messages.ts'

/** More are counted, not kept: a whole disk that cannot be read must not fill the ledger. */
const mostSkipped = 1000

/** Collects what a backup says, line by line. Never throws, whatever the lines are. */
export class BackupReport {
  readonly skipped: SkippedFile[] = []
  skippedCount = 0
  readonly #seen = new Set<string>()
  readonly #summaries: Summary[] = []
  readonly #onProgress: ((progress: Progress) => void) | undefined
  #progress = 0

  constructor(onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress
  }

  /** A line of standard output. */
  line(line: string): void {
    const value = parseLine(line)
    if (value === undefined) return
    if (value.message_type === 'status') this.#status(parseStatus(value))
    else if (value.message_type === 'summary') this.#summary(parseSummary(value))
    else this.#error(value)
  }

  /** A line of standard error. Missing sources come as plain text in all versions. */
  errorLine(line: string): void {
    const missing = /^(.*) does not exist, skipping$/.exec(line)?.[1]
    if (missing !== undefined) this.#skip({ path: missing, reason: 'does not exist', ahead: false })
    else this.#error(parseLine(line))
  }

  /** The one complete summary; two of them are as good as none, because one is not from this run. */
  get summary(): Summary | undefined {
    return this.#summaries.length === 1 ? this.#summaries[0] : undefined
  }

  /** Grows with the work done; for the stall limit. */
  progress(): number {
    return this.#progress
  }

  #summary(summary: Summary | undefined): void {
    if (summary !== undefined) this.#summaries.push(summary)
  }

  #status(status: Status | undefined): void {
    if (status === undefined) return
    const { files_done = 0, bytes_done = 0, total_files = 0, total_bytes = 0 } = status
    this.#progress = Math.max(this.#progress, files_done + bytes_done + total_files + total_bytes)
    this.#onProgress?.(toProgress(status))
  }

  #error(value: unknown): void {
    const error = parseError(value)
    if (error !== undefined) this.#skip(error)
  }

  /** Counting ahead and reading run side by side, and both tell of the same file. */
  #skip({ path, reason, ahead }: ItemError): void {
    if (path !== '' && this.#seen.has(path)) return
    const full = this.skipped.length >= mostSkipped
    if (full && ahead) return
    this.skippedCount += 1
    if (full) return
    this.#seen.add(path)
    this.skipped.push({ path, reason })
  }
}

/** Zeros are left out by restic, so what is absent here is 0 or unknown; both stay absent. */
export function toProgress(status: Status): Progress {
  const currentFile = status.current_files?.[0]
  return defined({
    filesDone: status.files_done ?? status.files_restored,
    totalFiles: status.total_files,
    bytesDone: status.bytes_done ?? status.bytes_restored,
    totalBytes: status.total_bytes,
    secondsRemaining: status.seconds_remaining,
    errors: status.error_count,
    currentFile,
  })
}

export function toCounters(summary: { readonly [Key in keyof Summary]?: Summary[Key] | undefined }): BackupCounters {
  return defined({
    filesNew: summary.files_new,
    filesChanged: summary.files_changed,
    filesUnmodified: summary.files_unmodified,
    dirsNew: summary.dirs_new,
    dirsChanged: summary.dirs_changed,
    dirsUnmodified: summary.dirs_unmodified,
    processedFiles: summary.total_files_processed,
    processedBytes: summary.total_bytes_processed,
    addedBytes: summary.data_added_packed ?? summary.data_added,
  })
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}
