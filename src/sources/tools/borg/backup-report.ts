import { lstatSync } from 'node:fs'
import type { SkippedFile } from '../../../model/run.ts'
import type { Progress } from '../tool.ts'
import { parseMessage } from './messages.ts'

/** More are counted, not kept: a whole disk that cannot be read must not fill the ledger. */
const mostSkipped = 1000

/** Collects what a backup says on standard error, line by line. Never throws, whatever the lines are. */
export class BackupReport {
  readonly skipped: SkippedFile[] = []
  skippedCount = 0
  filesNew = 0
  filesChanged = 0
  /** Of a rehearsal, which makes no summary. */
  filesTried = 0
  readonly #seen = new Set<string>()
  readonly #onProgress: ((progress: Progress) => void) | undefined
  #progress = 0

  constructor(onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress
  }

  errorLine(line: string): void {
    const message = parseMessage(line)
    if (message?.type === 'archive_progress') this.#report(message)
    else if (message?.type === 'file_status') this.#status(message)
    else if (message?.type === 'log_message' && message.levelname === 'WARNING') this.#warning(message.message)
  }

  /** Grows with the work done; for the stall limit. */
  progress(): number {
    return this.#progress
  }

  #report({
    original_size: bytes,
    nfiles,
    path,
  }: {
    original_size?: number | undefined
    nfiles?: number | undefined
    path?: string | undefined
  }): void {
    this.#progress = Math.max(this.#progress, (bytes ?? 0) + (nfiles ?? 0))
    this.#onProgress?.({
      ...(nfiles !== undefined && { filesDone: nfiles }),
      ...(bytes !== undefined && { bytesDone: bytes }),
      ...(path !== undefined && path !== '' && { currentFile: path }),
      ...(this.skippedCount > 0 && { errors: this.skippedCount }),
    })
  }

  #status({ status, path }: { readonly status: string; readonly path: string }): void {
    if (status === 'A') this.filesNew += 1
    else if (status === 'M' || status === 'C') this.filesChanged += 1
    else if (status === '-' && isFile(path)) this.filesTried += 1
    else if (status === 'E') this.#skip({ path, reason: 'it could not be read' })
    if (status === 'C') this.#skip({ path, reason: 'it changed while it was read' })
  }

  #warning(text: string): void {
    const found = parseWarning(text)
    if (found !== undefined) this.#skip(found)
  }

  /** Both the warning and the status tell of one file; the warning, with the reason, comes first. */
  #skip(file: SkippedFile): void {
    if (this.#seen.has(file.path)) return
    this.skippedCount += 1
    if (this.skipped.length >= mostSkipped) return
    this.#seen.add(file.path)
    this.skipped.push(file)
  }
}

/**
 * Reads `PATH: [Errno 13] Permission denied: 'PATH'` (1.2), with `open: ` and the like before `[` (1.4), and
 * `PATH: file changed while we backed it up`. Undefined for other warnings.
 */
export function parseWarning(text: string): SkippedFile | undefined {
  const [, failed, reason] = /^(.+?): (?:\w+: )?\[Errno \d+\] (.+?)(?:: '.*')?$/s.exec(text) ?? []
  if (failed !== undefined && reason !== undefined)
    return { path: failed, reason: reason.charAt(0).toLowerCase() + reason.slice(1) }
  const changed = /^(.+): file changed while we backed it up$/s.exec(text)?.[1]
  return changed === undefined ? undefined : { path: changed, reason: 'it changed while it was read' }
}

function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    return false
  }
}
