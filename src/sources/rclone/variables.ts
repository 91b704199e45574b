/** How rclone is told by which host keys, and with which key, it speaks ssh. Each wins over the configuration of rclone. */
import type { Secret } from '../../model/secret.ts'
import type { SshCommand } from '../tools/tool.ts'

/** Source: rclone documentation, "SFTP", advanced options; the list of algorithms since 1.63, unknown to versions before. */
export function sshVariables(ssh: SshCommand | undefined): Readonly<Record<string, string>> {
  if (ssh === undefined) return {}
  const { knownHosts, identity, own } = ssh
  return {
    RCLONE_SFTP_KNOWN_HOSTS_FILE: knownHosts,
    RCLONE_SFTP_PIN_HOST_KEY: 'false',
    ...(identity !== undefined && { RCLONE_SFTP_KEY_FILE: identity }),
    ...(own?.port !== undefined && { RCLONE_SFTP_PORT: String(own.port) }),
    ...(own !== undefined && own.types.length > 0 && { RCLONE_SFTP_HOST_KEY_ALGORITHMS: algorithmsOf(own.types) }),
  }
}

/** One key of RSA signs by several; a server is asked for those alone whose keys are pinned. */
const algorithmsOf = (types: readonly string[]): string =>
  types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', type] : [type])).join(' ')

export const revealed = (environment: Readonly<Record<string, Secret>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.reveal()]))
