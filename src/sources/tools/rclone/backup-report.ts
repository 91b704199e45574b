import type { SkippedFile } from '../../../model/run.ts'
import type { Progress } from '../tool.ts'
import { type LogLine, parseLogLine, type Stats } from './log.ts'

const mostSkipped = 1000

/** Reasons that lie with single files of the source; whatever else fails is a failure of the run. */
const ofTheSource =
  /^(?:Failed to copy: )?(?:failed to open source object|failed to open directory|error reading source directory|failed to read directory|failed to hash|can't copy - source file is being updated|failed to lstat|couldn't read|error reading source)|^Failed to copy: .*(?:source file is being updated|open source object)/i

/** Links that rclone leaves out unless it is told what to do with them. */
const leftOut = /^Can't follow symlink/i
/** Only sums up what other lines say, or tries again. */
const echo =
  /^(?:Attempt \d+\/\d+ |not deleting (?:files|directories) as|Failed to (?:sync|copy) with |There was an error)/

/** Follows a `sync` or `copy` as it talks. */
export class BackupReport {
  readonly skipped: SkippedFile[] = []
  skippedCount = 0
  /** Something failed that is no single file of the source. */
  hasFailed = false
  copied = 0
  replaced = 0
  #stats: Stats | undefined
  #progress = 0
  readonly #seen = new Set<string>()
  readonly #moved = new Set<string>()
  readonly #onProgress: ((progress: Progress) => void) | undefined

  constructor(onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress
  }

  line(text: string): void {
    const line = parseLogLine(text)
    if (line === undefined) return
    if (line.stats !== undefined) this.#status(line.stats)
    else if (line.level === 'error' || line.level === 'critical') this.#error(line)
    else if (leftOut.test(line.msg)) this.#skip(line)
    else this.#done(line)
  }

  /** The last report, which rclone prints at its end. */
  get stats(): Stats | undefined {
    return this.#stats
  }

  /** Grows with the work done; for the stall limit. */
  progress(): number {
    return this.#progress
  }

  #status(stats: Stats): void {
    this.#stats = stats
    const { bytes, transfers, checks, deletes, listed, renames } = stats
    this.#progress = Math.max(this.#progress, bytes + transfers + checks + deletes + listed + renames)
    this.#onProgress?.(toProgress(stats))
  }

  #error(line: LogLine): void {
    if (echo.test(line.msg)) return
    if (line.object !== undefined && line.object !== '' && ofTheSource.test(line.msg)) this.#skip(line)
    else this.hasFailed = true
  }

  #done({ msg, skipped, object = '' }: LogLine): void {
    // With dated folders a file is replaced by moving the old one away and copying a new one.
    if (/^Moved \(server-side\)/.test(msg)) this.#moved.add(object)
    const isNew = /^(?:Multi-thread )?Copied \(new\)/.test(msg)
    if (isNew && this.#moved.delete(object)) {
      this.replaced += 1
      return
    }
    if (skipped === 'copy' || /^(?:Multi-thread )?Copied \((?:new|server-side copy)\)/.test(msg)) this.copied += 1
    else if (/^(?:Multi-thread )?Copied \(replaced existing\)/.test(msg)) this.replaced += 1
  }

  /** Every attempt tells of the same file again. */
  #skip({ object = '', msg }: LogLine): void {
    if (this.#seen.has(object)) return
    this.skippedCount += 1
    if (this.skipped.length >= mostSkipped) return
    this.#seen.add(object)
    this.skipped.push({ path: object, reason: msg.replace(/^Failed to copy: /, '') })
  }
}

export function toProgress({
  bytes,
  totalBytes,
  transfers,
  totalTransfers,
  eta,
  errors,
  transferring,
}: Stats): Progress {
  const currentFile = transferring?.[0]?.name
  return {
    filesDone: transfers,
    bytesDone: bytes,
    errors,
    ...(totalTransfers === undefined ? {} : { totalFiles: totalTransfers }),
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(eta == null ? {} : { secondsRemaining: eta }),
    ...(currentFile === undefined ? {} : { currentFile }),
  }
}
