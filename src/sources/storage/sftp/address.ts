/** Addresses of the SFTP backend, and the program that speaks with the server: `sftp:user@host:path`, `sftp://user@host:port/path`. */
import { posix } from 'node:path'
import { type SftpPlace, sftpPlace, splitWords } from '../../sftp-place.ts'
import { type Fetched, fault, fetched, optionOf, type StorageAccess } from '../storage.ts'

export interface SftpAddress {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]]
  /** Absolute, or relative to the home of the user there. */
  readonly path: string
}

/** Source: restic `internal/backend/sftp/config.go`, `sftp.go`: the same program with the same arguments, so that ssh's own settings hold. */
export function parseAddress(access: StorageAccess): Fetched<SftpAddress> {
  const url = access.url.reveal()
  const place = sftpPlace(url)
  if (place === undefined || place.host === '' || place.path === '')
    return fault('unsupported', 'the address cannot be understood')
  // They would be options of ssh, some of which start programs.
  if (place.host.startsWith('-') || place.user.startsWith('-'))
    return fault('denied', 'a host or user that begins with a dash')
  const path = posix.normalize(place.path)
  if (path.startsWith('~')) return fault('unsupported', 'a path that begins with ~')
  const command = commandTo(access, place)
  return command === undefined || command.some((word) => word.includes('\0'))
    ? fault('unsupported', 'sftp.command or sftp.args cannot be understood')
    : fetched({ command, path })
}

function commandTo(access: StorageAccess, { host, port, user }: SftpPlace): SftpAddress['command'] | undefined {
  const [own, more] = [optionOf(access, 'sftp.command') ?? '', optionOf(access, 'sftp.args') ?? '']
  if (own !== '' && more !== '') return undefined
  if (own !== '') {
    const [program, ...words] = splitWords(own) ?? []
    return program === undefined ? undefined : [program, ...words]
  }
  const words = more === '' ? [] : splitWords(more)
  if (words === undefined) return undefined
  const [program = 'ssh', ...options] = access.ssh?.argv ?? []
  return [
    program,
    ...options,
    host,
    ...(port === '' ? [] : ['-p', port]),
    ...(user === '' ? [] : ['-l', user]),
    ...words,
    '-s',
    'sftp',
  ]
}
