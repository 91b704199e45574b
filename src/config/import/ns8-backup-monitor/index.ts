/** The configuration of ns8-backup-monitor: mail, receiver, correlator, Redis, check, log. Source: its README. */
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { readYaml } from '../../read-yaml.ts'
import type { FileImporter, Imported } from '../importer.ts'
import { type Fields, readFields } from './fields.ts'

export const importer: FileImporter = {
  system: 'ns8-backup-monitor',
  reads: 'file',
  defaultFile: '/etc/ns8-backup-monitor/config.yml',
  read,
}

function read(text: string): Imported {
  const yaml = readYaml(text)
  const nothing = { notes: [], leftOut: [] }
  if (!yaml.ok) return { ...nothing, errors: yaml.errors, warnings: [] }
  const { fields, errors, warnings } = readFields(yaml.yaml.value ?? {})
  const placed = (findings: typeof errors) =>
    findings.map((finding) => ({ ...yaml.yaml.place(finding.path), ...finding }))
  if (errors.length > 0) return { ...nothing, errors: placed(errors), warnings: placed(warnings) }
  const isLoopback = /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(fields.host)
  return {
    raw: toConfig(fields),
    errors: [],
    warnings: placed(warnings),
    notes: notesFor(fields, isLoopback),
    leftOut: [],
    log: { level: fields.level, ...(fields.file !== '' && { file: fields.file }) },
    // Whoever reaches the address may post alerts, as before, and nothing else.
    ...(!isLoopback && { bind: addressOf(fields) }),
    origin: ([first, second, third]) => origins[[first, second, third].filter((part) => part !== undefined).join('/')],
  }
}

const addressOf = ({ host, port }: Fields): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`

function toConfig(fields: Fields) {
  const { from, to, subjectPrefix, waitSeconds, recentWindow, socket, isChecked, timeout } = fields
  return {
    server: { listen: addressOf(fields) },
    inbox: {},
    ns8: { ...(socket !== undefined && { redis: { socket } }), recentWindow: seconds(recentWindow) },
    diagnose: {
      wait: seconds(waitSeconds),
      subjectPrefix,
      probe: { enabled: isChecked, timeout: seconds(timeout) },
    },
    notify: { mail: { kind: 'email', to, ...(from !== undefined && { from }), ns8: true } },
    repositories: {},
  }
}

/** Durations are whole seconds. */
const seconds = (count: number): string => `${Math.ceil(count)}s`

function notesFor({ socket, file, level, host, port }: Fields, isLoopback: boolean): string[] {
  return [
    'NethServer 8 itself has no Redis socket on the host, and other alert names than that program assumed: see docs/coming-from/ns8-backup-monitor.md.',
    ...(socket === undefined ? ['Redis is asked at 127.0.0.1:6379.'] : []),
    ...(level === 'info' ? [] : [`Not carried: logging.level. Start with --log-level ${level}.`]),
    ...(file === ''
      ? []
      : [`Not carried: logging.file. Let systemd write it: StandardError=append:${file} (folder ${dirname(file)}).`]),
    ...(isLoopback
      ? []
      : [`${host}:${port} is open to others: add server.auth, or inbox.tokens for the Alertmanager alone.`]),
  ]
}

/** What a fault in the translation is called over there. */
const origins: Readonly<Record<string, string>> = {
  'server/listen': 'receiver.host',
  'notify/mail/to': 'mail.to',
  'notify/mail/from': 'mail.from',
  'diagnose/subjectPrefix': 'mail.subject_prefix',
  'diagnose/wait': 'correlator.wait_seconds',
  'ns8/recentWindow': 'correlator.recent_window',
  'ns8/redis/socket': 'redis.socket',
  'diagnose/probe/timeout': 'repo_check.timeout',
  'diagnose/probe/enabled': 'repo_check.enabled',
}
