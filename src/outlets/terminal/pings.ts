/** How another program tells of its backups: lines for a shell, with the key read from where it is and never shown. */
import type { SecretSource } from '../../model/secret-source.ts'

export interface ShownPing {
  readonly name: string
  /** `http://127.0.0.1:9121/ping/$KEY`. */
  readonly address: string
  /** `http://127.0.0.1:9121/api/push/$KEY`. */
  readonly push: string
  /** What a shell makes KEY of; absent where no shell can. */
  readonly key?: string
}

/** @param base `http://127.0.0.1:9121/`. */
export function shownPing(name: string, source: SecretSource, base: string): ShownPing {
  const key = keyOf(source)
  const at = base.replace(/\/*$/, '')
  return { name, address: `${at}/ping/$KEY`, push: `${at}/api/push/$KEY`, ...(key !== undefined && { key }) }
}

/**
 * The key goes to curl by a pipe: in its arguments everybody on the machine could read it. A Muster that is down for two minutes loses no
 * word: 1 + 2 + … + 64 s. Source: curl(1), --retry; it takes a refused connection for final unless told otherwise.
 */
export function renderPings(pings: readonly ShownPing[]): string {
  if (pings.length === 0)
    return 'No job is told of by another program.\n    → Add one under pings; docs/pinging.md shows how.'
  return pings
    .map(({ name, address, push, key }) =>
      [
        name,
        `    KEY=${key ?? '…  # the secret that its `key` names'}`,
        `    tell() { printf 'url = "${address.replace('$KEY', '%s')}%s"\\n' "$KEY" "$1" | curl -fsS -m 10 --retry 7 --retry-connrefused -o /dev/null -K -; }`,
        '    tell /start; YOUR-BACKUP; tell "/$?"',
        `    # or, as Uptime Kuma has it: ${push}?status=up&msg=OK`,
      ].join('\n'),
    )
    .join('\n\n')
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

function keyOf(source: SecretSource): string | undefined {
  if (typeof source === 'string') return undefined
  if ('file' in source) return `$(cat ${quoted(source.file)})`
  if ('env' in source) return `$${source.env}`
  if ('command' in source) return `$(${source.command.map(quoted).join(' ')})`
  if ('credential' in source) return `$(cat "$CREDENTIALS_DIRECTORY"/${quoted(source.credential)})`
  return undefined
}
