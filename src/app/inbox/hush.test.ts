import { expect, it } from 'vitest'
import { makeApp } from '../../../test/notify/app.ts'
import { sorted } from './sort.ts'

it('passwords of repositories and logins in addresses are taken out of what alerts say', async () => {
  const text = {
    inbox: {},
    repositories: { box: { tool: 'restic', url: '/box', password: { env: 'BOX' } } },
  }
  const app = { ...makeApp(JSON.stringify(text), undefined as never), env: { BOX: 'canary-of-the-box' } }
  const told = {
    status: 'firing',
    labels: { alertname: 'BackupFailed', error: 'canary-of-the-box' },
    annotations: { summary: 'rest:https://u:hunter2@host/ canary-of-the-box' },
    generatorURL: 'http://u:hunter3@host/',
    startsAt: new Date(0),
  } as const
  const around = {
    way: 'webhook',
    receivedAt: new Date(0),
    truncated: 0,
    externalURL: 'http://u:hunter4@host/',
  } as const
  const [alert] = await sorted(app, [told], around)
  expect(JSON.stringify(alert)).not.toMatch(/canary|hunter/)
  expect(alert?.annotations.summary).toBe('rest:https://u:***@host/ ***')
})
