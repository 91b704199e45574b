import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

export interface DownloadOptions {
  /** Lower-case hex; other bytes are refused. */
  readonly sha256?: string
  readonly onProgress?: (doneBytes: number, totalBytes: number | undefined) => void
  readonly tries?: number
  /** Before the second try; doubled for each further one. */
  readonly pauseMs?: number
  /** No byte for this long ends a try. */
  readonly stallMs?: number
}

/** A download that did not succeed; the message names the address and the reason. */
export class DownloadError extends Error {
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/**
 * The bytes at `url`, tried again when the network fails. An answer the server means (404 and the like) is final.
 *
 * @throws DownloadError
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const { tries = 3, pauseMs = 1000 } = options
  for (let attempt = 1; ; attempt += 1) {
    try {
      return verified(await readOnce(url, options), options.sha256)
    } catch (error) {
      if (isFinal(error)) throw error
      if (attempt === tries) throw new DownloadError(`${url} could not be read in ${tries} tries: ${reasonOf(error)}`)
      await pause(pauseMs * 2 ** (attempt - 1))
    }
  }
}

async function readOnce(url: string, { onProgress, stallMs = 30_000 }: DownloadOptions): Promise<Uint8Array> {
  const stalled = new AbortController()
  const watch = setTimeout(() => stalled.abort(new Error(`no byte for ${stallMs / 1000} s`)), stallMs)
  try {
    const response = await fetch(url, { signal: stalled.signal })
    if (!response.ok)
      throw new DownloadError(`${url} answers ${response.status} ${response.statusText}`, response.status)
    const announced = Number(response.headers.get('content-length')) || undefined
    const chunks: Uint8Array[] = []
    let doneBytes = 0
    for await (const chunk of response.body ?? []) {
      watch.refresh()
      chunks.push(chunk)
      doneBytes += chunk.length
      onProgress?.(doneBytes, announced)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(watch)
  }
}

function verified(bytes: Uint8Array, sha256: string | undefined): Uint8Array {
  if (sha256 === undefined) return bytes
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Error(`its SHA-256 is ${found}, announced was ${sha256}`)
  return bytes
}

const isFinal = (error: unknown): boolean =>
  error instanceof DownloadError && error.status !== undefined && error.status < 500 && error.status !== 429

/** `fetch` hides the reason one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
