/** `muster serve` hands on what its jobs did, also what was cut off. */
import { expect, it } from 'vitest'
import { startServe } from '../e2e/daemon.ts'
import { makeWorkspace } from '../e2e/workspace.ts'
import { until } from '../real/wait.ts'
import { serveGateway } from './servers.ts'

it('tells a gateway of a run that was killed, of the next one, and of a job that is gone', async () => {
  await using gateway = await serveGateway()
  using space = makeWorkspace()
  const job = (more: object): object => ({
    repository: 'local',
    sources: ['/nonexistent'],
    schedule: '@every 1s',
    ...more,
  })
  const configure = (jobs: object): void =>
    space.configure({ repository: { create: true }, root: { jobs, metrics: { pushgateway: { url: gateway.url } } } })
  const outcome = async (name: string): Promise<string | undefined> => {
    const values = Object.entries(await gateway.values('muster_job_last_outcome'))
    const [labels] = values.find(([one, value]) => one.includes(`job="${name}"`) && value === 1) ?? []
    return /outcome="([^"]+)"/.exec(labels ?? '')?.[1]
  }
  // Its hook holds the run open until Muster dies.
  configure({ held: job({ hooks: { before: ['sleep', '5'] }, tags: ['a'] }), quick: job({ tags: ['b'] }) })
  const first = await startServe(space)
  await until('a job that fails is told of', async () => (await outcome('quick')) === 'failed')
  await until(
    'the other is running',
    async () => (await first.metrics()).get('muster_job_running{job="held",repository="local"}') === 1,
  )
  // Instants that came while it runs are left out.
  expect([undefined, 'skipped']).toContain(await outcome('held'))
  await first.stop('SIGKILL')
  await gateway.kill()
  await gateway.start()
  configure({ held: job({ hooks: { before: ['sleep', '5'] }, tags: ['a'] }) })
  await using second = await startServe(space)
  await until('what was cut off is told', async () => (await outcome('held')) === 'interrupted')
  // What was told of it was lost with the gateway, and nobody tells it anew.
  expect(await outcome('quick')).toBeUndefined()
  const metrics = await second.metrics()
  expect(metrics.get('muster_push_up{target="pushgateway"}')).toBe(1)
  const { pushes } = (await (await fetch(`${second.url}api/v1/status`)).json()) as { pushes: unknown }
  expect(pushes).toMatchObject([{ target: 'pushgateway', refused: 0, totals: { refused: 0 } }])
  // It is told to end while the next run of the job is on.
  await until(
    'it runs again',
    async () => (await second.metrics()).get('muster_job_running{job="held",repository="local"}') === 1,
  )
  await second.stop('SIGTERM')
  expect(await outcome('held')).toBe('cancelled')
})
