/** Repositories behind rclone, which restic starts, and hands its environment on to. */
import { loadRcloneConfig } from '../../rclone/dump.ts'
import { isOwnSsh, type SshEnd, sshEnds } from '../../rclone/ssh-ends.ts'
import { revealed } from '../../rclone/variables.ts'
import { splitWords } from '../../sftp-place.ts'
import type { RepositoryAccess } from '../tool.ts'
import { optionOf } from './sftp.ts'

const scheme = 'rclone:'
/** Options of this backend. */
const ownOption = (options: readonly string[], key: string): string | undefined => optionOf(options, `rclone.${key}`)

/** A program with arguments of its own, such as `ssh host rclone`, is the user's own matter, as `sftp.command` is. */
function programOf(options: readonly string[]): string | undefined {
  const words = splitWords(ownOption(options, 'program') ?? 'rclone')
  return words?.length === 1 ? words[0] : undefined
}

export const speaksSsh = (url: string, options: readonly string[]): boolean =>
  url.startsWith(scheme) && programOf(options) !== undefined

export async function sshEndsOf(
  { url, options, environment }: RepositoryAccess,
  _sources: readonly string[],
  signal: AbortSignal,
): Promise<readonly SshEnd[]> {
  const program = programOf(options)
  if (program === undefined) return []
  const args = splitWords(ownOption(options, 'args') ?? '') ?? []
  const config = await loadRcloneConfig({ program, args: configArguments(args), environment }, signal)
  const ends = sshEnds([url.reveal().slice(scheme.length)], config, revealed(environment))
  const ownKeys = args.find(isOwnSsh)
  return ownKeys === undefined ? ends : ends.map((end) => ({ ...end, ownKeys }))
}

/** Where another configuration is named. */
function configArguments(args: readonly string[]): readonly string[] {
  const at = args.findIndex((argument) => /^--config(?:=|$)/.test(argument))
  return at === -1 ? [] : args.slice(at, args[at] === '--config' ? at + 2 : at + 1)
}
