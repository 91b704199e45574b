/** `muster hostkeys`: fingerprints beside what is pinned. */
import { type Agreement, type HostKeyReport, isContradicted, type PinnedHost } from '../../model/host-key.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const words: Record<Agreement, string> = { agrees: 'agrees', differs: 'DIFFERS', revoked: 'REVOKED', unknown: '-' }
const said = (agreement: Agreement, where = ''): string =>
  paint(agreement === 'agrees' ? 'green' : agreement === 'unknown' ? 'dim' : 'red', words[agreement]) +
  (agreement === 'unknown' || where === '' ? '' : ` (${oneLine(where)})`)

export function renderScan({ host, name, banner, keys, missing, changed }: HostKeyReport): string {
  const rows = keys.map(({ type, fingerprint, pinned, yours, configured, where }) => [
    type,
    fingerprint,
    said(pinned),
    said(yours, where),
    said(configured),
  ])
  return [
    `${oneLine(host)}, known as ${oneLine(name)}${banner === undefined ? '' : `: ${oneLine(banner)}`}`,
    table(['type', 'fingerprint', 'pinned', 'your known_hosts', 'configuration'], rows),
    ...missing.map(({ type, fingerprint }) => `Pinned, but not shown: ${type} ${fingerprint}`),
    ...(changed ? [paint('red', 'Something else than Muster changed what was pinned for it.')] : []),
    ...(keys.some(isContradicted)
      ? [
          paint(
            'red',
            'A key differs from one that is pinned, or was taken back: it was exchanged, or somebody is in between.',
          ),
        ]
      : []),
  ].join('\n')
}

export function renderPinned(hosts: readonly PinnedHost[], file: string): string {
  if (hosts.length === 0) return `Nothing is pinned yet. Pin a server with: muster hostkeys trust HOST[:PORT]`
  const rows = hosts.flatMap(({ name, keys, changed }) =>
    keys.map(({ type, fingerprint }) => [
      oneLine(name),
      type,
      fingerprint,
      changed ? paint('red', 'changed by something else') : '',
    ]),
  )
  return `${table(['server', 'type', 'fingerprint', ''], rows)}\n${file}`
}
