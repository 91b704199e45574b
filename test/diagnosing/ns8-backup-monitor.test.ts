/** In the place of ns8-backup-monitor: its own config.yml, its address, its payload, its subject, its words in the log. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { main } from '../e2e/workspace.ts'
import { freePort } from '../readers/servers.ts'
import { makePlace } from '../real/place.ts'
import { startRedis } from '../real/redis.ts'
import { until } from '../real/wait.ts'
import { makeNode } from './node-of-ns8.ts'

it('muster serve --from ns8-backup-monitor answers its payload with one mail', { timeout: 120_000 }, async () => {
  using place = makePlace()
  await using redis = await startRedis()
  await using node = await makeNode(place)
  const port = await freePort()
  const [log, mails, bin] = [place.at('monitor.log'), place.at('mails'), place.at('bin')]
  mkdirSync(bin)
  // A stand-in for runagent in PATH: mail is written down, all else is for the other stand-in.
  writeFileSync(
    `${bin}/runagent`,
    `#!/bin/sh
if [ "$1" = ns8-sendmail ]; then
  shift
  { printf '%s|' "$@"; echo; cat; echo; echo ---; } >> '${mails}'
  exit 0
fi
exec '${node.runagent[0]}' "$@"
`,
  )
  chmodSync(`${bin}/runagent`, 0o755)
  writeFileSync(
    place.at('config.yml'),
    `mail:
  from: "backup@ns02.example.com"
  to: ["admin@example.com", "second@example.com"]
  subject_prefix: "[NS8 Backup]"
receiver: { host: "127.0.0.1", port: ${port} }
correlator: { wait_seconds: 1, recent_window: 3600 }
redis: { socket: "${redis.socket}" }
repo_check: { enabled: true, timeout: 30 }
logging: { level: "INFO", file: "${log}" }
`,
  )
  const status = (result: string, error: string) => ({ result, error, timestamp: new Date().toISOString() })
  await redis.fill({
    'module/mail1/backup/1/status': status('error', ''),
    'module/web1/backup/1/status': status('success', ''),
    'module/mail1/ui_name': '<b>Mail</b>',
  })
  node.set({ mail1: 'wrong password', web1: 'sound' })
  const child = spawn(process.execPath, [main, 'serve', '--from', `ns8-backup-monitor:${place.at('config.yml')}`], {
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: place.path, MUSTER_STATE: place.at('state') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'close')
  try {
    const url = `http://127.0.0.1:${port}/alert`
    const alerts = [{ status: 'firing', labels: { alertname: 'NsBackupFailed', backup_id: '1' } }]
    const post = (body: object): Promise<Response> =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    await until('it takes alerts', async () => (await post({ alerts }).catch(() => undefined))?.status === 200)
    // The same again is the same; one that is no backup's is nothing.
    expect((await post({ alerts })).status).toBe(200)
    expect((await post({ alerts: [{ labels: { alertname: 'Watchdog' } }] })).status).toBe(200)
    expect((await fetch(url)).status).toBe(405)
    const told = (): string[] => (existsSync(mails) ? readFileSync(mails, 'utf8').split('---\n').slice(0, -1) : [])
    await until('the mail is sent', () => told().length >= 2, 30_000)
    const all = told()
    expect(all.map((mail) => mail.split('\n')[0])).toEqual(
      ['admin@example.com', 'second@example.com'].map(
        (to) => `-s|[NS8 Backup] ⚠️ Backup partially failed|-f|backup@ns02.example.com|${to}|`,
      ),
    )
    expect(all[0]).toContain('credentials')
    expect(all[0]).toContain('&lt;b&gt;Mail')
    expect(all[0]).not.toContain('<b>Mail')
    const said = readFileSync(log, 'utf8')
    for (const line of ['Received 1 relevant alert(s)', 'Sending notification...']) expect(said).toContain(line)
    expect(said.match(/relevant alert/g)).toHaveLength(1)
    expect(said + all.join()).not.toContain('canary')
    // Nothing in Redis: its own words for it.
    await redis.fill({})
    await post({ alerts: [{ status: 'firing', labels: { alertname: 'NsBackupMissing' } }] })
    await until('the second mail is sent', () => told().length >= 4, 30_000)
    expect(told()[2]).toContain('❌ Backup failed – possible repository error')
    expect(readFileSync(log, 'utf8')).toContain('No recent backup status keys found in Redis')
  } finally {
    child.kill('SIGTERM')
    await ended
  }
})
