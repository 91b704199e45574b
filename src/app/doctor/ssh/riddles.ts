/** Why the user's own ssh does not do what its file of host keys seems to say. Pure: from lines and keys to findings. */
import type { Finding } from '../../../model/finding.ts'
import {
  fingerprintOf,
  type HostLine,
  keysOf,
  lookupName,
  speaksOf,
  typeName,
} from '../../../system/ssh/known-hosts.ts'
import type { PinnedKey } from '../../ssh/pins.ts'
import { coded, fine } from '../findings.ts'

export interface OwnFiles {
  /** Of the user's files, with `file`. */
  readonly lines: readonly (HostLine & { readonly file: string })[]
  /** Of the `.old` files beside them. */
  readonly old: readonly (HostLine & { readonly file: string })[]
}

export interface Server {
  readonly host: string
  readonly port: number
  /** What it shows at this port. */
  readonly shown: readonly PinnedKey[]
}

/** ssh prefers these, first to last, while it knows no key of a server. Source: openssh `myproposal.h`. */
const preference = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']

const sayKey = (key: PinnedKey): string => `${typeName(key.type)} ${fingerprintOf(key)}`
const shortKeys = (keys: readonly PinnedKey[]): string => keys.map(({ type }) => typeName(type)).join(', ')
const placeOf = ({ file, number }: { file: string; number: number }): string => `${file}:${number}`

/** What becomes of a connection of the user's own to this port: which key is asked for, and what it is compared with. */
export function judgeOwnFile(subject: string, { lines }: OwnFiles, server: Server): Finding[] {
  const { host, port, shown } = server
  const name = lookupName(host, port)
  const exact = keysOf(lines, name)
  const bare = port === 22 ? [] : keysOf(lines, lookupName(host, 22))
  if (exact.length + bare.length === 0) return []
  // Only keys under the very name move their type to the front of what is asked for.
  const asked = preference.filter((type) => exact.some((one) => one.type === type))
  const key = [...asked, ...preference].flatMap((type) => shown.find((one) => one.type === type) ?? [])[0]
  if (key === undefined) return []
  const revoked = lines.find(
    (line) =>
      line.marker === 'revoked' &&
      line.key === key.key &&
      [name, lookupName(host, 22)].some((one) => speaksOf(line, one)),
  )
  if (revoked !== undefined) return [revokedKey(subject, name, key, fileOf(lines, revoked))]
  // Of several lines of one type any may fit.
  const ofType = exact.filter((one) => one.type === key.type)
  const known = ofType.find((one) => one.key === key.key) ?? ofType[0]
  if (known !== undefined)
    return known.key === key.key
      ? [fine(subject, `your own ssh finds the ${typeName(key.type)} key of ${name} in ${fileOf(lines, known)}`)]
      : [
          coded(
            'warning',
            subject,
            'ssh.own-key-differs',
            `your own ssh refuses ${name}: line ${fileOf(lines, known)} has another ${typeName(key.type)} key than the server shows (${fingerprintOf(key)}); a line with the port wins over one without`,
            `Compare with what the provider publishes. If the shown key is right: ssh-keygen -R '${name}', then connect once by hand.`,
          ),
        ]
  const inBare = bare.find((one) => one.key === key.key)
  if (inBare !== undefined)
    return [
      coded(
        'warning',
        subject,
        'ssh.bare-name',
        `your own ssh accepts ${name} only by the line without a port, ${fileOf(lines, inBare)}; ssh to port 22 may remove that line, and the next connection to port ${port} fails`,
        `Add a line of its own for the port: ssh-keyscan -p ${port} ${host}, compare, append to ${inFile(lines, inBare)}. Muster does not depend on it.`,
      ),
    ]
  const other = [...exact, ...bare][0]
  return [
    coded(
      'warning',
      subject,
      'ssh.type-not-known',
      `your own ssh is shown the ${typeName(key.type)} key of ${name}, but its file has only ${shortKeys([...exact, ...bare])} (${other === undefined ? '' : fileOf(lines, other)}); without a line for ${name} it asks for ${typeName(preference[0] ?? '')} first`,
      `Add a line for ${name}: ssh-keyscan -p ${port} ${host}, compare, append. Muster does not depend on it.`,
    ),
  ]
}

const revokedKey = (subject: string, name: string, key: PinnedKey, where: string): Finding =>
  coded(
    'warning',
    subject,
    'ssh.own-key-revoked',
    `your own ssh refuses ${name}: line ${where} says that the ${sayKey(key)} was taken back (@revoked)`,
    'Ask whoever wrote that line. If the key was stolen, whoever runs the server must make new ones; do not pin it.',
  )

/**
 * Lines that a connection to this port would remove, because the server does not show their keys there.
 * Source: openssh `clientloop.c`, `client_input_hostkeys`, `check_old_keys_othernames`; since 8.5 by default.
 * @param shown What the server shows at that port.
 */
export function judgeRemoval(
  subject: string,
  { lines }: OwnFiles,
  host: string,
  shown: readonly PinnedKey[],
  version: string,
  port = 22,
): Finding[] {
  const name = lookupName(host, port)
  const own = lines.filter((line) => speaksOf(line, name))
  const doomed = own.filter(({ key, marker }) => marker === undefined && !shown.some((one) => one.key === key))
  if (doomed.length === 0 || shown.length === 0) return []
  const others = lines.filter((line) => !own.includes(line))
  const isElsewhere = (keys: readonly PinnedKey[]): boolean =>
    keys.some(({ key }) => others.some((one) => one.key === key))
  const isComplex = own.some(
    ({ names, marker }) => marker !== undefined || names.length > 2 || /[*?!]/.test(names.join('')),
  )
  // A server that proves none of the keys of the file tells nothing that would be believed.
  const isBelieved = own.some(({ key }) => shown.some((one) => one.key === key))
  if (isComplex || isElsewhere(shown) || isElsewhere(doomed) || !isBelieved) return []
  return [
    coded(
      'warning',
      subject,
      'ssh.would-remove',
      `the next ssh or sftp of your own to port ${port} of ${host} removes ${doomed.map((line) => `${placeOf(line)} (${typeName(line.type)})`).join(', ')}: the server does not show that key there, and OpenSSH ${version} tidies up (UpdateHostKeys, since 8.5 by default)`,
      `Put UpdateHostKeys no under Host ${host} in ~/.ssh/config, or add a line for the other port. Muster's own file is never edited by ssh.`,
    ),
  ]
}

/** Keys of `known_hosts.old` that the present file lost. */
export function judgeLost(subject: string, { lines, old }: OwnFiles, host: string, port: number): Finding[] {
  const names = [...new Set([lookupName(host, port), lookupName(host, 22)])]
  const lost = old.filter(
    (line) =>
      line.marker === undefined &&
      names.some((name) => speaksOf(line, name)) &&
      !lines.some(({ key }) => key === line.key),
  )
  return lost.map((line) =>
    coded(
      'warning',
      subject,
      'ssh.lost-key',
      `${placeOf(line)} has a key of ${host} that the present file lost: ${sayKey(line)}; ssh itself removed it, or somebody rewrote the file`,
      `If the server still shows it (muster hostkeys scan ${port === 22 ? host : `${host}:${port}`}), copy that line back, with the port in it.`,
    ),
  )
}

const inFile = (lines: OwnFiles['lines'], line: HostLine): string => lines.find((one) => one === line)?.file ?? ''
const fileOf = (lines: OwnFiles['lines'], line: HostLine): string =>
  placeOf({ file: inFile(lines, line), number: line.number })
