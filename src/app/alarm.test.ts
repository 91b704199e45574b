import { expect, it } from 'vitest'
import { openAlarm } from './alarm.ts'

const never = new AbortController().signal

it('ends a sleep, and the next one where nobody slept', async () => {
  const alarm = openAlarm()
  const slept = alarm.sleep(60_000, never)
  alarm.wake()
  await slept
  alarm.wake()
  await alarm.sleep(60_000, never)
  const begun = performance.now()
  await alarm.sleep(30, never)
  expect(performance.now() - begun).toBeGreaterThan(20)
})

it('does not sleep once it is aborted', () => openAlarm().sleep(60_000, AbortSignal.abort()))
