import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Imported } from '../importer.ts'
import { loadForeign } from '../load.ts'
import { importer } from './index.ts'

const whole = `
mail:
  from: "backup@ns02.example.com"
  to:
    - "admin@example.com"
    - second@example.com
  subject_prefix: "[Mine]"
receiver:
  host: "127.0.0.1"
  port: 9100
correlator:
  wait_seconds: 5
  recent_window: 7200
redis:
  socket: "/run/redis.sock"
repo_check:
  enabled: no
  timeout: 90
logging:
  level: "WARNING"
  file: "/var/log/ns8-backup-monitor/monitor.log"
`
const read = (text: string): Imported => importer.read(text, {})

/** As `muster serve --from` takes it. */
function load(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-ns8-'))
  try {
    writeFileSync(join(folder, 'config.yml'), text)
    return loadForeign(`ns8-backup-monitor:${join(folder, 'config.yml')}`, undefined, { serves: true }, {})
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the configuration of ns8-backup-monitor', () => {
  it('honours every key', () => {
    const { config, errors, warnings, log, bind } = load(whole)
    expect([errors, warnings, bind]).toEqual([[], [], undefined])
    expect(config).toMatchObject({
      server: { listen: '127.0.0.1:9100' },
      diagnose: { wait: 5_000, subjectPrefix: '[Mine]', probe: { enabled: false, timeout: 90_000 } },
      ns8: { recentWindow: 7_200_000, redis: { socket: '/run/redis.sock' } },
      notify: {
        mail: {
          kind: 'email',
          from: 'backup@ns02.example.com',
          to: ['admin@example.com', 'second@example.com'],
          ns8: true,
        },
      },
    })
    expect(log).toEqual({ level: 'warn', file: '/var/log/ns8-backup-monitor/monitor.log' })
  })

  it('has the defaults of its example where a key is not there', () => {
    const { config, errors, log } = load('mail: { to: admin@example.com }\n')
    expect(errors).toEqual([])
    expect(config).toMatchObject({
      server: { listen: '127.0.0.1:9099' },
      diagnose: { wait: 30_000, subjectPrefix: '[NS8 Backup]', success: true, resolved: false },
      ns8: { recentWindow: 3_600_000 },
    })
    expect(config?.diagnose.probe).toMatchObject({ enabled: true, timeout: 60_000 })
    expect(log).toEqual({ level: 'info' })
  })

  it('takes a wait of nothing, numbers in quotes, and several recipients in one text', () => {
    const { config, errors } = load('mail: { to: "a@example.com, b@example.com" }\ncorrelator: { wait_seconds: "0" }\n')
    expect(errors).toEqual([])
    expect(config?.diagnose.wait).toBe(0)
    expect(config?.notify.mail).toMatchObject({ to: ['a@example.com', 'b@example.com'] })
  })

  it('says all that is wrong at once, where it stands', () => {
    const { errors, warnings } = read(
      'mail: { from: x }\nreceiver: { port: many }\nrepo_check: { enabled: perhaps }\nlogging: { level: LOUD }\nredis: text\nmial: 1\n',
    )
    expect(errors.map(({ path, line }) => [path.join('.'), line])).toEqual([
      ['receiver.port', 2],
      ['repo_check.enabled', 3],
      ['logging.level', 4],
      ['mail.to', 1],
      ['redis', 5],
    ])
    expect(errors.every(({ next }) => next !== '')).toBe(true)
    expect(warnings).toMatchObject([{ path: ['mial'], line: 6 }])
  })

  it('names a bad address by the key of that file', () => {
    const { errors } = load('mail: { to: "not an address" }\n')
    expect(errors[0]?.path).toEqual(['mail.to'])
  })

  it('is open to others only for alerts, as it was', () => {
    const { bind, config } = load('mail: { to: a@example.com }\nreceiver: { host: 0.0.0.0 }\n')
    expect(bind).toBe('0.0.0.0:9099')
    expect(config).toBeDefined()
  })

  it.each(['', '[]', 'mail: [', '\u0000', '- a\n- b', 'mail: &a [*a]'])('refuses %j without a fall', (text) => {
    expect(read(text).errors.length).toBeGreaterThan(0)
  })
})
