/** Repositories over SFTP: where they are, and how restic is told which ssh to start. */
import type { SshPlace } from '../../../system/ssh/place.ts'
import { joinWords, sftpPlace, splitWords } from '../../sftp-place.ts'
import type { SshCommand } from '../tool.ts'

/** The last one counts. */
export const optionOf = (options: readonly string[], key: string): string | undefined =>
  options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1)

/** @returns Undefined also with `sftp.command`: that is the user's own program, and takes its own care of host keys. */
export function sshPlace(url: string, options: readonly string[]): SshPlace | undefined {
  const place = url.startsWith('sftp:') ? sftpPlace(url) : undefined
  if (place === undefined || place.host === '' || place.host.startsWith('-') || place.user.startsWith('-'))
    return undefined
  if ((optionOf(options, 'sftp.command') ?? '') !== '') return undefined
  return {
    host: place.host,
    ...(place.port !== '' && { port: Number(place.port) }),
    ...(place.user !== '' && { user: place.user }),
    path: place.path,
    args: splitWords(optionOf(options, 'sftp.args') ?? '') ?? [],
  }
}

/**
 * The options of the user with ours in them.
 * @param hasArguments Whether this restic is known to take `sftp.args`: 0.17.0 and later; a whole command every version takes.
 */
export function sftpOptions(
  url: string,
  options: readonly string[],
  { argv }: SshCommand,
  hasArguments: boolean,
): readonly string[] {
  const place = sshPlace(url, options)
  if (place === undefined) return options
  const others = options.filter((option) => !option.startsWith('sftp.args='))
  const own = [...argv.slice(1), ...place.args]
  const words = joinWords(
    hasArguments
      ? own
      : [
          argv[0] ?? 'ssh',
          place.host,
          ...(place.port === undefined ? [] : ['-p', String(place.port)]),
          ...(place.user === undefined ? [] : ['-l', place.user]),
          ...own,
          '-s',
          'sftp',
        ],
  )
  // A word with both kinds of quote: nothing that restic could be told.
  if (words === undefined) return options
  return [...others, `${hasArguments ? 'sftp.args' : 'sftp.command'}=${words}`]
}
