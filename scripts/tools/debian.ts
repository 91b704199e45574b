import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unxz } from './deb.ts'
import { DownloadError, type DownloadOptions, download } from './download.ts'
import { followSystemNetwork } from './network.ts'

const run = promisify(execFile)
/** Where the package debian-archive-keyring puts the keys Debian signs with. */
export const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** A package as a suite's index describes it. */
export interface FoundPackage {
  readonly package: string
  /** As Debian writes it: `[epoch:]upstream-revision`. */
  readonly version: string
  readonly suite: string
  readonly url: string
  /** Of the .deb, lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

export interface Archive {
  /** Undefined when the suite has no such package. Reads the suite's index at the first question. */
  find(packageName: string, suite: string): Promise<FoundPackage | undefined>
  /** The bytes of the .deb, held to the index's sum. */
  fetch(found: FoundPackage, onProgress?: DownloadOptions['onProgress']): Promise<Uint8Array>
}

export interface ArchiveOptions {
  /** Address of a mirror, without a slash at the end. */
  readonly mirror: string
  /** As Debian names it: `amd64`, `arm64`. */
  readonly architecture: string
  /** The keys to check signatures with; a path where nothing is leaves it to HTTPS. */
  readonly keyring: string
  /** Called once for each different line. */
  readonly say: (line: string) => void
  /** Before a failed download is tried again. */
  readonly pauseMs?: number
}

/** Debian's archive: every index and package is held to the SHA-256 sums of the signed InRelease. */
export function openArchive(given: ArchiveOptions): Archive {
  const told = new Set<string>()
  const say = (line: string) => {
    if (!told.has(line)) given.say(line)
    told.add(line)
  }
  const options = { ...given, say }
  const indexes = new Map<string, Promise<string>>()
  const indexOf = (suite: string) => {
    const known = indexes.get(suite) ?? readIndex(options, suite)
    indexes.set(suite, known)
    return known
  }
  return {
    async find(packageName, suite) {
      const fields = stanzaOf(await indexOf(suite), packageName)
      return fields === undefined ? undefined : toFoundPackage(fields, suite, options.mirror)
    },
    fetch: (found, onProgress) =>
      download(found.url, { sha256: found.sha256, ...pauseOf(options), ...(onProgress && { onProgress }) }),
  }
}

const pauseOf = ({ pauseMs }: ArchiveOptions) => (pauseMs === undefined ? {} : { pauseMs })

async function readIndex(options: ArchiveOptions, suite: string): Promise<string> {
  const { mirror, architecture } = options
  followSystemNetwork()
  const base = `${mirror}/dists/${suite}`
  const path = `main/binary-${architecture}/Packages.xz`
  const release = await signedText(`${base}/InRelease`, options)
  const sha256 = sumOf(release, path)
  if (sha256 === undefined) throw new DownloadError(`${base}/InRelease lists no ${path}`)
  // By its sum the index cannot change between the two requests; a plain mirror may know it by name only.
  const packed = await download(`${base}/main/binary-${architecture}/by-hash/SHA256/${sha256}`, {
    sha256,
    ...pauseOf(options),
  }).catch((error) => {
    if (!(error instanceof DownloadError && error.status === 404)) throw error
    return download(`${base}/${path}`, { sha256, ...pauseOf(options) })
  })
  return Buffer.from(await unxz(packed)).toString('latin1')
}

/** What Debian signed of a clear-signed file. Without gpgv or Debian's keys the transport alone vouches, and we say so. */
async function signedText(url: string, options: ArchiveOptions): Promise<string> {
  const { keyring, say } = options
  const bytes = await download(url, pauseOf(options))
  const folder = await mkdtemp(join(tmpdir(), 'muster-release-'))
  try {
    const [signed, plain] = [join(folder, 'InRelease'), join(folder, 'plain')]
    await writeFile(signed, bytes)
    if (!existsSync(keyring)) return unchecked(bytes, `${keyring} is not there`, say)
    const status = await gpgv(keyring, signed, plain)
    if (status === undefined) return unchecked(bytes, 'gpgv is not installed', say)
    if (/ BADSIG /.test(status) || !/ VALIDSIG /.test(status)) {
      throw new DownloadError(
        `${url} carries no valid signature of Debian (gpgv: ${status.match(/(BADSIG|NO_PUBKEY|EXPKEYSIG|NODATA).*/)?.[0] ?? 'no answer'})`,
      )
    }
    return await readFile(plain, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** gpgv's status lines; undefined when there is no gpgv. It fails when one of several keys is unknown, so judge by the lines. */
async function gpgv(keyring: string, signed: string, plain: string): Promise<string | undefined> {
  try {
    return (await run('gpgv', ['--keyring', keyring, '--status-fd', '1', '--output', plain, signed])).stdout
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string }
    return code === 'ENOENT' ? undefined : (stdout ?? '')
  }
}

function unchecked(bytes: Uint8Array, why: string, say: (line: string) => void): string {
  say(`Debian's signature is not checked: ${why}. Install gpgv and debian-archive-keyring for that.`)
  return Buffer.from(bytes).toString('utf8')
}

/** The SHA-256 that a Release text announces for `path`. Shape of a line: ` sum size path`; sums of 64 digits are SHA-256. */
function sumOf(release: string, path: string): string | undefined {
  for (const line of release.split('\n')) {
    const [sum = '', , name] = line.trim().split(/\s+/)
    if (name === path && /^[0-9a-f]{64}$/.test(sum)) return sum
  }
  return undefined
}

/** The fields of one package in a Packages text: stanzas of `Field: value`, parted by empty lines. */
function stanzaOf(index: string, packageName: string): ReadonlyMap<string, string> | undefined {
  const start = `\n${index}`.indexOf(`\nPackage: ${packageName}\n`)
  if (start === -1) return undefined
  const end = index.indexOf('\n\n', start)
  const lines = index.slice(start, end === -1 ? undefined : end).split('\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
}

function toFoundPackage(fields: ReadonlyMap<string, string>, suite: string, mirror: string): FoundPackage {
  const field = (name: string) => {
    const value = fields.get(name)
    if (value === undefined) throw new DownloadError(`the index of ${suite} gives ${fields.get('Package')} no ${name}`)
    return value
  }
  return {
    package: field('Package'),
    version: field('Version'),
    suite,
    url: `${mirror}/${field('Filename')}`,
    sha256: field('SHA256'),
    sizeBytes: Number(field('Size')),
  }
}
