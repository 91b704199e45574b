/** Which servers a tree, and what is copied into it, lie on. */
import { resolve } from 'node:path'
import { colonOf } from '../../rclone/address.ts'
import { loadRcloneConfig } from '../../rclone/dump.ts'
import { type SshEnd, sshEnds } from '../../rclone/ssh-ends.ts'
import { revealed } from '../../rclone/variables.ts'
import type { RepositoryAccess } from '../tool.ts'

/** A remote may be anything; a path of this machine is none. */
export const speaksSsh = (url: string): boolean => colonOf(url) !== -1

export async function sshEndsOf(
  access: RepositoryAccess,
  sources: readonly string[],
  signal: AbortSignal,
): Promise<readonly SshEnd[]> {
  const { program = 'rclone', environment, password, own } = access
  const { file } = (own?.config ?? {}) as { readonly file?: string }
  const config = await loadRcloneConfig(
    {
      program,
      environment: { ...environment, ...(file !== undefined && { RCLONE_CONFIG: resolve(file) }) },
      ...(password && { password }),
    },
    signal,
  )
  return sshEnds([access.url.reveal(), ...sources], config, revealed(environment))
}
