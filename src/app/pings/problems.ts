/** Why a run that another program told of did not go well. */
import type { Problem } from '../../model/problem.ts'
import type { Run } from '../../model/run.ts'

/** So much of what it said last stands in a message; all of it is in the log of the run. */
const mostSaid = 200

export function failed(job: string, exitCode: number | undefined, text: string): Problem {
  const last =
    text
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? ''
  const how = exitCode === undefined ? 'told that it failed' : `ended with exit status ${exitCode}`
  return {
    code: 'ping.failed',
    message: `The program that runs ${job} ${how}${last === '' ? '' : `: ${last.slice(0, mostSaid)}`}${/[.!?]$/.test(last) ? '' : '.'}`,
    next: 'Look at what it said, on the page of the job and where it runs; mend that, and run it again there.',
    retry: 'next-run',
  }
}

/** Begun again, though its end was never told. */
export const neverEnded = (job: string, run: Run): Problem => ({
  code: 'ping.never-ended',
  message: `${job} began at ${run.startedAt.toISOString()} and began again, and its end was never told.`,
  next: 'See whether it was killed, and let it tell its end also when it fails. Runs that go on side by side need a rid each.',
  retry: 'next-run',
})

export const noEnd = (job: string, run: Run): Problem => ({
  code: 'ping.no-end',
  message: `${job} began at ${run.startedAt.toISOString()}, and its end was never told.`,
  next: 'See on the machine that runs it whether it hangs or was killed; if it takes so long, raise its stallLimit and timeLimit.',
  retry: 'next-run',
})
