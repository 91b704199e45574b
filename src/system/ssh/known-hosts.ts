/**
 * Files of known host keys. Shape: `[marker] names type key [comment]`, one a line; names are a list with commas, with wildcards
 * and `!`, or one hashed name; a port other than 22 is written `[host]:port`. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface HostLine {
  /** As it stands in the file. */
  readonly text: string
  /** From 1. */
  readonly number: number
  readonly marker?: 'cert-authority' | 'revoked'
  /** The names as they are written, or one that is hashed. */
  readonly names: readonly string[]
  readonly type: string
  /** Base64. */
  readonly key: string
}

/** What ssh would understand; comments, empty and broken lines are left out. Never throws. */
export function parseKnownHosts(text: string): readonly HostLine[] {
  return text.split(/\r?\n/).flatMap((line, at) => {
    const words = line.trim().split(/[ \t]+/)
    const first = words[0] ?? ''
    if (first === '' || first.startsWith('#')) return []
    const marker = markers[first]
    if (first.startsWith('@') && marker === undefined) return []
    const [names = '', type = '', key = ''] = marker === undefined ? words : words.slice(1)
    if (!isKey(type, key)) return []
    return [{ text: line, number: at + 1, ...(marker && { marker }), names: names.split(','), type, key }]
  })
}

const markers: Readonly<Record<string, HostLine['marker']>> = {
  '@cert-authority': 'cert-authority',
  '@revoked': 'revoked',
}

/** A key says its own type first. Shape: `length:u32 | type | …`, in base64. Source: RFC 4253, 6.6. */
export function isKey(type: string, key: string): boolean {
  if (!/^[A-Za-z0-9+/]+=*$/.test(key)) return false
  const bytes = Buffer.from(key, 'base64')
  return bytes.length > 4 + type.length && bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0)) === type
}

/** The name under which ssh looks a server up. */
export const lookupName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`

/** Whether a line speaks of a name, as `lookupName` gives it. */
export function speaksOf({ names }: Pick<HostLine, 'names'>, name: string): boolean {
  const wanted = name.toLowerCase()
  let speaks = false
  for (const one of names) {
    if (one.startsWith('|')) speaks ||= isHashOf(one, wanted)
    else if (one.startsWith('!')) {
      if (fits(one.slice(1), wanted)) return false
    } else speaks ||= fits(one, wanted)
  }
  return speaks
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt. Source: openssh `hostfile.c`, `host_hash`. */
function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|')
  if (version !== '1') return false
  const wanted = Buffer.from(hash, 'base64')
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return wanted.length === own.length && timingSafeEqual(wanted, own)
}

/** `*` is any text and `?` any character; brackets are themselves. */
function fits(pattern: string, name: string): boolean {
  const escaped = pattern.toLowerCase().replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
}

/** Without markers: keys a server may show under a name. */
export const keysOf = (lines: readonly HostLine[], name: string): readonly HostLine[] =>
  lines.filter((line) => line.marker === undefined && speaksOf(line, name))

/** `SHA256:…`, as ssh prints it. */
export const fingerprintOf = ({ key }: Pick<HostLine, 'key'>): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`

/** `ED25519`, as ssh calls the type of a key. */
export function typeName(type: string): string {
  const known = /^(?:sk-)?(?:ssh|ecdsa-sha2)-(rsa|ed25519|dss|nistp\d+)/.exec(type)?.[1]
  const family = known?.startsWith('nistp') ? 'ECDSA' : (known?.toUpperCase() ?? type)
  return type.startsWith('sk-') ? `${family}-SK` : family
}

/** A line of ours: one name, one type, one key. */
export const writeLine = (name: string, { type, key }: Pick<HostLine, 'type' | 'key'>): string =>
  `${name} ${type} ${key}`
