import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import xz from 'xz-decompress'

/** Unpacks .xz bytes. */
export async function unxz(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new xz.XzReadableStream(new Blob([Buffer.from(packed)]).stream())
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Unpacks the files of a .deb below `folder`. Needs `tar`, and neither dpkg nor root.
 *
 * @throws Error when the bytes are no .deb, or `tar` is missing or fails.
 */
export async function unpackDeb(deb: Uint8Array, folder: string): Promise<void> {
  const { name, bytes } = dataMember(deb)
  const tar = name.endsWith('.xz') ? await unxz(bytes) : name.endsWith('.gz') ? gunzipSync(bytes) : undefined
  if (tar === undefined) throw new Error(`the package is packed in a way not known here (${name})`)
  await mkdir(folder, { recursive: true })
  await untar(tar, folder)
}

function dataMember(deb: Uint8Array): ArMember {
  for (const member of readAr(deb)) if (member.name.startsWith('data.tar')) return member
  throw new Error('the package holds no data.tar')
}

interface ArMember {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Members of a Unix `ar` archive in file order.
 *
 * Shape: `!<arch>\n`, then for each member a header of 60 ASCII bytes (name 16, time 12, owner 6, group 6, mode 8,
 * size 10, end mark "`\n"), then its bytes, filled up to an even length.
 * Source: deb(5), ar(5).
 *
 * @throws Error when the bytes are no archive or end too early.
 */
export function* readAr(archive: Uint8Array): Generator<ArMember> {
  const buffer = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  if (buffer.toString('latin1', 0, 8) !== '!<arch>\n') throw new Error('this is no package of Debian (no ar archive)')
  let at = 8
  while (at < buffer.length) {
    const header = buffer.toString('latin1', at, at + 60)
    const size = Number(header.slice(48, 58))
    if (header.slice(58) !== '`\n' || !Number.isInteger(size) || at + 60 + size > buffer.length) {
      throw new Error('the package is cut or damaged')
    }
    yield { name: header.slice(0, 16).trim().replace(/\/$/, ''), bytes: buffer.subarray(at + 60, at + 60 + size) }
    at += 60 + size + (size % 2)
  }
}

async function untar(tar: Uint8Array, folder: string): Promise<void> {
  const child = spawn('tar', ['-x', '-f', '-', '-C', folder, '--no-same-owner'], { stdio: ['pipe', 'ignore', 'pipe'] })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  // A tar that dies early breaks the pipe; its own words, below, say more.
  child.stdin.on('error', () => {})
  child.stdin.end(tar)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`tar could not unpack the package: ${Buffer.concat(said).toString().trim()}`)
}
