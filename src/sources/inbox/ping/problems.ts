/** What a ping can be refused for. */
import { fail } from '../../../model/problem.ts'

export const badSignal = fail({
  code: 'ping.bad-signal',
  message: 'What stands behind the key is neither start, fail, log nor an exit status from 0 to 255.',
  next: 'Leave it out for a success, or write one of those.',
  retry: 'never',
})

export const badRunId = fail({
  code: 'ping.bad-run-id',
  message: 'rid is no UUID.',
  next: 'Write one as uuidgen prints it, the same for the start and the end of a run, or leave it out.',
  retry: 'never',
})

export const badStatus = fail({
  code: 'ping.bad-status',
  message: 'status is neither up nor down.',
  next: 'Write status=up after a good run, status=down after one that failed.',
  retry: 'never',
})
